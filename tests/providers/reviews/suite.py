"""What every channel of reviews must do beyond `Conformance`: its tests inherit this."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sportello.channels.contract import Address, Echo, Inbound, Outbound, Raw, Sent
from sportello.core.net import NetError
from tests.providers.conformance import Conformance, impatient
from tests.vendors.reviews import Reviewed

EARLY = "2026-01-01"


class ReviewConformance(Conformance):
    """Hooks first, laws after. Reviews come by polling: nothing is signed."""

    signs = False

    def item(self, id: str = "r1", text: str = "Bella app", stars: int = 5, **more: Any) -> dict[str, Any]:  # fmt: skip
        """A review as the vendor lists it. `at` is when it was written."""
        raise NotImplementedError

    def wrapped(self, item: dict[str, Any]) -> dict[str, Any]:
        """The same as `poll` stores it."""
        return item

    def reviewed(self, *items: dict[str, Any]) -> Reviewed:
        raise NotImplementedError

    def answered(self, cloud: Reviewed, id: str, item: dict[str, Any], text: str) -> dict[str, Any]:
        """The item as it is listed once `text` stands below it."""
        raise NotImplementedError

    def cloud(self) -> Reviewed:
        return self.reviewed()

    def sign(self, body: bytes, settings: dict[str, Any]) -> Raw:
        return Raw(body, source="poll")

    def message(self, external_id: str = "m1", text: str = "Good morning") -> bytes:
        item = self.wrapped(self.item("r1" if external_id in ("m1", "m2") else external_id, text if external_id != "m2" else f"{text}, again", 0))  # fmt: skip
        return json.dumps({"review": item, "before": ""}).encode()

    def look(self, cloud: Reviewed, cursor: dict[str, Any], **settings: Any) -> tuple[list[Inbound], dict[str, Any]]:  # fmt: skip
        """What one look brings, and the cursor after it."""
        asked = {"every_minutes": 0, "since": EARLY} | settings
        found: list[Inbound] = []
        for raw, reached in self.provider.poll(self.at(cloud) | asked, cursor, impatient(3)):
            cursor = json.loads(json.dumps(reached))
            if raw.body:
                found += [p for p in self.provider.parse(raw, {}) if isinstance(p, Inbound)]
        return found, cursor

    # ------------------------------------------------------------------ laws

    def test_a_review_is_public_and_shows_its_stars(self) -> None:
        body = json.dumps({"review": self.wrapped(self.item("r1", "Bella", 4))}).encode()
        (found,) = self.inbounds(body)
        assert (found.text, found.rating) == ("★★★★☆ Bella", 4.0)
        assert (found.is_public, found.thread_ref, found.meta["stars"]) == (True, "r1", 4)
        assert found.sent_at
        assert found.sender.verified

    def test_reviews_come_oldest_first_and_once(self) -> None:
        days = ("2026-11-20T12:00:00", "2026-11-20T11:00:00", "2026-11-20T10:00:00")
        items = [
            self.item(f"r{n}", f"n{n}", at=day) for n, day in zip((3, 2, 1), days, strict=True)
        ]
        with self.reviewed(*items) as cloud:
            first, cursor = self.look(cloud, {})
            again, cursor = self.look(cloud, cursor)
            cloud.reviews.insert(0, self.item("r4", "n4", at="2026-11-20T13:00:00"))
            then, _ = self.look(cloud, cursor)
        assert [f.thread_ref for f in first] == ["r1", "r2", "r3"]
        assert again == []
        assert [f.thread_ref for f in then] == ["r4"]

    def test_an_edited_review_is_a_new_word_in_the_same_thread(self) -> None:
        with self.reviewed(self.item("r1", "Bella", 5)) as cloud:
            (old,), cursor = self.look(cloud, {})
            cloud.reviews = [self.item("r1", "Si blocca sempre", 1)]
            (new,), cursor = self.look(cloud, cursor)
            assert self.look(cloud, cursor)[0] == []
        assert new.text == "✏️ ★☆☆☆☆ Si blocca sempre"
        assert (new.thread_ref, new.answers, new.meta["edited"]) == ("r1", old.external_id, True)
        assert new.external_id != old.external_id

    def test_what_was_written_before_is_no_news(self) -> None:
        with self.reviewed(self.item("r1", at="2020-01-01T10:00:00")) as cloud:
            found, cursor = self.look(cloud, {}, since="")
            assert found == []
            cloud.reviews[0] = self.item("r1", "Cambio idea", 1, at="2020-01-01T10:00:00")
            (edited,), _ = self.look(cloud, cursor, since="")
        assert edited.meta["edited"]

    def test_a_look_that_broke_off_goes_on_where_it_was(self) -> None:
        items = [self.item(f"r{n}", at=f"2026-11-20T{n}:00:00") for n in (13, 12, 11)]
        with self.reviewed(*items) as cloud:
            settings = self.at(cloud) | {"since": EARLY}
            _, reached = next(iter(self.provider.poll(settings, {}, impatient(3))))
            rest, _ = self.look(cloud, reached)
        assert [f.thread_ref for f in rest] == ["r12", "r13"]

    def test_between_two_looks_there_is_a_pause(self) -> None:
        with self.reviewed(self.item()) as cloud:
            _, cursor = self.look(cloud, {})
            before = len(cloud.calls)
            assert self.look(cloud, cursor, every_minutes=10)[0] == []
            assert len(cloud.calls) == before

    def test_our_answer_is_recognised_when_it_comes_back(self) -> None:
        item = self.item("r1", "Bella", 5)
        with self.reviewed(item) as cloud:
            outcome = self.send(cloud, self.to_review("Grazie  mille!\nA presto"))
            assert isinstance(outcome, Sent)
            listed = self.answered(cloud, "r1", item, cloud.answers["r1"])
            body = json.dumps({"review": listed}).encode()
            said, answer = self.provider.parse(Raw(body), {})
        assert isinstance(said, Inbound)
        assert isinstance(answer, Echo)
        assert answer.external_id == outcome.external_id
        assert answer.thread_ref == "r1"
        assert answer.recipient == said.sender

    def test_a_refusal_is_raised_for_the_channels_page(self) -> None:
        with self.reviewed() as cloud:
            settings = self.at(cloud)
            cloud.script.extend([self.refusal] * 3)
            with pytest.raises(NetError):
                list(self.provider.poll(settings, {}, impatient()))

    def test_an_answer_that_is_too_long_is_not_sent(self) -> None:
        limit = self.provider.capabilities.max_text
        if not limit:
            return
        with self.reviewed(self.item()) as cloud:
            outcome = self.send(cloud, self.to_review("a" * (limit + 1)))
            assert not isinstance(outcome, Sent)
            assert str(limit) in outcome.reason
            assert not cloud.answers

    def to_review(self, text: str) -> Outbound:
        kind = self.provider.identity_kind
        return Outbound("k1", Address(kind, "c77"), text, thread_ref="r1")

    def outbound(self) -> Outbound:
        return self.to_review("Grazie, ci pensiamo.")
