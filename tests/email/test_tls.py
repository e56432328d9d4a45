"""Mail over TLS with real peers: a certificate that fits, and each way in which one does not."""

from __future__ import annotations

import smtplib
import socket
import ssl
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from django.utils import translation

from sportello.channels import queries, spool
from sportello.channels.contract import Failed, Sent
from sportello.channels.providers.email import provider
from sportello.core.net import Blocked, Net, Unreachable, Untrusted
from sportello.core.net.mail import xoauth2
from sportello.intake import smtp
from tests.authority import Authority, serving
from tests.email.dovecot import Dovecot
from tests.email.fixtures import mail
from tests.email.test_compose import OUTBOUND, SETTINGS
from tests.email.test_send import Relay, authenticate
from tests.sink import free_port
from tests.vendors.cloud import Answer, Call, Cloud

HOST = "mail.shop.example"
NET = Net((ip_network("127.0.0.0/8"),), resolver=lambda host, port: ["127.0.0.1"])
YEAR = timedelta(days=365)

Make = Callable[[Authority], Path]
BAD: list[tuple[Make, str]] = [
    (lambda authority: authority.issue("other.example"), "another name"),
    (lambda authority: authority.issue(HOST, shifted=-YEAR), "has expired"),
    (lambda authority: authority.issue(HOST, shifted=YEAR), "not valid yet"),
    (lambda authority: authority.issue(HOST, self_signed=True), "SSL_CERT_FILE"),
]
EACH = pytest.mark.parametrize(("make", "words"), BAD, ids=["name", "expired", "early", "self"])


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """Known to the installation, as an operator makes it."""
    made = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(made.root))
    return made


# ---------------------------------------------------------------------- out: the relay


class Tokened(Relay):
    """Takes a password, or the access token ``good``."""

    async def auth_XOAUTH2(self, server: Any, args: list[str]) -> AuthResult:
        import base64

        good = base64.b64decode(args[1]).decode() == xoauth2("help@shop.example", "good")
        return AuthResult(success=good, handled=False)


class _OverTls(Controller):
    """Its probe would speak TLS with the server's own context; touching the port is enough."""

    def _trigger_server(self) -> None:
        socket.create_connection((self.hostname, self.port), 5).close()


@contextmanager
def relay(certificate: Path | None, *, wrapped: bool = False) -> Iterator[tuple[Tokened, int]]:
    handler, port = Tokened(), free_port()
    context = serving(certificate) if certificate else None
    options: dict[str, Any] = {"ssl_context" if wrapped else "tls_context": context}
    controller = _OverTls(
        handler,
        hostname="127.0.0.1",
        port=port,
        authenticator=authenticate,
        auth_require_tls=certificate is not None and not wrapped,
        **options,
    )
    controller.start()
    try:
        yield handler, port
    finally:
        controller.stop()


def address(port: int, *, wrapped: bool, query: str = "") -> str:
    return f"{'smtps' if wrapped else 'smtp'}://u:p%2Fw@{HOST}:{port}{query}"


def send(url: str, net: Net = NET, **settings: Any) -> Any:
    return provider.send(OUTBOUND, SETTINGS | {"smtp_url": url} | settings, net)


def checked(settings: dict[str, Any], title: str) -> Any:
    return next(line for line in provider.check(settings, NET) if line.title == title)


@pytest.mark.parametrize("wrapped", [False, True])
def test_a_mail_leaves_over_tls(authority: Authority, wrapped: bool) -> None:
    with relay(authority.issue(HOST), wrapped=wrapped) as (handler, port):
        url = address(port, wrapped=wrapped)
        assert isinstance(send(url), Sent)
        assert len(handler.mails) == 1
        assert checked(SETTINGS | {"smtp_url": url}, "Sending by SMTP").ok


@pytest.mark.parametrize("wrapped", [False, True])
@EACH
def test_a_certificate_that_does_not_fit_gets_no_mail(
    authority: Authority, make: Make, words: str, wrapped: bool
) -> None:
    with relay(make(authority), wrapped=wrapped) as (handler, port):
        url = address(port, wrapped=wrapped)
        outcome = send(url)
        line = checked(SETTINGS | {"smtp_url": url}, "Sending by SMTP")
    assert isinstance(outcome, Failed)
    assert not outcome.permanent  # once it is renewed the mail leaves
    assert words in outcome.reason
    assert HOST in outcome.reason
    assert not handler.mails
    assert (line.ok, line.detail) == (False, outcome.reason)


def test_without_the_operators_authority_its_certificates_are_strangers(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with relay(authority.issue(HOST), wrapped=True) as (handler, port):
        assert "SSL_CERT_FILE" in send(address(port, wrapped=True)).reason
        assert not handler.mails


def test_authorities_that_cannot_be_read_are_said(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere.pem")
    with relay(authority.issue(HOST), wrapped=True) as (_, port):
        assert "cannot be read" in send(address(port, wrapped=True)).reason


def test_a_port_without_tls_is_told_from_a_bad_certificate() -> None:
    with relay(None) as (_, port):
        assert "does not speak TLS" in send(address(port, wrapped=True)).reason


def test_a_relay_that_lacks_starttls_gets_no_password_from_afar() -> None:
    """Somebody on the way may have struck STARTTLS out of its greeting."""
    with relay(None) as (_, port):
        far = Net(resolver=lambda host, _port: ["127.0.0.1"])
        far.judge = _Public()  # type: ignore[assignment]
        with pytest.raises(Blocked, match="not sent"):
            far.smtp(address(port, wrapped=False))
        outcome = send(address(port, wrapped=False), far)
        assert isinstance(outcome, Failed)
        assert "not sent" in outcome.reason
        assert isinstance(send(address(port, wrapped=False, query="?starttls=0"), far), Sent)


class _Public:
    """A judge to whom the loopback is somewhere in the world."""

    everything = False

    def addresses(self, host: str, port: int, ports: object) -> list[str]:
        return ["127.0.0.1"]

    def is_listed(self, address: str) -> bool:
        return False


# ---------------------------------------------------------------------- sign-in by token


class SignIn(Cloud):
    """A sign-in service: gives the access token, and tells mail servers whose it is."""

    token = "good"

    def respond(self, call: Call) -> Answer:
        if call.path == "/token":
            return Answer(200, {"access_token": self.token, "expires_in": 3600})
        right = call.headers.get("authorization") == "Bearer good"
        return Answer(200, {"active": right, "username": "help@shop.example" if right else ""})


@pytest.fixture
def sign_in() -> Iterator[SignIn]:
    with SignIn() as cloud:
        yield cloud


def credentials(sign_in: SignIn, token: str) -> dict[str, Any]:
    sign_in.token = token
    fields = {"oauth_token_url": f"{sign_in.url}/token", "oauth_client_id": "shop"}
    return SETTINGS | fields | {"oauth_refresh_token": f"refresh-{token}"}


def test_a_relay_takes_a_token_over_starttls(authority: Authority, sign_in: SignIn) -> None:
    with relay(authority.issue(HOST)) as (handler, port):
        settings = credentials(sign_in, "good") | {"smtp_url": f"smtp://{HOST}:{port}"}
        assert isinstance(provider.send(OUTBOUND, settings, Net(NET.judge.allow, resolver=NET.judge.resolver)), Sent)  # fmt: skip
        assert len(handler.mails) == 1
        settings = credentials(sign_in, "stale") | {"smtp_url": f"smtp://{HOST}:{port}"}
        outcome = provider.send(OUTBOUND, settings, Net(NET.judge.allow, resolver=NET.judge.resolver))  # fmt: skip
        assert isinstance(outcome, Failed)
        assert "log-in" in outcome.reason


def test_the_sign_in_services_own_certificate_is_judged_as_well(authority: Authority) -> None:
    with SignIn() as cloud:
        cloud._server.socket = serving(authority.issue("other.example")).wrap_socket(
            cloud._server.socket, server_side=True
        )
        port = cloud._server.server_address[1]
        with pytest.raises(Untrusted, match="another name"):
            NET.http.get(f"https://{HOST}:{port}/token")
        with Untrusting() as net, pytest.raises(Unreachable):
            net.http.get(f"https://other.example:{port}/token")
        assert Net(NET.judge.allow, resolver=NET.judge.resolver).http.get(
            f"https://other.example:{port}/token"
        ).json()["access_token"] == "good"  # fmt: skip


@contextmanager
def Untrusting() -> Iterator[Net]:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("SSL_CERT_FILE")
        yield Net(NET.judge.allow, resolver=NET.judge.resolver)


# ---------------------------------------------------------------------- in: the mailbox


@contextmanager
def mailbox(certificate: Path, introspection: str = "") -> Iterator[Dovecot]:
    with tempfile.TemporaryDirectory(prefix="dovecot-") as folder:
        server = Dovecot(Path(folder), certificate, introspection)
        server.start()
        try:
            yield server
        finally:
            server.stop()


def way(server: Dovecot, *, wrapped: bool) -> dict[str, Any]:
    port = server.tls_port if wrapped else server.port
    more = {"imap_host": HOST, "imap_port": port, "imap_tls": wrapped}
    return server.settings | more


@pytest.mark.usefixtures("dovecot_is_here")
@pytest.mark.parametrize("wrapped", [False, True])
def test_mail_is_fetched_over_tls(authority: Authority, wrapped: bool) -> None:
    with mailbox(authority.issue(HOST)) as server:
        settings = way(server, wrapped=wrapped)
        *_, (_, cursor) = provider.poll(settings, {}, NET)
        server.deliver("new")
        ((raw, _),) = provider.poll(settings, cursor, NET)
        assert raw.body.endswith(b"new\r\n")
        assert checked(settings, "Receiving by IMAP").ok


@pytest.mark.usefixtures("dovecot_is_here")
@EACH
def test_a_mailbox_whose_certificate_does_not_fit_gets_no_password(
    authority: Authority, make: Make, words: str
) -> None:
    with mailbox(make(authority)) as server:
        for wrapped in (False, True):
            settings = way(server, wrapped=wrapped)
            with pytest.raises(Untrusted, match=words):
                list(provider.poll(settings, {}, NET))
            line = checked(settings, "Receiving by IMAP")
            assert line.ok is False
            assert words in line.detail
            assert "firewall" not in line.detail
        log = (server.base / "log").read_text()
    logins = [line for line in log.splitlines() if "Login: user=<anna>" in line]
    assert logins  # of the test's own client, without TLS
    assert not [line for line in logins if "TLS" in line]


@pytest.mark.usefixtures("dovecot_is_here")
def test_a_mailbox_is_opened_by_token_over_imaps(authority: Authority, sign_in: SignIn) -> None:
    with mailbox(authority.issue(HOST), f"{sign_in.url}/introspect") as server:
        where = way(server, wrapped=True) | {"imap_user": "help@shop.example", "imap_password": ""}
        settings = where | credentials(sign_in, "good")
        assert checked(settings, "Receiving by IMAP").ok
        assert "XOAUTH2".lower() in (server.base / "log").read_text().lower()
        line = checked(where | credentials(sign_in, "stale"), "Receiving by IMAP")
        assert line.ok is False
        assert "Sign in again" in line.detail


# ---------------------------------------------------------------------- in: the built-in receiver


@pytest.fixture
def receiver(
    authority: Authority, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path
) -> Iterator[tuple[int, list[Any]]]:
    certificate = tmp_path / "receiver.pem"
    certificate.write_bytes(authority.issue(HOST).read_bytes())
    monkeypatch.setenv("SPORTELLO_SMTP_CERT", str(certificate))
    monkeypatch.delenv("SPORTELLO_SMTP_KEY", raising=False)
    monkeypatch.setattr(smtp, "RENEW_SECONDS", 0.05)
    monkeypatch.setattr("sportello.intake.batches.close_old_connections", lambda: None)
    mouth = type("Mouth", (), {"id": 1, "address": "help@shop.example", "provider": provider})
    monkeypatch.setattr(queries, "mail_receivers", lambda: [mouth])
    items: list[Any] = []
    monkeypatch.setattr(spool, "store", lambda more: items.extend(more) or [len(items)])
    settings.SPORTELLO_SMTP_HOST, settings.SPORTELLO_SMTP_PORT = "127.0.0.1", free_port()
    stop = threading.Event()
    thread = threading.Thread(target=smtp.serve, args=(stop,), daemon=True)
    thread.start()
    assert _until(lambda: not socket.create_connection(("127.0.0.1", settings.SPORTELLO_SMTP_PORT), 1).close())  # fmt: skip
    yield settings.SPORTELLO_SMTP_PORT, items
    stop.set()
    thread.join(10)


def _until(true: Callable[[], bool]) -> bool:
    end = time.monotonic() + 10
    while time.monotonic() < end:
        try:
            if true():
                return True
        except OSError:
            pass
        time.sleep(0.05)
    return False


def trusting(authority: Authority) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(authority.root))


def secured(port: int, authority: Authority) -> smtplib.SMTP:
    client = smtplib.SMTP("127.0.0.1", port, timeout=10)
    client._host = HOST  # type: ignore[attr-defined]  # the name that the certificate has to bear
    client.starttls(context=trusting(authority))
    return client


def test_the_receiver_takes_mail_over_starttls(
    receiver: tuple[int, list[Any]], authority: Authority
) -> None:
    port, items = receiver
    with secured(port, authority) as client:
        client.sendmail("anna@home.example", ["help@shop.example"], mail())
        assert isinstance(client.sock, ssl.SSLSocket)
    with smtplib.SMTP("127.0.0.1", port, timeout=10) as plain:  # who cannot is not turned away
        plain.sendmail("anna@home.example", ["help@shop.example"], mail())
    assert len(items) == 2


def test_a_renewed_certificate_is_served_without_a_restart(
    receiver: tuple[int, list[Any]], authority: Authority, tmp_path: Path
) -> None:
    port, _ = receiver

    def shown() -> bytes | None:
        with secured(port, authority) as client:
            assert isinstance(client.sock, ssl.SSLSocket)
            return client.sock.getpeercert(binary_form=True)

    first = shown()
    (tmp_path / "receiver.pem").write_text("half-written")
    time.sleep(0.15)
    assert shown() == first
    (tmp_path / "receiver.pem").write_bytes(authority.issue(HOST).read_bytes())
    assert _until(lambda: shown() != first)
