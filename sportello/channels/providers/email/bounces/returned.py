"""The mail that came back: its head, as far as it was returned."""

from __future__ import annotations

import re

from sportello.channels.providers.email import mime
from sportello.channels.providers.email.charsets import decode
from sportello.channels.providers.email.headers import as_text, message_ids
from sportello.channels.providers.email.mime import Part

MAX_TEXT = 200_000
_ORIGINAL_ID = re.compile(
    r"^[ \t>|]{0,8}(?:Original-)?Message-ID\s*:\s*(?:\n[ \t>]*)?<([^<>\s]{1,250})>",
    re.IGNORECASE | re.MULTILINE,
)


def returned(leaves: list[Part]) -> dict[str, str]:
    """Headers of the returned mail."""
    for part in leaves:
        if part.type in (
            "message/rfc822",
            "text/rfc822-headers",
            "message/rfc822-headers",
            "message/global",
            "message/global-headers",
        ):
            data = part.content()[: 2 * mime.MAX_HEADER_BYTES].lstrip(b"\r\n\t ")
            headers, _ = mime.split_headers(data)
            fields = {name: as_text(value) for name, value in reversed(headers)}
            if fields:
                ids = message_ids(fields.get("message-id", ""))
                fields["message-id"] = ids[0] if ids else id_in(decode(data))
                return fields
    return {}


def id_in(text: str) -> str:
    """The last Message-ID in a text that quotes the mail, else empty."""
    ids = _ORIGINAL_ID.findall(text[:MAX_TEXT])
    return str(ids[-1]) if ids else ""
