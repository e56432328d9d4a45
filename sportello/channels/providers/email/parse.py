"""From the raw bytes of a mail to what the walk understands. Never raises."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sportello.channels.contract import (
    Address,
    Envelope,
    File,
    Inbound,
    Nature,
    Parsed,
    Raw,
    Settings,
)
from sportello.channels.providers.email import body, bounces, mime, nature
from sportello.channels.providers.email.charsets import decode, tidy
from sportello.channels.providers.email.folding import Folded, fold, fold_lines
from sportello.channels.providers.email.headers import (
    MAX_ADDRESSES,
    addresses,
    as_text,
    date,
    message_ids,
    normal_address,
    text_of,
)
from sportello.channels.providers.email.html import lines_of
from sportello.channels.providers.email.mime import Part

MAX_TEXT = 200_000
"""Characters of a mail's text that are looked at; what is longer goes to `quoted`."""
MAX_SUBJECT = 500
NOBODY = "unknown@sender.invalid"
"""Stands for a sender that a mail does not name."""

_RECIPIENT_HEADERS = (
    "to",
    "cc",
    "delivered-to",
    "x-original-to",
    "envelope-to",
    "x-envelope-to",
    "x-forwarded-to",
)
_TAG = re.compile(r"[^\s<>\"(),;:@+]{0,64}\+([A-Za-z0-9_.=+-]{4,200})@")
_TOKEN = re.compile(r"^[A-Za-z0-9_.=+-]{4,200}$")
_FROM = re.compile(rb"^from[ \t]*:((?:[^\r\n]|\r?\n[ \t])*)", re.IGNORECASE | re.MULTILINE)
_MESSAGE_ID = re.compile(
    rb"^message-id[ \t]*:((?:[^\r\n]|\r?\n[ \t])*)", re.IGNORECASE | re.MULTILINE
)
_HEADERS_END = re.compile(rb"\r?\n\r?\n|\r\r")
_NO_HTML = re.compile(r"html|browser|view (?:it )?online|visualizz", re.IGNORECASE)


ADDED_ON_THE_WAY = frozenset(
    [
        "received",
        "return-path",
        "delivered-to",
        "envelope-to",
        "authentication-results",
        "received-spf",
        "status",
        "domainkey-signature",
        "list-unsubscribe-post",
        "content-length",
        "lines",
    ]
)


def envelope(raw: Raw) -> Envelope:
    """Sender and Message-ID, from the header bytes alone."""
    data = raw.body[: mime.MAX_HEADER_BYTES]
    end = _HEADERS_END.search(data)
    data = data[: end.start()] if end else data
    sender = _first_address(as_text(_first(_FROM, data))) or normal_address(
        raw.headers.get("x-sportello-mailfrom", "")
    )
    ids = message_ids(as_text(_first(_MESSAGE_ID, data)))
    return Envelope(sender or NOBODY, (ids[0] if ids else _content_id(raw.body),))


def _first(pattern: re.Pattern[bytes], data: bytes) -> bytes:
    match = pattern.search(data)
    return match[1] if match else b""


def _first_address(value: str) -> str:
    found = addresses(value)
    return found[0][1] if found else ""


def _content_id(raw: bytes) -> str:
    return f"sha256:{hashlib.sha256(raw).hexdigest()}"


def parse(raw: Raw, settings: Settings) -> list[Parsed]:
    """What the mail says. Whatever goes wrong inside, the bytes come out as a last resort."""
    try:
        return _parse(raw, settings)
    except Exception:  # a mail nobody foresaw must reach a person all the same
        return [_last_resort(raw)]


def _last_resort(raw: Raw) -> Inbound:
    head = envelope(raw)
    subject = re.search(
        rb"^subject[ \t]*:([^\r\n]*)",
        raw.body[: mime.MAX_HEADER_BYTES],
        re.IGNORECASE | re.MULTILINE,
    )
    return Inbound(
        external_id=head.external_ids[0],
        sender=Address("email", head.order_key),
        subject=text_of(subject[1])[:MAX_SUBJECT] if subject else "",
        text=decode(raw.body[:MAX_TEXT]),
        meta={"unreadable": True},
    )


def _parse(raw: Raw, settings: Settings) -> list[Parsed]:
    root = mime.parse(raw.body)
    sent_at = date(as_text(root.raw("date")))
    leaves = [part for part in mime.walk(root) if not part.is_multipart]
    bounce = bounces.read(root, leaves)
    if bounce is not None:
        updates = bounce.updates(sent_at)
        if updates:
            itself = _inbound(raw, root, settings, sent_at, bounce)
            return [replace(update, otherwise=itself) for update in updates]
    return [_inbound(raw, root, settings, sent_at, bounce)]


def _inbound(
    raw: Raw,
    root: Part,
    settings: Settings,
    sent_at: datetime | None,
    bounce: bounces.Bounce | None,
) -> Inbound:
    content = body.read(root)
    subject = root.get("subject")[:MAX_SUBJECT]
    html = "\n".join(content.html)
    folded = _text(content, html, subject)
    sender = _sender(raw, root, settings)
    ids = message_ids(as_text(root.raw("message-id")))
    references = _references(root)
    to, cc = _people(root, "to"), _people(root, "cc")
    kind = Nature.BOUNCE if bounce is not None else _nature(raw, root, settings)
    return Inbound(
        external_id=ids[0] if ids else _content_id(raw.body),
        sender=sender,
        text=folded.text,
        sent_at=sent_at,
        fingerprint=_fingerprint(root, folded.text, html, content.files),
        subject=subject,
        quoted=folded.quoted,
        html=html,
        files=tuple(content.files),
        nature=kind,
        tokens=_tokens(raw, root, references),
        references=references,
        to=to,
        cc=cc,
        contact_name=sender.name,
        meta=_meta(root, bounce),
    )


def _nature(raw: Raw, root: Part, settings: Settings) -> Nature:
    kind = nature.judge(root, str(settings.get("address", "")))
    nobody = raw.source == "smtp" and not raw.headers.get("x-sportello-mailfrom", "x")
    return Nature.AUTO_REPLY if nobody and kind is Nature.PERSON else kind


def _text(content: body.Body, html: str, subject: str) -> Folded:
    plain = "\n\n".join(text.strip("\n") for text in content.plain if text.strip())
    if html and (not plain.strip() or _is_excuse(plain, html)):
        found = lines_of(html)
        folded = fold_lines(found.lines, found.quoted, subject=subject, forward=found.forward)
        return _capped(folded)
    if len(plain) > MAX_TEXT:
        folded = fold(plain[:MAX_TEXT], subject=subject)
        return Folded(folded.text, f"{folded.quoted}\n{plain[MAX_TEXT:]}".strip())
    return fold(plain, subject=subject)


def _is_excuse(plain: str, html: str) -> bool:
    """“Your program cannot show HTML” is not what the author wrote."""
    return len(plain) < 200 and len(html) > 5 * len(plain) + 500 and bool(_NO_HTML.search(plain))


def _capped(folded: Folded) -> Folded:
    if len(folded.text) <= MAX_TEXT:
        return folded
    return Folded(folded.text[:MAX_TEXT], f"{folded.text[MAX_TEXT:]}\n{folded.quoted}".strip())


def _sender(raw: Raw, root: Part, settings: Settings) -> Address:
    for field in ("from", "sender", "reply-to"):
        found = addresses(as_text(root.raw(field)))
        if found:
            name, address = found[0]
            proved = len(found) == 1 and _dmarc(root, address, settings)
            return Address("email", address, name, verified=proved, how="dmarc" if proved else "")
    address = normal_address(
        raw.headers.get("x-sportello-mailfrom", "") or as_text(root.raw("return-path"))
    )
    return Address("email", address if "@" in address else NOBODY, text_of(root.raw("from"))[:200])


def _dmarc(root: Part, address: str, settings: Settings) -> bool:
    """Our own receiving host says, in the topmost of its results, that the From domain is aligned."""
    host = str(settings.get("authserv_id") or "").strip().lower()
    if not host:
        return False
    results = next((v.lower() for v in root.all("authentication-results") if _said_by(v, host)), "")
    match = re.search(r";\s*dmarc\s*=\s*pass\b([^;]{0,500})", results)
    if match is None:
        return False
    domain = re.search(r"header\.from\s*=\s*\"?([a-z0-9.@_-]+)", match[1])
    return domain is not None and domain[1].rpartition("@")[2].strip(".") == address.rpartition(
        "@"
    )[2].strip(".")


def _said_by(value: str, host: str) -> bool:
    words = value.partition(";")[0].split()
    return bool(words) and words[0].lower() == host


def _people(root: Part, name: str) -> tuple[Address, ...]:
    found: list[Address] = []
    for value in root.all(name):
        found += [Address("email", address, shown) for shown, address in addresses(value)]
    return tuple(found[:MAX_ADDRESSES])


def _tokens(raw: Raw, root: Part, references: Sequence[str]) -> tuple[str, ...]:
    """``+tag`` of every recipient address, letter case kept, and the local part of every id answered."""
    values = [value for name in _RECIPIENT_HEADERS for value in root.all(name)]
    values.append(raw.headers.get("x-sportello-rcpt", ""))
    tags = [tag for value in values for tag in _TAG.findall(value)]
    locals_ = [reference.rpartition("@")[0] or reference for reference in references]
    return tuple(dict.fromkeys(token for token in (*tags, *locals_) if _TOKEN.match(token)))


def _references(root: Part) -> tuple[str, ...]:
    """Nearest first: In-Reply-To, then References from the last to the first."""
    answered = message_ids(as_text(root.raw("in-reply-to")))
    chain = message_ids(as_text(root.raw("references")))
    return tuple(dict.fromkeys([*answered, *reversed(chain)]))


def _fingerprint(root: Part, text: str, html: str, files: Sequence[File]) -> str:
    """What the mail says and in which words it was addressed, whatever road it took.

    Equal for the same mail by SMTP and by IMAP; fields that servers on the way add do not count.
    """
    digest = hashlib.sha256()
    for name, value in sorted(root.headers):
        if name not in ADDED_ON_THE_WAY and not name.startswith(("x-", "arc-", "dkim-")):
            digest.update(name.encode("utf-8", "replace") + b":" + b" ".join(value.split()) + b"\n")
    for part in (text, html, *(hashlib.sha256(file.content).hexdigest() for file in files)):
        digest.update(part.encode("utf-8", "replace") + b"\x1f")
    return digest.hexdigest()


def _meta(root: Part, bounce: bounces.Bounce | None) -> dict[str, Any]:
    """Small facts worth showing. Nothing from X-Sportello-* headers: a stranger may have written them."""
    facts: dict[str, Any] = {}
    reply_to = [address for value in root.all("reply-to") for _, address in addresses(value)]
    if reply_to:
        facts["reply_to"] = reply_to[0] if len(reply_to) == 1 else reply_to[:10]
    importance = as_text(root.raw("importance")).lower() or {"1": "high", "5": "low"}.get(
        as_text(root.raw("x-priority"))[:1], ""
    )
    if importance in ("high", "low"):
        facts["importance"] = importance
    if root.raw("list-id"):
        facts["list_id"] = tidy(root.get("list-id"))[:200]
    spam = as_text(root.raw("x-spam-flag")).lower() or as_text(root.raw("x-spam-status")).lower()
    if spam.startswith("yes"):
        facts["spam"] = True
    if bounce is not None and bounce.reports:
        facts["bounce"] = [
            {"recipient": r.recipient, "reason": r.reason, "permanent": r.permanent}
            for r in bounce.reports[:10]
        ]
    return facts
