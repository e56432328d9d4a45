"""The SMTP receiver: takes mail for our own channels only, and says 250 when it is on the disk."""

from __future__ import annotations

import asyncio
import ipaddress
import os
import ssl
import threading
import time
from collections import Counter, defaultdict, deque
from dataclasses import dataclass, field
from typing import Any

import structlog
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.conf import settings

from sportello.channels import queries
from sportello.channels.contract import Raw
from sportello.channels.queries import Mouth
from sportello.channels.spool import SpoolItem
from sportello.intake.batches import Batches, Busy

MAX_BYTES = 35 * 1024 * 1024
MAX_RECIPIENTS = 100
MAX_CONNECTIONS = 500
CONNECTIONS_EACH = 20
"""From one public address at a time. Our own networks (a Postfix in front) are not counted."""
MAILS_EACH_MINUTE = 300
TIMEOUT_SECONDS = 120
STORE_SECONDS = 60
KEEP_SECONDS = 0.2
RENEW_SECONDS = 3600
"""A certificate is read again this often: it is renewed while we run."""

log = structlog.get_logger(__name__)


def serve(stop: threading.Event) -> None:
    """Receive until `stop` is set; mails being stored are finished first."""
    batches = Batches()
    batches.start()
    receiver = Receiver(batches)
    door = _Door(receiver, *_where(), tls=_certificate())
    try:
        door.start()
        log.info("smtp.listening", host=door.hostname, port=door.port, tls=door.tls is not None)
        while not stop.wait(RENEW_SECONDS):
            _renew(door.tls)
    finally:
        door.stop(no_assert=True)
        batches.stop()


def _where() -> tuple[str, int]:
    host = getattr(settings, "SPORTELLO_SMTP_HOST", "") or os.environ.get("SPORTELLO_SMTP_HOST", "")
    port = getattr(settings, "SPORTELLO_SMTP_PORT", 0) or os.environ.get(
        "SPORTELLO_SMTP_PORT", "2525"
    )
    return host or "127.0.0.1", int(port)


def _certificate() -> ssl.SSLContext | None:
    if not os.environ.get("SPORTELLO_SMTP_CERT"):
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    _load(context)
    return context


def _load(context: ssl.SSLContext) -> None:
    key = os.environ.get("SPORTELLO_SMTP_KEY") or None
    context.load_cert_chain(os.environ["SPORTELLO_SMTP_CERT"], key)


def _renew(context: ssl.SSLContext | None) -> None:
    """New connections get what is in the files now; the old certificate stays when they cannot be read."""
    if context is None:
        return
    try:
        _load(context)
    except OSError as error:
        log.error("smtp.certificate_not_read", error=str(error))


def channel_of(address: str, channels: list[Mouth]) -> Mouth | None:
    """The channel an address belongs to: exactly, or with a ``+tag`` after the local part."""
    wanted = address.strip().lower()
    local, _, domain = wanted.rpartition("@")
    base = f"{local.partition('+')[0]}@{domain}"
    exact = next((channel for channel in channels if channel.address == wanted), None)
    return exact or next((channel for channel in channels if channel.address == base), None)


@dataclass
class Limits:
    """How many connections and mails one public address may bring."""

    open: Counter[str] = field(default_factory=Counter)
    mails: dict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))

    def enter(self, peer: str) -> bool:
        """Count a connection; False when there are too many."""
        if self.open.total() >= MAX_CONNECTIONS:
            return False
        if _is_public(peer) and self.open[peer] >= CONNECTIONS_EACH:
            return False
        self.open[peer] += 1
        return True

    def leave(self, peer: str) -> None:
        self.open[peer] -= 1
        if self.open[peer] <= 0:
            del self.open[peer]

    def may_send(self, peer: str) -> bool:
        """Count a mail; False when this minute has had its share."""
        if not _is_public(peer):
            return True
        now, recent = time.monotonic(), self.mails[peer]
        while recent and recent[0] < now - 60:
            recent.popleft()
        if len(recent) >= MAILS_EACH_MINUTE:
            return False
        recent.append(now)
        if len(self.mails) > 10_000:
            self.mails = defaultdict(
                deque, {k: v for k, v in self.mails.items() if v and v[-1] > now - 60}
            )
        return True


def _is_public(peer: str) -> bool:
    try:
        return ipaddress.ip_address(peer).is_global
    except ValueError:
        return False


class Receiver:
    """aiosmtpd's handler: each hook answers with an SMTP reply."""

    def __init__(self, batches: Batches) -> None:
        self.batches = batches
        self.limits = Limits()
        self._channels: list[Mouth] = []
        self._looked = 0.0

    async def channels(self) -> list[Mouth]:
        """Our mailboxes. A change of thread costs more than a mail, so they are kept for a moment."""
        if time.monotonic() - self._looked > KEEP_SECONDS:
            self._channels = await asyncio.to_thread(queries.mail_receivers)
            self._looked = time.monotonic()
        return self._channels

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if not self.limits.may_send(_peer(session)):
            return "450 4.7.1 Too many mails from your address, try again in a minute"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 Sender ok"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if len(envelope.rcpt_tos) >= MAX_RECIPIENTS:
            return "452 4.5.3 Too many recipients"
        try:
            channel = channel_of(address, await self.channels())
        except Exception:
            log.exception("smtp.no_database")
            return "451 4.3.0 Temporarily unable to look up recipients"
        if channel is None:
            return "550 5.1.1 No such mailbox here"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 Recipient ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        try:
            items = _items(session, envelope, await self.channels())
            ids = await asyncio.wait_for(
                asyncio.wrap_future(self.batches.put(items)), STORE_SECONDS
            )
        except Busy:
            return "451 4.3.2 Busy, try again in a moment"
        except Exception:
            log.exception("smtp.not_stored")
            return "451 4.3.0 Temporarily unable to store mail"
        return f"250 2.0.0 Stored as {ids[0]}"

    async def handle_exception(self, error: Exception) -> str:
        log.error("smtp.session_failed", error=repr(error))
        return "451 4.3.0 Temporary failure"


def _items(session: Session, envelope: Envelope, channels: list[Mouth]) -> list[SpoolItem]:
    """One item for each channel that the mail is for."""
    body = envelope.original_content or b""
    recipients: dict[int, list[str]] = defaultdict(list)
    found: dict[int, Mouth] = {}
    for address in envelope.rcpt_tos:
        channel = channel_of(address, channels)
        if channel is None:
            raise LookupError(f"The channel of {address} went away between RCPT and DATA")
        found[channel.id] = channel
        recipients[channel.id].append(address)
    return [_item(found[pk], to, body, session, envelope) for pk, to in recipients.items()]


def _item(
    channel: Mouth, recipients: list[str], body: bytes, session: Session, envelope: Envelope
) -> SpoolItem:
    headers = {
        "x-sportello-rcpt": ", ".join(recipients),
        "x-sportello-mailfrom": envelope.mail_from or "",
        "x-sportello-peer": _peer(session),
        "x-sportello-helo": str(session.host_name or "")[:255],
    }
    raw = Raw(body, headers=headers, source="smtp")
    look = channel.provider.envelope(raw)
    return SpoolItem(channel.id, look.order_key, look.external_ids, raw)


def _peer(session: Session) -> str:
    return str(session.peer[0]) if session.peer else ""


class _Session(SMTP):
    # Real mail has lines far longer than the 998 octets of RFC 5322; better kept than bounced.
    line_length_limit = 4 * 1024 * 1024

    def __init__(self, handler: Receiver, **options: Any) -> None:
        self._limits = handler.limits
        self._counted = ""
        super().__init__(handler, **options)

    def connection_made(self, transport: Any) -> None:
        peer = str((transport.get_extra_info("peername") or ("",))[0])
        if not self._counted and self._original_transport is None:
            if self._limits.enter(peer):
                self._counted = peer
            else:
                transport.write(b"421 4.7.0 Too many connections, try again later\r\n")
                transport.close()
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        if self._counted:
            self._limits.leave(self._counted)
            self._counted = ""
        super().connection_lost(error)


class _Door(Controller):
    def __init__(
        self, receiver: Receiver, host: str, port: int, *, tls: ssl.SSLContext | None
    ) -> None:
        self.tls = tls
        self.receiver = receiver
        # The readiness probe of aiosmtpd connects to the host it binds: "" means all interfaces to both.
        super().__init__(
            receiver,
            hostname="" if host in ("0.0.0.0", "::") else host,  # noqa: S104
            port=port,
            ready_timeout=10,
        )

    def factory(self) -> SMTP:
        return _Session(
            self.receiver,
            data_size_limit=MAX_BYTES,
            enable_SMTPUTF8=True,
            decode_data=False,
            hostname=os.environ.get("SPORTELLO_SMTP_NAME") or None,
            ident="Sportello",
            tls_context=self.tls,
            timeout=TIMEOUT_SECONDS,
            loop=self.loop,
        )
