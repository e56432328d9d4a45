"""What WhatsApp's webhook says, change by change."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from sportello.channels.contract import (
    Address,
    Echo,
    Edited,
    File,
    IdentityChanged,
    Inbound,
    Parsed,
    Reaction,
    Settings,
    Status,
    StatusUpdate,
    Withdrawn,
)
from sportello.channels.vendors.meta.foreign import Json, digest, each, obj, text, when
from sportello.channels.vendors.meta.graph import reason

STATUSES = {
    "sent": Status.SENT,
    "delivered": Status.DELIVERED,
    "read": Status.READ,
    "played": Status.READ,  # a voice message: heard is more than read
    "failed": Status.FAILED,
}
EXTENSIONS = {
    "audio/ogg": "ogg", "audio/mpeg": "mp3", "audio/mp4": "m4a", "audio/aac": "aac", "audio/amr": "amr", "image/jpeg": "jpg",
    "image/png": "png", "image/webp": "webp", "video/mp4": "mp4", "video/3gpp": "3gp", "application/pdf": "pdf",
}  # fmt: skip
MEDIA = frozenset(("image", "video", "audio", "document", "sticker"))
USER_ID = re.compile(r"[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{1,128}")


def address(user_id: str, wa_id: str = "", name: str = "") -> Address:
    """People with a username have no phone number for us: their user id goes first, a number is a bonus."""
    return Address("whatsapp", user_id or wa_id, name, verified=True, how="provider")


def phone(wa_id: str) -> tuple[Address, ...]:
    """WhatsApp vouches that this number is theirs."""
    if not wa_id.isascii() or not wa_id.isdigit():
        return ()
    return (Address("phone", f"+{wa_id}", verified=True, how="provider"),)


def changes(data: Json, settings: Settings) -> Iterator[tuple[str, Json]]:
    """Field and value of each change that is about our number: one app has one webhook for all numbers."""
    ours = str(settings.get("phone_number_id") or "")
    for entry in each(data, "entry"):
        for change in each(entry, "changes"):
            value = obj(change, "value")
            theirs = text(value, "metadata", "phone_number_id")
            if not (ours and theirs and ours != theirs):
                yield text(change, "field"), value


def read(value: Json) -> Iterator[Parsed]:
    """All that one change says. Calls, template and account news say nothing to a ticket."""
    for update in each(value, "user_id_update"):
        yield from _changed(text(update, "user_id", "previous"), text(update, "user_id", "current"))
    for message in each(value, "messages"):
        yield from _message(message, value)
    for echo in each(value, "message_echoes"):
        yield from _echo(echo)
    for status in each(value, "statuses"):
        yield from _status(status)


def who(message: Json, value: Json) -> tuple[str, str, str]:
    """User id, wa_id and name of a message's author. The names stand apart, in `contacts`."""
    user_id, wa_id = text(message, "from_user_id"), text(message, "from")
    contacts = list(each(value, "contacts"))
    for contact in contacts:
        alone = len(contacts) == 1
        theirs, number_ = text(contact, "user_id"), text(contact, "wa_id")
        if alone or (user_id and user_id == theirs) or (wa_id and wa_id == number_):
            profile = obj(contact, "profile")
            name = text(profile, "name") or text(profile, "username")
            return user_id or theirs, wa_id or number_, name
    return user_id, wa_id, ""


def _message(message: Json, value: Json) -> Iterator[Parsed]:
    user_id, wa_id, name = who(message, value)
    kind = text(message, "type")
    if kind == "system":
        yield from _system(message, user_id, wa_id)
        return
    if not (user_id or wa_id):
        return
    sender = address(user_id, wa_id, name)
    if kind == "reaction":
        if about := text(message, "reaction", "message_id"):
            yield Reaction(about, sender, text(message, "reaction", "emoji"))
        return
    if kind == "request_welcome":  # the chat was opened, nothing was said
        return
    if kind in ("edit", "revoke"):
        yield from _changed_later(message, kind, sender)
        return
    words, files, extra = _content(message)
    fingerprint = digest(kind, words, *(f.media_ref for f in files))
    yield Inbound(
        external_id=text(message, "id") or digest(sender.address, fingerprint, message.get("timestamp")),
        sender=sender,
        text=words,
        sent_at=when(message.get("timestamp")),
        fingerprint=fingerprint,
        files=files,
        contact_name=name,
        claimed=phone(wa_id),
        answers=text(message, "context", "id"),
        meta=_facts(message) | extra,
    )  # fmt: skip


def _changed_later(message: Json, kind: str, sender: Address | None) -> Iterator[Parsed]:
    """The first message is named by the id it had when it came."""
    about = text(message, kind, "original_message_id")
    if not about:
        return
    at = when(message.get("timestamp"))
    if kind == "revoke":
        yield Withdrawn(about, sender, at)
    else:
        yield Edited(about, _content(obj(message, "edit", "message"))[0], sender, at)


def _content(message: Json) -> tuple[str, tuple[File, ...], Json]:
    """Words, files and facts of a message of any type."""
    kind = text(message, "type")
    part = obj(message, kind)
    if kind in MEDIA:
        media_ref = text(part, "id")
        mime = text(part, "mime_type").partition(";")[0].strip() or "application/octet-stream"
        name = text(part, "filename") or f"{kind}.{EXTENSIONS.get(mime, 'bin')}"
        files = (File(name, mime, media_ref=media_ref),) if media_ref else ()
        return text(part, "caption") or ("" if files else _unsupported(message)), files, {}
    if kind in WORDS:
        return WORDS[kind](message) or _unsupported(message), (), _pressed(part)
    return text(message, "text", "body") or _unsupported(message), (), {}


def _location(message: Json) -> str:
    place = obj(message, "location")
    where = ", ".join(p for p in (text(place, "name"), text(place, "address")) if p)
    latitude, longitude = text(place, "latitude"), text(place, "longitude")
    link = text(place, "url")
    if latitude and longitude:
        link = f"https://www.openstreetmap.org/?mlat={latitude}&mlon={longitude}"
    return f"📍 {where}\n{link}".strip()


def _cards(message: Json) -> str:
    lines = []
    for card in each(message, "contacts"):
        ways = [text(p, "phone") for p in each(card, "phones")]
        ways += [text(m, "email") for m in each(card, "emails")]
        name = text(card, "name", "formatted_name") or text(card, "name", "first_name")
        lines.append(f"👤 {name} {' '.join(ways)}".strip())
    return "\n".join(lines)


def _order(message: Json) -> str:
    lines = [text(message, "order", "text")]
    for item in each(obj(message, "order"), "product_items"):
        price = f"{text(item, 'item_price')} {text(item, 'currency')}".strip()
        lines.append(f"🛒 {text(item, 'quantity')} × {text(item, 'product_retailer_id')}, {price}")
    return "\n".join(line for line in lines if line)


def _interactive(message: Json) -> str:
    part = obj(message, "interactive")
    reply = obj(part, "button_reply") or obj(part, "list_reply")
    flow = obj(part, "nfm_reply")
    if flow:
        return "\n".join(p for p in (text(flow, "body"), text(flow, "response_json")) if p)
    return "\n".join(p for p in (text(reply, "title"), text(reply, "description")) if p)


WORDS: dict[str, Callable[[Json], str]] = {
    "text": lambda message: text(message, "text", "body"),
    "button": lambda message: text(message, "button", "text"),
    "interactive": _interactive,
    "location": _location,
    "contacts": _cards,
    "order": _order,
}
"""Message type → what a person reads."""


def _unsupported(message: Json) -> str:
    """A person did say something, so the agent hears of it: the phone shows what."""
    kind = text(message, "unsupported", "type") or text(message, "type") or "message"
    errors = [reason(error | {"code": 0}) for error in each(message, "errors")]
    return f"[{kind}] {' '.join(errors)}".strip()


def _pressed(part: Json) -> Json:
    """What the pressed button carried: automations want to know."""
    reply = obj(part, "button_reply") or obj(part, "list_reply")
    payload = text(reply, "id") or text(part, "payload")
    return {"payload": payload} if payload else {}


def _facts(message: Json) -> Json:
    """Small things worth showing: the ad they came from, the group they wrote in."""
    referral = obj(message, "referral")
    facts = {
        "ad": text(referral, "headline"),
        "ad_url": text(referral, "source_url"),
        "group": text(message, "group_id"),
        "forwarded": "yes" if obj(message, "context").get("forwarded") is True else "",
    }
    return {name: value for name, value in facts.items() if value}


def _system(message: Json, user_id: str, wa_id: str) -> Iterator[IdentityChanged]:
    system = obj(message, "system")
    body = text(system, "body")
    if text(system, "type") == "user_changed_user_id":
        # the old id stands in the sentence only
        named = USER_ID.findall(body)
        current = text(system, "user_id")
        previous = text(message, "from_user_id") or (named[0] if named else "")
        yield from _changed(previous, current)
    elif text(system, "type") in ("user_changed_number", "customer_changed_number"):
        new = text(system, "wa_id") or text(system, "new_wa_id")
        yield from _changed(wa_id, new)
        for before, after in zip(phone(wa_id), phone(new), strict=False):
            yield IdentityChanged(before, after)


def _changed(previous: str, current: str) -> Iterator[IdentityChanged]:
    if previous and current and previous != current:
        yield IdentityChanged(address(previous), address(current))


def _echo(echo: Json) -> Iterator[Parsed]:
    """Said with the WhatsApp Business app, on the same number."""
    to, kind = address(text(echo, "to_user_id"), text(echo, "to")), text(echo, "type")
    if kind in ("edit", "revoke"):
        yield from _changed_later(echo, kind, None)
        return
    if not to.address or kind in ("reaction", "system"):
        return
    words, files, _ = _content(echo)
    external_id = text(echo, "id") or digest(to.address, words, echo.get("timestamp"))
    yield Echo(external_id, to, words, files, sent_at=when(echo.get("timestamp")))


def _status(status: Json) -> Iterator[StatusUpdate]:
    ours = STATUSES.get(text(status, "status"))
    external_id = text(status, "id")
    if ours is None or not external_id:
        return
    errors = list(each(status, "errors"))
    recipient = (
        text(status, "recipient_participant_user_id")
        or text(status, "recipient_user_id")
        or text(status, "recipient_id")
    )
    yield StatusUpdate(
        external_id,
        ours,
        "; ".join(reason(error) for error in errors) if ours is Status.FAILED else "",
        recipient,
        when(status.get("timestamp")),
        key=text(status, "biz_opaque_callback_data"),
    )  # failed is the end of it, whatever the code: WhatsApp tries no second time
