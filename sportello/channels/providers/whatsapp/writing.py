"""What leaves for WhatsApp: one of our messages may be several of theirs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from sportello.channels.contract import (
    Failed,
    File,
    Outbound,
    Outcome,
    Sent,
    TemplateUse,
    Unknown,
    said,
)
from sportello.channels.contract import (
    Template as Approved,
)
from sportello.channels.providers.whatsapp.reading import USER_ID
from sportello.channels.vendors.meta.foreign import Json, each, text
from sportello.channels.vendors.meta.graph import Graph
from sportello.channels.vendors.meta.parts import deliver

TYPES = {
    "image/jpeg": "image", "image/png": "image", "video/mp4": "video", "video/3gpp": "video", "audio/aac": "audio",
    "audio/amr": "audio", "audio/mpeg": "audio", "audio/mp4": "audio", "audio/ogg": "audio",
}  # fmt: skip
"""Everything else goes as a document, which may be anything."""
BUTTONS, ROWS = 3, 10
CAPTION = 1024
INTERACTIVE_TEXT = 1024  # characters of the text above three buttons; a list allows 4096


def send(outbound: Outbound, number_id: str, graph: Graph) -> Outcome:
    """Uploads first, for they can fail unseen; then one call per part."""
    until = outbound.window_until
    if until is not None and until <= datetime.now(UTC) and outbound.template is None:
        return Failed(
            said(
                "More than 24 hours since the customer wrote: WhatsApp takes only an approved template now. Choose one."
            )
        )
    return deliver(
        lambda: list(_parts(outbound, number_id, graph)),
        lambda part: _post(_to(outbound) | part, number_id, graph),
    )


def _post(body: Json, number_id: str, graph: Graph) -> Outcome:
    for message in each(graph.post(f"{number_id}/messages", body), "messages"):
        if external_id := text(message, "id"):
            return Sent(external_id)
    return Unknown(said("Meta took the message without naming it."))


def _to(outbound: Outbound) -> Json:
    """A user id has a field of its own; with both, the number would win."""
    to = outbound.recipient.address
    whom = {"recipient": to} if USER_ID.fullmatch(to) else {"to": to}
    quoted = {"context": {"message_id": outbound.answers}} if outbound.answers else {}
    return {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        **whom,
        **quoted,
        "biz_opaque_callback_data": outbound.idempotency_key[:512],
    }


def _parts(outbound: Outbound, number_id: str, graph: Graph) -> Iterator[Json]:
    if outbound.template is not None:
        yield _template(outbound.template)
        return
    words, replies = outbound.text, outbound.quick_replies
    for index, file in enumerate(outbound.files):
        kind = TYPES.get(file.content_type.partition(";")[0], "document")
        sent: Json = (
            {"link": file.media_ref} if _is_link(file) else {"id": _upload(file, number_id, graph)}
        )
        if kind == "document":
            sent["filename"] = file.name
        captioned = kind != "audio" and len(outbound.files) == 1 and not replies
        if index == 0 and words and captioned and len(words) <= CAPTION:
            sent["caption"], words = words, ""
        yield {"type": kind, kind: sent}
    if not words:
        return
    if 0 < len(replies) <= BUTTONS and len(words) <= INTERACTIVE_TEXT:
        buttons = [
            {"type": "reply", "reply": {"id": r.id[:256], "title": r.title[:20]}} for r in replies
        ]
        action: Json = {"buttons": buttons}
        yield _interactive("button", words, action)
    elif replies:
        rows = [{"id": r.id[:200], "title": r.title[:24]} for r in replies[:ROWS]]
        action = {"button": "☰", "sections": [{"rows": rows}]}
        yield _interactive("list", words, action)
    else:
        yield {"type": "text", "text": {"body": words, "preview_url": "https://" in words}}


def _interactive(kind: str, words: str, action: Json) -> Json:
    content = {"type": kind, "body": {"text": words}, "action": action}
    return {"type": "interactive", "interactive": content}


def _template(use: TemplateUse) -> Json:
    # Meta refuses values with line breaks or more than four spaces in a row
    values = [{"type": "text", "text": " ".join(value.split())} for value in use.values]
    template: Json = {"name": use.name, "language": {"code": use.language}}
    if values:
        template["components"] = [{"type": "body", "parameters": values}]
    return {"type": "template", "template": template}


def _is_link(file: File) -> bool:
    return not file.content and file.media_ref.startswith("https://")


def _upload(file: File, number_id: str, graph: Graph) -> str:
    fields = {"messaging_product": "whatsapp", "type": file.content_type}
    media = graph.upload(
        f"{number_id}/media", fields, "file", (file.name, file.content, file.content_type)
    )
    return text(media, "id")


def template(data: Json) -> Approved | None:
    """A template as the composer needs it; None when it wants more than values in its body."""
    body = ""
    for part in each(data, "components"):
        kind, words = text(part, "type").upper(), text(part, "text")
        if kind == "BODY":
            body = words
        elif (
            kind == "HEADER" and (text(part, "format").upper() not in ("", "TEXT") or "{{" in words)
        ) or any(
            "{{" in text(b, "url") or text(b, "type").upper() == "COPY_CODE"
            for b in each(part, "buttons")
        ):
            return None
    holes = re.findall(r"\{\{\s*(\w+)\s*\}\}", body)
    if not all(hole.isdigit() for hole in holes):
        return None
    name, status = text(data, "name"), text(data, "status").lower()
    return Approved(name, text(data, "language"), body, len(set(holes)), status) if name else None
