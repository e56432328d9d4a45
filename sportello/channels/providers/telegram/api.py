"""The Bot API: one address per method, one form of answer."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sportello.channels.contract import (
    Failed,
    File,
    Outbound,
    Outcome,
    Sent,
    Settings,
    Unknown,
    said,
)
from sportello.channels.vendors import media
from sportello.channels.vendors.calls import Reply, base, call, refused
from sportello.channels.vendors.shapes import at, key
from sportello.core.net import Broken

if TYPE_CHECKING:
    from sportello.core.net import Net

API = "https://api.telegram.org"
CAPTION = 1024
PICTURES = {"image/jpeg", "image/png", "image/webp"}
PICTURE_BYTES = 10 * 1024 * 1024
DOWNLOAD_BYTES = 21 * 1024 * 1024


def ask(settings: Settings, net: Net, method: str, **options: Any) -> Reply:
    """Raises `NetError`."""
    url = f"{base(settings, API)}/bot{settings.get('bot_token') or ''}/{method}"
    return call(net, "POST", url, **options)


def send(outbound: Outbound, settings: Settings, net: Net) -> Outcome:
    """Text and files as one message when they fit, else the text first. Raises `NetError`."""
    target: dict[str, Any] = {"chat_id": outbound.thread_ref or outbound.recipient.address}
    if "/" in outbound.thread_ref:
        connection, _, chat = outbound.thread_ref.partition("/")
        target = {"chat_id": chat, "business_connection_id": connection}
    extra = _extra(outbound)
    files = list(outbound.files)
    if not files:
        return _settled(settings, net, "sendMessage", target | extra | {"text": outbound.text})
    caption = outbound.text if len(files) == 1 and len(outbound.text) <= CAPTION else ""
    first: Outcome | None = None
    if outbound.text and not caption:
        first = _settled(settings, net, "sendMessage", target | extra | {"text": outbound.text})
        extra = {}
        if not isinstance(first, Sent):
            return first
    for file in files:
        outcome = _settled(settings, net, *_upload(file, target | extra, caption))
        if not isinstance(outcome, Sent):
            if first is None:
                return outcome
            words = said("Only a part was sent: “{name}” was refused. {reason}", name=file.name, reason=outcome.reason)  # fmt: skip
            return Failed(words, permanent=True)
        first, extra = first or outcome, {}
    return first or Failed(said("There is nothing to send."), permanent=True)


def _extra(outbound: Outbound) -> dict[str, Any]:
    extra: dict[str, Any] = {}
    _, _, number = outbound.answers.partition(":")
    if number.isdigit():
        extra["reply_parameters"] = {
            "message_id": int(number),
            "allow_sending_without_reply": True,
        }
    if outbound.quick_replies:
        rows = [
            [{"text": q.title, "callback_data": q.id.encode()[:64].decode(errors="ignore")}]
            for q in outbound.quick_replies
        ]
        extra["reply_markup"] = {"inline_keyboard": rows}
    return extra


def _upload(
    file: File, fields: dict[str, Any], caption: str
) -> tuple[str, dict[str, Any], dict[str, Any]]:
    is_picture = file.content_type in PICTURES and len(file.content) <= PICTURE_BYTES
    method, name = ("sendPhoto", "photo") if is_picture else ("sendDocument", "document")
    form = fields | ({"caption": caption} if caption else {})
    return method, form, {name: (file.name, file.content, file.content_type)}


def _settled(
    settings: Settings,
    net: Net,
    method: str,
    fields: dict[str, Any],
    files: dict[str, Any] | None = None,
    *,
    moved: bool = False,
) -> Outcome:
    if files:
        form = {k: v if isinstance(v, str) else json.dumps(v) for k, v in fields.items()}
        reply = ask(settings, net, method, data=form, files=files, timeout=60.0)
    else:
        reply = ask(settings, net, method, json=fields)
    if reply.ok and reply.data.get("ok") is True:
        number = key(at(reply.data, "result", "message_id"))
        chat = key(at(reply.data, "result", "chat", "id")) or str(fields["chat_id"])
        return Sent(f"{chat}:{number}") if number else Unknown(_unread())
    new = key(at(reply.data, "parameters", "migrate_to_chat_id"))
    if new and not moved:
        return _settled(settings, net, method, fields | {"chat_id": new}, files, moved=True)
    wait = at(reply.data, "parameters", "retry_after")
    seconds = timedelta(seconds=wait) if type(wait) is int and 0 < wait < 10**6 else None
    return refused(reply, words(reply), retry_after=seconds)


def _unread() -> str:
    return said("The vendor's answer cannot be read: it may have left or not.")


def words(reply: Reply) -> str:
    """Telegram's own words, with a way out where we know one."""
    told = key(reply.data.get("description"))
    if reply.status == 403:
        return said("This person does not take messages from the bot. Telegram: {told}", told=told)
    if reply.status in (401, 404) and told in ("Unauthorized", "Not Found"):
        return said("Telegram does not know this bot token. Copy it again from @BotFather.")
    return told


def download(file: File, settings: Settings, net: Net) -> bytes:
    """The bytes of a `file_id`. Raises `NetError`; `Broken` when Telegram does not give it."""
    reply = ask(settings, net, "getFile", json={"file_id": file.media_ref})
    path = key(at(reply.data, "result", "file_path"))
    if not path or ".." in path:
        raise Broken(words(reply) or "Telegram does not give this file.")
    url = f"{base(settings, API)}/file/bot{settings.get('bot_token') or ''}/{path}"
    return media.download(net, url, of="Telegram", most=DOWNLOAD_BYTES, redirects=0)
