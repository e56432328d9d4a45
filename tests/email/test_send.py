"""Sending for real: what the relay says becomes sent, failed for now, failed for good, or unknown."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default
from ipaddress import ip_network
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from sportello.channels.contract import Address, Failed, Sent, Unknown
from sportello.channels.providers.email import provider
from sportello.core import mailout, mailservices
from sportello.core.net import Net
from tests.email.test_compose import OUTBOUND, SETTINGS
from tests.sink import free_port

NET = Net((ip_network("127.0.0.0/8"),))


class Relay:
    """Answers as told, keeps what it took."""

    def __init__(self) -> None:
        self.mails: list[Any] = []
        self.rcpt = self.data = ""
        self.hang = False

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        if self.rcpt and (address.startswith("bad") or "bad" not in self.rcpt):
            return self.rcpt
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.hang:
            session.peer = None
            server.transport.abort()
            await asyncio.sleep(0.1)
        self.mails.append(envelope)
        return self.data or "250 OK"


def authenticate(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    good = isinstance(data, LoginPassword) and (data.login, data.password) == (b"u", b"p/w")
    return AuthResult(success=good, handled=False)


@pytest.fixture
def relay() -> Iterator[tuple[Relay, str]]:
    handler, port = Relay(), free_port()
    controller = Controller(
        handler,
        hostname="127.0.0.1",
        port=port,
        authenticator=authenticate,
        auth_require_tls=False,
        enable_SMTPUTF8=True,
    )
    controller.start()
    yield handler, f"smtp://u:p%2Fw@127.0.0.1:{port}"
    controller.stop()


def test_a_mail_is_sent_and_its_id_returned(relay: tuple[Relay, str]) -> None:
    handler, url = relay
    outcome = provider.send(
        dataclasses.replace(OUTBOUND, bcc=(Address("email", "b@x.example"),)),
        SETTINGS | {"smtp_url": url},
        NET,
    )
    assert outcome == Sent("tok.1@shop.example")
    [envelope] = handler.mails
    assert envelope.mail_from == "help@shop.example"
    assert envelope.rcpt_tos == ["anna@home.example", "b@x.example"]
    assert message_from_bytes(envelope.content, policy=default)["Subject"] == "Re: Pacco"


@pytest.mark.parametrize("where", ["rcpt", "data"])
def test_refusals_for_good_and_for_now(relay: tuple[Relay, str], where: str) -> None:
    handler, url = relay
    setattr(handler, where, "550 5.1.1 No such user")
    outcome = provider.send(OUTBOUND, SETTINGS | {"smtp_url": url}, NET)
    assert isinstance(outcome, Failed)
    assert outcome.permanent
    assert outcome.reason == "550 5.1.1 No such user"
    setattr(handler, where, "451 4.7.1 Greylisted")
    outcome = provider.send(OUTBOUND, SETTINGS | {"smtp_url": url}, NET)
    assert isinstance(outcome, Failed)
    assert not outcome.permanent
    assert outcome.retry_after
    assert "Greylisted" in outcome.reason


def test_silence_after_the_mail_was_handed_over_is_unknown(relay: tuple[Relay, str]) -> None:
    handler, url = relay
    handler.hang = True
    assert isinstance(provider.send(OUTBOUND, SETTINGS | {"smtp_url": url}, NET), Unknown)


def test_one_refused_recipient_does_not_hold_back_the_others(relay: tuple[Relay, str]) -> None:
    handler, url = relay
    handler.rcpt = "550 bad one"
    result = mailout.submit(
        b"Subject: x\r\n\r\nx",
        sender="a@b.example",
        recipients=["bad@x.example", "good@x.example"],
        url=url,
        net=NET,
    )
    assert result.accepted
    assert dict(result.refused) == {"bad@x.example": "550 bad one"}


def test_a_wrong_password_is_worth_another_try_once_mended(relay: tuple[Relay, str]) -> None:
    outcome = provider.send(OUTBOUND, SETTINGS | {"smtp_url": relay[1].replace("p%2Fw", "no")}, NET)
    assert isinstance(outcome, Failed)
    assert not outcome.permanent
    assert "log-in" in outcome.reason


def test_a_relay_that_is_away_is_tried_again() -> None:
    outcome = provider.send(
        OUTBOUND, SETTINGS | {"smtp_url": f"smtp://127.0.0.1:{free_port()}"}, NET
    )
    assert isinstance(outcome, Failed)
    assert not outcome.permanent


def test_a_channels_relay_is_judged_and_the_operators_is_trusted(
    relay: tuple[Relay, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    handler, url = relay
    judged = provider.send(OUTBOUND, SETTINGS | {"smtp_url": url}, Net())
    assert isinstance(judged, Failed)
    assert handler.mails == []
    monkeypatch.setenv("EMAIL_URL", url)
    assert isinstance(provider.send(OUTBOUND, SETTINGS, Net()), Sent)


def test_without_any_relay_the_caller_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EMAIL_URL", raising=False)
    with pytest.raises(mailout.NoRelay):
        provider.send(OUTBOUND, SETTINGS, NET)


def test_addresses_in_any_script(relay: tuple[Relay, str]) -> None:
    handler, url = relay
    outbound = dataclasses.replace(OUTBOUND, recipient=Address("email", "anna@città.example"))
    assert isinstance(provider.send(outbound, SETTINGS | {"smtp_url": url}, NET), Sent)
    assert (
        message_from_bytes(handler.mails[0].content, policy=default)["To"]
        == "anna@xn--citt-3na.example"
    )


def test_the_check_logs_in_and_explains(relay: tuple[Relay, str]) -> None:
    _, url = relay
    receiving, sending = provider.check(SETTINGS | {"smtp_url": url}, NET)
    assert (receiving.ok, sending.ok) == (None, True)
    wrong = provider.check(SETTINGS | {"smtp_url": url.replace("p%2Fw", "no")}, NET)[1]
    assert wrong.ok is False
    assert "app password" in wrong.detail
    away = provider.check(SETTINGS | {"smtp_url": "smtp://127.0.0.1:1"}, Net())[1]
    assert "SPORTELLO_ALLOW_NETWORKS" in away.detail


class Api:
    """Stands in for the guarded client and keeps the calls."""

    def __init__(self, status: int = 200) -> None:
        self.status, self.calls = status, []

    def request(self, method: str, url: str, **options: Any) -> Any:
        import httpx2

        self.calls.append((method, url, options))
        body = {
            "To": "anna@home.example",
            "MessageID": "pm-1",
            "ErrorCode": 0,
            "Message": "OK",
            "SubmittedAt": "2026-11-21T10:00:00Z",
        }
        return httpx2.Response(self.status, json=body)


def test_a_mail_service_is_reached_through_the_judge() -> None:
    api, net = Api(), Net()
    net.__dict__["http"] = api
    result = mailout.submit(
        provider_message(),
        sender="help@shop.example",
        recipients=["anna@home.example"],
        url="postmark://TOKEN",
        net=net,
    )
    assert result.accepted, result
    [(method, url, options)] = api.calls
    assert (method, url) == ("POST", "https://api.postmarkapp.com/email")
    assert options["headers"]["X-Postmark-Server-Token"] == "TOKEN"
    assert "Re: Pacco" in str(options["content"])


def test_a_mail_service_that_is_busy_is_tried_again() -> None:
    net = Net()
    net.__dict__["http"] = Api(503)
    result = mailservices.submit(
        provider_message(),
        sender="a@b.example",
        recipients=["anna@home.example"],
        url="postmark://T",
        net=net,
    )
    assert not result.accepted
    assert not result.permanent
    wrong = mailservices.submit(
        provider_message(),
        sender="a@b.example",
        recipients=["x@y.example"],
        url="mailgun://only",
        net=net,
    )
    assert "sender_domain" in wrong.reason


def provider_message() -> Any:
    from sportello.channels.providers.email.compose import compose

    return compose(OUTBOUND, SETTINGS)
