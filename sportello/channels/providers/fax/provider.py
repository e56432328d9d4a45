"""A fax gateway's mails: the number of who sent it in words somewhere, the pages as PDF or TIFF.

Gateways agree on nothing but that. A mail that refers to one of ours tells what became of an answer.
"""

from __future__ import annotations

import hashlib
import re
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default
from email.utils import make_msgid, parseaddr
from typing import TYPE_CHECKING, Any

from sportello.channels.contract import (
    Address,
    Capabilities,
    Check,
    Envelope,
    Failed,
    FieldKind,
    File,
    Inbound,
    Outbound,
    Outcome,
    Parsed,
    Provider,
    Raw,
    Refused,
    Sent,
    Setting,
    Settings,
    Status,
    StatusUpdate,
    Unknown,
    Unreadable,
    said,
)
from sportello.channels.providers.fax import sheet
from sportello.core import mailout

if TYPE_CHECKING:
    from sportello.core.net import Net

PAPER = ("application/pdf", "image/tiff")
_NAMED = re.compile(
    r"(?i)\b(?:from|da|dal|mittente|sender|caller|remote|csid|von)\b[^\d+\n]{0,25}(\+?\d[\d ./()-]{4,20}\d)"
)
_NUMBER = re.compile(r"\+?\d[\d ./()-]{5,20}\d")
_BAD = re.compile(r"(?i)\b(?:fail|error|not (?:sent|delivered)|busy|no answer|fallit|errore|non (?:riuscit|inviat|consegnat)|occupato)")  # fmt: skip


class Fax(Provider):
    kind = "fax"
    name = "Fax"
    identity_kind = "phone"
    hue = "fax"
    takes_mail = True
    customer_setting = "number"
    capabilities = Capabilities(
        files=True, max_file_bytes=15 * 1024 * 1024, media=PAPER, inbound_webhook=False, delivery_receipts=True
    )  # fmt: skip
    settings = (
        Setting("address", "Address", FieldKind.EMAIL, required=True, help="The gateway sends faxes to this address; let it be delivered to the built-in receiver."),
        Setting("gateways", "Senders", FieldKind.LINES, required=True, help="Addresses or domains from which the gateway writes, one a line. Mails of others are parked."),
        Setting("send_to", "Address to send to", help="As the gateway wants it, with {number} for the digits: {number}@fax.example. Empty: faxes are only received."),
        Setting("number", "Our fax number", help="Customers read it on the contact page."),
        Setting("smtp_url", "SMTP relay", FieldKind.SECRET, help="smtp://user:password@host:587?starttls=1 or smtps://… Empty: the installation's relay.", advanced=True),
    )  # fmt: skip
    guide = (
        "At the gateway, let received faxes be sent as PDF or TIFF to the address below.",
        "Enter from which address or domain the gateway writes.",
        "To answer by fax, enter the address at which the gateway takes mails, and allow our address there.",
    )

    def verify(self, raw: Raw, settings: Settings) -> None:
        raise Refused("Faxes come by mail.")

    def envelope(self, raw: Raw) -> Envelope:
        digest = hashlib.sha256(raw.body).hexdigest()
        found = re.search(rb"(?im)^message-id:\s*<([^>\s]{1,300})>", raw.body[:65_536])
        own = found[1].decode("ascii", "replace") if found else digest
        return Envelope(f"fax:{digest[:32]}", (own,))

    def parse(self, raw: Raw, settings: Settings) -> list[Parsed]:
        try:
            mail = message_from_bytes(raw.body, policy=default)
            sender = parseaddr(str(mail.get("From", "")))[1].lower()
            subject, text = str(mail.get("Subject", "")), _text(mail)
            papers, refers = (
                _papers(mail),
                str(mail.get("In-Reply-To") or mail.get("References") or ""),
            )
        except (ValueError, LookupError, AttributeError, TypeError, IndexError) as error:
            raise Unreadable("This mail cannot be read.") from error
        if not _is_gateway(sender, settings):
            raise Unreadable("The sender is not one of the gateway's.")
        own = self.envelope(raw).external_ids[0]
        if refers and not papers:
            failed = bool(_BAD.search(f"{subject}\n{text}"))
            status = Status.FAILED if failed else Status.DELIVERED
            answered = refers.split()[-1].strip("<>")
            return [StatusUpdate(answered, status, reason=subject[:300] if failed else "")]
        if not papers:
            raise Unreadable("No PDF and no TIFF in this mail.")
        number = number_in(subject, text, sender)
        who = Address("phone", number) if number else Address("fax", own[:300])
        return [Inbound(external_id=own, sender=who, text="", subject=subject[:300], files=papers)]

    def send(self, outbound: Outbound, settings: Settings, net: Net) -> Outcome:
        where, digits = str(settings.get("send_to") or ""), re.sub(r"\D", "", outbound.recipient.address)  # fmt: skip
        if "{number}" not in where:
            return Failed(said("This fax channel only receives: no address to send to is set."))
        own = str(settings["address"])
        mail = EmailMessage(policy=SMTP)
        mail["From"], mail["To"] = own, where.replace("{number}", digits)
        mail["Subject"] = " ".join(outbound.subject.split()) or "Fax"
        identity = outbound.message_id or make_msgid(domain=own.rpartition("@")[2]).strip("<>")
        mail["Message-ID"] = f"<{identity}>"
        mail.set_content("")
        mail.add_attachment(sheet.pdf(outbound.text), maintype="application", subtype="pdf", filename="fax.pdf")  # fmt: skip
        for file in outbound.files:
            main, _slash, sub = file.content_type.partition("/")
            mail.add_attachment(file.content, maintype=main, subtype=sub, filename=file.name)
        url = str(settings.get("smtp_url") or "")
        try:
            done = mailout.submit(mail, sender=own, recipients=[str(mail["To"])], url=url, net=net)
        except mailout.NoRelay as error:
            return Failed(str(error))
        if done.accepted:
            return Sent(identity)
        return (
            Unknown(done.reason)
            if done.uncertain
            else Failed(done.reason, permanent=done.permanent)
        )

    def check(self, settings: Settings, net: Net) -> list[Check]:
        ok = "{number}" in str(settings.get("send_to") or "")
        words = said("Answers leave as PDF.") if ok else said("Faxes are only received.")
        return [Check(said("Answers"), ok or None, words)]


def number_in(subject: str, text: str, sender: str) -> str:
    """The number of who sent it: beside a word like “from”, else the first one, else the one in the address."""
    for pattern in (_NAMED, _NUMBER):
        for where in (subject, text[:4000]):
            if found := pattern.search(where):
                return _clean(found[found.lastindex or 0])
    local = sender.partition("@")[0]
    return _clean(local) if re.fullmatch(r"\+?\d{6,15}", local) else ""


def _clean(number: str) -> str:
    digits = re.sub(r"\D", "", number)
    return f"+{digits}" if number.startswith("+") else f"+{digits[2:]}" if digits.startswith("00") else digits  # fmt: skip


def _is_gateway(sender: str, settings: Settings) -> bool:
    given: Any = settings.get("gateways") or ""
    lines = given.splitlines() if isinstance(given, str) else list(given)
    known = {str(line).strip().lower().lstrip("@") for line in lines if str(line).strip()}
    return bool(sender) and (sender in known or sender.rpartition("@")[2] in known)


def _text(mail: EmailMessage) -> str:
    body = mail.get_body(("plain", "html"))
    return str(body.get_content()) if body is not None else ""


def _papers(mail: EmailMessage) -> tuple[File, ...]:
    """Attachments that begin like a PDF or a TIFF, whatever they are called."""
    found: list[File] = []
    for part in mail.walk():
        content = part.get_payload(decode=True) if not part.is_multipart() else None
        if not isinstance(content, bytes):
            continue
        kind = PAPER[0] if content.startswith(b"%PDF-") else PAPER[1]
        if content.startswith((b"%PDF-", b"II*\x00", b"MM\x00*")):
            ending = ".pdf" if kind == PAPER[0] else ".tif"
            found.append(
                File(name=f"fax-{len(found) + 1}{ending}", content_type=kind, content=content)
            )
    return tuple(found)
