"""From an `Outbound` to the mail that leaves."""

from __future__ import annotations

import html as markup
import re
from datetime import UTC, datetime
from email.headerregistry import Address as MailAddress
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from typing import Any

from sportello.channels.contract import Address, File, Outbound, Settings

POLICY = SMTP.clone(max_line_length=78)
MAX_REFERENCES = 30
"""Ids kept of a long chain: the first and the last ones, as RFC 5322 readers expect."""

_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_LOCAL = re.compile(r'[^\s<>()\[\],;:@"\\]{1,64}|"[^"\\]{1,62}"')
_TYPE_TOKEN = re.compile(r"[a-z0-9!#$&^_.+-]{1,100}")
_CID = re.compile(r"(src\s*=\s*[\"']?)cid:([^\"'\s>]+)", re.IGNORECASE)


def compose(outbound: Outbound, settings: Settings, *, now: datetime | None = None) -> EmailMessage:
    """The complete message. Raises `ValueError` when an address cannot be written into a header."""
    message = EmailMessage(policy=POLICY)
    own = str(settings["address"])
    message["From"] = mailbox(outbound.from_name or str(settings.get("from_name") or ""), own)
    message["To"] = mailbox(outbound.recipient.name, outbound.recipient.address)
    if outbound.cc:
        message["Cc"] = tuple(mailbox(person.name, person.address) for person in outbound.cc)
    if outbound.reply_to:
        message["Reply-To"] = mailbox("", outbound.reply_to)
    message["Subject"] = one_line(outbound.subject)
    message["Date"] = format_datetime(now or datetime.now(UTC))
    message["Message-ID"] = (
        f"<{_id(outbound.message_id)}>" if outbound.message_id else make_msgid(domain=_domain(own))
    )
    _thread(message, outbound.references)
    if outbound.language:
        message["Content-Language"] = one_line(outbound.language)
    message["X-Sportello-Loop"] = own
    if outbound.automatic:
        message["Auto-Submitted"] = "auto-replied" if outbound.references else "auto-generated"
        message["X-Auto-Response-Suppress"] = "All"
        message["Precedence"] = "auto_reply"
    _content(message, outbound)
    return message


def recipients(outbound: Outbound) -> list[str]:
    """Envelope recipients, each once: To, Cc and Bcc (which is in no header)."""
    people = (outbound.recipient, *outbound.cc, *outbound.bcc)
    return list(dict.fromkeys(person.address for person in people if person.address))


def mailbox(name: str, address: str) -> MailAddress:
    """A header-safe mailbox. Line breaks in a name become spaces, in an address they are refused."""
    if _BREAKS.search(address) or address.count("@") < 1:
        raise ValueError(f"Not an e-mail address: {address!r}")
    local, _, domain = address.strip().rpartition("@")
    if not _LOCAL.fullmatch(local) or not domain or re.search(r"[\s<>,;]", domain):
        raise ValueError(f"Not an e-mail address: {address!r}")
    domain = domain if domain.isascii() else domain.encode("idna").decode("ascii")
    return MailAddress(one_line(name), local.strip('"'), domain)


def one_line(text: str) -> str:
    """`text` without anything that could end a header line, now or after decoding it again."""
    return _BREAKS.sub(" ", text).replace("=?", "= ?").strip()


def _id(value: str) -> str:
    return re.sub(r"[\s<>\x00-\x1f]", "", value)


def _domain(address: str) -> str:
    return address.rpartition("@")[2] or "localhost"


def _thread(message: EmailMessage, references: tuple[str, ...]) -> None:
    """`references` come nearest first; the References header wants the oldest first."""
    chain = [f"<{_id(reference)}>" for reference in reversed(references) if _id(reference)]
    if not chain:
        return
    if len(chain) > MAX_REFERENCES:
        chain = [chain[0], *chain[-(MAX_REFERENCES - 1) :]]
    message["In-Reply-To"] = chain[-1]
    message["References"] = " ".join(chain)


def _content(message: EmailMessage, outbound: Outbound) -> None:
    text = outbound.text.rstrip("\n")
    if outbound.quoted_text:
        text = f"{text}\n\n{outbound.quoted_text}"
    message.set_content(f"{text}\n", cte=_encoding(text))
    inline = [file for file in outbound.files if file.inline and file.content_id]
    page = _page(outbound, {file.content_id for file in inline})
    if page:
        message.add_alternative(page, subtype="html", cte=_encoding(page))
        shown = [file for file in inline if f"cid:{file.content_id}" in page]
        parts: Any = message.get_payload()
        part = parts[-1]
        for file in shown:
            main, sub = _type(file)
            part.add_related(
                file.content,
                main,
                sub,
                cid=f"<{_id(file.content_id)}>",
                filename=one_line(file.name),
                disposition="inline",
            )
    else:
        shown = []
    for file in outbound.files:
        if file not in shown:
            main, sub = _type(file)
            message.add_attachment(
                file.content, main, sub, filename=one_line(file.name) or "attachment"
            )


def _encoding(text: str) -> str:
    """Short ASCII lines go as they are, the rest as quoted-printable: readable in the raw view."""
    plain = text.isascii() and all(len(line) <= 900 for line in text.split("\n"))
    return "7bit" if plain else "quoted-printable"


def _page(outbound: Outbound, cids: set[str]) -> str:
    """The HTML part, or "" when the answer is plain text and nothing is quoted as HTML."""
    if not outbound.html and not outbound.quoted_html:
        return ""
    body = outbound.html or f"<div>{as_html(outbound.text)}</div>"
    if outbound.quoted_html:
        body += f'<br><div class="gmail_quote">{outbound.quoted_html}</div>'
    body = _CID.sub(lambda found: found[0] if found[2] in cids else f"{found[1]}", body)
    language = f' lang="{markup.escape(outbound.language)}"' if outbound.language else ""
    return f'<!DOCTYPE html>\n<html{language}><head><meta charset="utf-8"></head>\n<body>{body}</body></html>\n'


def as_html(text: str) -> str:
    """Plain text as escaped HTML with its line breaks."""
    return markup.escape(text).replace("\n", "<br>\n")


def _type(file: File) -> tuple[str, str]:
    main, _, sub = file.content_type.partition(";")[0].strip().lower().partition("/")
    if not (_TYPE_TOKEN.fullmatch(main) and _TYPE_TOKEN.fullmatch(sub)) or main in (
        "multipart",
        "message",
    ):
        return "application", "octet-stream"
    return main, sub


def person(address: str, name: str = "") -> Address:
    """An e-mail address as the contract wants it."""
    return Address("email", address, name)
