"""The frames of `sportello.1`, the visitors' protocol: what may come in, and how a message goes out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sportello.channels.providers.webchat import frames
from sportello.channels.webchats import SiteChat, file_link

PROTOCOL = "sportello.1"
MAX_FRAME = 32 * 1024
"""Characters of one frame from the visitor."""
VERBS = frozenset({"say", "typing", "got", "read", "end", "transcript"})


@dataclass(frozen=True, slots=True)
class Hello:
    visitor: str | None
    token: str
    identity: Mapping[str, Any] | None
    after: int
    page: Mapping[str, str]
    language: str


def decode(text: str) -> dict[str, Any]:
    """One frame. Raises `frames.BadFrame`."""
    if len(text) > MAX_FRAME:
        raise frames.BadFrame("too large")
    return frames.read(text.encode())


def hello_of(frame: Mapping[str, Any]) -> Hello:
    """Raises `frames.BadFrame`."""
    said = frames.mapping_of(frame.get("hello"))
    if not said:
        raise frames.BadFrame("no hello")
    visitor = said.get("visitor")
    page = frames.mapping_of(said.get("page"))
    return Hello(
        visitor=None if visitor is None else frames.uuid_of(visitor),
        token=frames.text_of(said.get("token"), limit=100),
        identity=frames.mapping_of(said.get("identity")) or None,
        after=number_of(said.get("after", 0)),
        page={key: frames.text_of(page.get(key), limit=2_000) for key in ("url", "title")},
        language=frames.text_of(said.get("language"), limit=8),
    )


def verb_of(frame: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """The one thing that a frame asks for. Raises `frames.BadFrame`."""
    for verb, value in frame.items():
        if verb in VERBS:
            return verb, frames.mapping_of(value)
    raise frames.BadFrame("unknown")


def number_of(value: object) -> int:
    """An id. Raises `frames.BadFrame`."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**62:
        raise frames.BadFrame("no id")
    return value


def encode(frame: Mapping[str, Any]) -> str:
    return json.dumps(frame, ensure_ascii=False, separators=(",", ":"), default=_plain)


def message(row: Mapping[str, Any], *, chat: SiteChat, visitor: str) -> dict[str, Any]:
    """How one message looks on the wire. Text only: no foreign mark-up runs on somebody's shop."""
    mine = row["direction"] == "in"
    name = "" if mine else str(row["agent_name"] or row["author_name"] or chat.brand)
    kind = "me" if mine else "agent" if row["agent_name"] else "house"
    return {
        "id": row["id"],
        "kind": kind,
        "text": row["text"],
        "author": None
        if mine
        else {"name": name.split(" ")[0] if kind == "agent" else name, "initials": initials(name)},
        "at": row["created_at"],
        "files": [
            {
                "name": f["name"],
                "type": f["type"],
                "size": f["size"],
                "url": file_link(chat, visitor, f["key"]),
            }
            for f in row["files"]
        ],
        **({"choices": row["choices"]} if row["choices"] else {}),
        **({"ref": str(row["external_id"]).partition("#")[0]} if mine else {}),
    }


def initials(name: str) -> str:
    words = name.split()
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)
