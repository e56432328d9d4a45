"""What every provider must do, whatever its vendor: a base class that each provider's tests inherit.

A subclass says how its vendor talks (the hooks on top); the tests below are the same for all.
Return an empty list from a hook where the vendor has no such thing.
"""

from __future__ import annotations

import dataclasses
import ipaddress
import json
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, ClassVar

import pytest

from sportello.channels.contract import (
    Address,
    Envelope,
    Failed,
    FieldKind,
    Inbound,
    Outbound,
    Provider,
    Raw,
    Refused,
    Sent,
    StatusUpdate,
    Unknown,
    Unreadable,
)
from sportello.core.net import Net
from tests.vendors.cloud import Answer, Cloud

GARBAGE = (
    b"", b"\x00", b"\xff\xfe\xfd", b"{", b"[]", b"{}", b"null", b"true", b"0", b'"text"', b"[[[[1]]]]", b"<xml/>",
    b'{"entry": null}', b'{"entry": 3}', b'{"entry": [null, 1, "x", [], {}]}', b'{"events": [null, 1]}', b'{"message": []}',
    b'{"update_id": "x", "message": {"chat": null}}', b"a=1&b=%ff&From=", b"[" * 3000, b'{"a":' * 3000, b'{"entry": "\\ud800"}',
    b'{"object": "page", "entry": [{"messaging": [{"message": 7, "sender": "x"}], "changes": {"a": 1}}]}', b"9" * 6000, b"NaN",
)  # fmt: skip


class Conformance:
    """Hooks first, laws after."""

    provider: ClassVar[Provider]
    settings: ClassVar[dict[str, Any]]
    """Working settings; `api_base` is set to the stand-in's address by the tests that send."""
    names: ClassVar[tuple[str, ...]] = ()
    """Names of settings that the outside relies on: they must be declared, spelt so."""
    recipient: ClassVar[str] = "12345"
    rate_limit: ClassVar[Answer] = Answer(429, {"error": "slow down"}, {"Retry-After": "7"})
    refusal: ClassVar[Answer] = Answer(400, {"error": {"message": "That person left us"}})
    refusal_words: ClassVar[str] = "That person left us"
    signs: ClassVar[bool] = True
    """False where the vendor signs nothing (long polling)."""

    def sign(self, body: bytes, settings: dict[str, Any]) -> Raw:
        """`body` as a genuine call of the vendor."""
        raise NotImplementedError

    def message(self, external_id: str = "m1", text: str = "Good morning") -> bytes:
        """A text message of a customer."""
        raise NotImplementedError

    def statuses(self) -> list[bytes]:
        """Sent, delivered, read of one message of ours, in this order."""
        return []

    def ignored(self) -> list[bytes]:
        """Well-formed things that say nothing to us: unknown types, other accounts' events."""
        return []

    def cloud(self) -> Cloud:
        """The stand-in; it accepts what `outbound` says."""
        raise NotImplementedError

    def outbound(self) -> Outbound:
        return Outbound(
            idempotency_key=str(uuid.uuid4()),
            recipient=Address(self.provider.identity_kind, self.recipient),
            text="Buongiorno, come va? 🙂",
        )

    # ------------------------------------------------------------------ declarations

    def test_settings_are_declared_as_the_outside_knows_them(self) -> None:
        declared = {s.name: s for s in self.provider.settings}
        assert not set(self.names) - set(declared)
        assert set(self.settings) <= set(declared)
        for name, setting in declared.items():
            if any(word in name for word in ("token", "secret", "password")):
                assert setting.kind is FieldKind.SECRET, name
        assert self.provider.guide
        assert self.provider.name
        assert self.provider.identity_kind

    # ------------------------------------------------------------------ who is calling

    def test_a_genuine_call_is_let_in(self) -> None:
        self.provider.verify(self.sign(self.message(), self.settings), self.settings)

    def test_a_signature_that_is_wrong_or_missing_is_refused(self) -> None:
        if not self.signs:
            return
        genuine = self.sign(self.message(), self.settings)
        forged = [
            dataclasses.replace(genuine, headers={}),
            dataclasses.replace(
                genuine, headers={k: f"{v[:-2]}zz" for k, v in genuine.headers.items()}
            ),
            dataclasses.replace(genuine, headers=dict.fromkeys(genuine.headers, "")),
            dataclasses.replace(genuine, headers=dict.fromkeys(genuine.headers, "é\udcff☃")),
        ]
        for raw in forged:
            with pytest.raises(Refused):
                self.provider.verify(raw, self.settings)

    def test_a_changed_body_is_refused(self) -> None:
        if not self.signs or not self.signs_body:
            return
        genuine = self.sign(self.message(text="one euro"), self.settings)
        other = self.message(text="two euro")
        with pytest.raises(Refused):
            self.provider.verify(dataclasses.replace(genuine, body=other), self.settings)

    signs_body: ClassVar[bool] = True
    """False where a secret header or URL is all the proof there is."""

    def test_without_a_secret_nobody_is_let_in(self) -> None:
        """An attacker can compute the signature of an empty secret as well as we can."""
        if not self.signs:
            return
        secrets = {s.name for s in self.provider.settings if s.kind is FieldKind.SECRET}
        for empty in ("", None):
            bare: dict[str, Any] = {
                k: (empty if k in secrets else v) for k, v in self.settings.items()
            }
            signed = self.sign(self.message(), bare | dict.fromkeys(secrets & set(bare), ""))
            with pytest.raises(Refused):
                self.provider.verify(signed, bare)

    # ------------------------------------------------------------------ what it says

    def test_a_message_is_read(self) -> None:
        (found,) = self.inbounds(self.message("m-77", "Good morning"))
        assert found.external_id
        assert found.text == "Good morning"
        assert found.sender.address
        assert found.sender.kind == self.provider.identity_kind

    def test_a_redelivery_has_the_same_ids(self) -> None:
        body = self.message()
        assert self.inbounds(body) == self.inbounds(body)
        first, second = (self.inbounds(self.message(i)) for i in ("m1", "m2"))
        assert first[0].external_id != second[0].external_id

    def test_the_envelope_names_what_parse_will_find(self) -> None:
        raw = self.sign(self.message("m-77"), self.settings)
        envelope = self.provider.envelope(raw)
        (found,) = self.inbounds(raw.body)
        assert envelope.order_key
        if envelope.external_ids:
            assert found.external_id in envelope.external_ids

    def test_one_customers_messages_have_one_order_key(self) -> None:
        keys = {
            self.provider.envelope(self.sign(self.message(i), self.settings)).order_key
            for i in ("m1", "m2")
        }
        assert len(keys) == 1

    def test_statuses_are_read_in_any_order(self) -> None:
        bodies = self.statuses()
        forwards = [self.updates(body) for body in bodies]
        backwards = [self.updates(body) for body in reversed(bodies)]
        assert forwards == backwards[::-1]
        assert all(update.external_id for updates in forwards for update in updates)

    def test_what_says_nothing_to_us_is_ignored(self) -> None:
        for body in self.ignored():
            assert self.provider.parse(self.sign(body, self.settings), self.settings) == []

    def test_unknown_fields_are_tolerated(self) -> None:
        body = self.message()
        try:
            data = json.loads(body)
        except ValueError:
            return
        grown = json.dumps(_grow(data)).encode()
        assert [m.text for m in self.inbounds(grown)] == [m.text for m in self.inbounds(body)]

    def test_nothing_on_the_wire_breaks_us(self) -> None:
        for body in self.hostile():
            raw = self.sign(body, self.settings)
            assert isinstance(self.provider.envelope(raw), Envelope)
            for touched in (raw, dataclasses.replace(raw, headers={}, query="%ff&=", url="x")):
                try:
                    self.provider.verify(touched, self.settings)
                    for parsed in self.provider.parse(touched, self.settings):
                        self.must_be_storable(parsed)
                except (Refused, Unreadable):
                    pass

    def must_be_storable(self, parsed: Any) -> None:
        """An id, an author, and no NUL: PostgreSQL takes none."""
        if isinstance(parsed, Inbound):
            assert parsed.external_id
            assert parsed.sender.address
            words = (parsed.external_id, parsed.text, parsed.sender.address, parsed.contact_name)
            assert "\0" not in "".join(words)
        elif isinstance(parsed, StatusUpdate):
            assert "\0" not in parsed.external_id + parsed.reason

    def hostile(self) -> Iterator[bytes]:
        """Garbage, giants, and every message with each value replaced by what does not belong there."""
        yield from GARBAGE
        yield b'{"entry": [' + b'{"id": "1"},' * 60_000 + b"{}]}"
        for body in (self.message(), *self.statuses(), *self.ignored()):
            yield body[: len(body) // 2]
            yield body.replace(b"Good morning", b"x" * 2_000_000)
            yield body.replace(b"Good morning", b"\\u0000 \\ufffe")
            yield body.replace(b"Good morning", b"\xff\xfe")
            try:
                data = json.loads(body)
            except ValueError:
                continue
            for broken in _break(data):
                yield json.dumps(broken).encode()

    # ------------------------------------------------------------------ the way out

    def test_what_is_sent_arrives_and_has_an_id(self) -> None:
        with self.cloud() as cloud:
            outcome = self.send(cloud)
            assert isinstance(outcome, Sent), outcome
            assert outcome.external_id
            assert cloud.calls

    def test_no_answer_in_time_is_unknown(self) -> None:
        with self.cloud() as cloud:
            cloud.script.append(Answer(200, {}, delay=1.2))
            assert isinstance(self.send(cloud), Unknown)
            assert len(cloud.calls) == 1, "what may have left is not sent again"

    def test_nobody_there_is_worth_another_try(self) -> None:
        with self.cloud() as cloud:
            pass
        outcome = self.send(cloud)
        assert isinstance(outcome, Failed), outcome
        assert not outcome.permanent

    def test_a_rate_limit_says_when_to_come_back(self) -> None:
        with self.cloud() as cloud:
            cloud.script.append(self.rate_limit)
            outcome = self.send(cloud)
        assert isinstance(outcome, Failed), outcome
        assert not outcome.permanent
        if "Retry-After" in self.rate_limit.headers:
            assert outcome.retry_after == timedelta(
                seconds=int(self.rate_limit.headers["Retry-After"])
            )

    def test_a_refusal_is_for_good_and_in_the_vendors_words(self) -> None:
        with self.cloud() as cloud:
            cloud.script.append(self.refusal)
            outcome = self.send(cloud)
        assert isinstance(outcome, Failed), outcome
        assert outcome.permanent
        assert self.refusal_words in outcome.reason

    def test_a_vendor_out_of_order_is_not_the_end(self) -> None:
        for answer in (
            Answer(500, {"error": "oops"}),
            Answer(503, b"<html>Bad gateway</html>", {"Content-Type": "text/html"}),
        ):
            with self.cloud() as cloud:
                cloud.script.append(answer)
                outcome = self.send(cloud)
            assert isinstance(outcome, Unknown) or (
                isinstance(outcome, Failed) and not outcome.permanent
            ), outcome

    def test_nonsense_instead_of_an_answer_breaks_nothing(self) -> None:
        for body in (b"", b"null", b"[]", b"<html>", b'{"messages": 3}', b'{"result": null}'):
            for status in (200, 400):
                with self.cloud() as cloud:
                    cloud.script.append(Answer(status, body))
                    assert isinstance(self.send(cloud), Sent | Failed | Unknown)

    def test_secrets_are_never_told(self) -> None:
        secrets = {
            str(self.settings[s.name])
            for s in self.provider.settings
            if s.kind is FieldKind.SECRET and self.settings.get(s.name)
        }
        assert not any(secret in repr(self.provider) for secret in secrets)
        told = []
        with self.cloud() as cloud:
            for answer in (self.refusal, self.rate_limit, Answer(401, b"no"), Answer(500, b"x")):
                cloud.script.append(answer)
                told.append(repr(self.send(cloud)))
            cloud.script.append(Answer(200, {}, delay=1.2))
            told.append(repr(self.send(cloud)))
            told.append(repr(self.check(cloud)))
            cloud.script.extend([self.refusal] * 9)
            told.append(repr(self.check(cloud)))
        told.append(repr(self.send(cloud)))
        told.append(repr(self.check(cloud)))
        for words in told:
            assert not any(secret in words for secret in secrets)

    def test_the_check_makes_real_calls(self) -> None:
        with self.cloud() as cloud:
            lines = self.check(cloud)
            assert lines
            assert all(line.ok is not False for line in lines), lines
            assert cloud.calls
        assert any(line.ok is False for line in self.check(cloud)), "nobody is there any more"

    # ------------------------------------------------------------------ tools

    def inbounds(self, body: bytes) -> list[Inbound]:
        parsed = self.provider.parse(self.sign(body, self.settings), self.settings)
        return [p for p in parsed if isinstance(p, Inbound)]

    def updates(self, body: bytes) -> list[StatusUpdate]:
        parsed = self.provider.parse(self.sign(body, self.settings), self.settings)
        return [p for p in parsed if isinstance(p, StatusUpdate)]

    def at(self, cloud: Cloud) -> dict[str, Any]:
        """The settings with the stand-in as the vendor."""
        return self.settings | {"api_base": cloud.url}

    def send(self, cloud: Cloud, outbound: Outbound | None = None) -> Sent | Failed | Unknown:
        return self.provider.send(outbound or self.outbound(), self.at(cloud), impatient())

    def check(self, cloud: Cloud) -> list[Any]:
        return self.provider.check(self.at(cloud), impatient())


def impatient(seconds: float = 0.6) -> Net:
    """The guarded client with loopback allowed and little patience."""
    net = Net((ipaddress.ip_network("127.0.0.0/8"),))
    patient = net.http.request

    def request(method: str, url: str, **options: Any) -> Any:
        options["timeout"] = min(float(options.get("timeout") or seconds), seconds)
        return patient(method, url, **options)

    net.http.request = request  # type: ignore[method-assign]
    return net


def _grow(value: Any) -> Any:
    """The same with fields that nobody has documented yet."""
    if isinstance(value, dict):
        grown = {name: _grow(inner) for name, inner in value.items()}
        return grown | {"brand_new": {"deep": [1, None]}, "other_new": 7}
    if isinstance(value, list):
        return [_grow(inner) for inner in value]
    return value


def _break(value: Any) -> Iterator[Any]:
    """Each copy has one value replaced by something of the wrong kind."""
    yield from (None, 7, "x", [], {}, [None], {"x": 1}, True, 10**30, -1.5)
    if isinstance(value, dict):
        for name, inner in value.items():
            yield {k: v for k, v in value.items() if k != name}
            for broken in _break(inner):
                yield value | {name: broken}
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            for broken in _break(inner):
                yield [*value[:index], broken, *value[index + 1 :]]
