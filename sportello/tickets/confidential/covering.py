"""Cover what comes in, before the transaction opens, and keep the covered values for the batch to store."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sportello.channels.contract import Echo, Edited, Inbound, Parsed
from sportello.core import sealing, sql
from sportello.language.sensitive import Find, cover, cover_html, says_no_more
from sportello.tickets.models import SealedOriginal

PURPOSE = "covered-values"


@dataclass(frozen=True, slots=True)
class Original:
    """Encrypted already: the kinds may be known, the values not."""

    kinds: tuple[str, ...]
    body: bytes


@dataclass(slots=True)
class Cover:
    """One message under its cover. Ask it for each part, then for the `original`."""

    kinds: Collection[str]
    places: dict[str, list[list[Any]]] = field(default_factory=dict)
    more: list[list[str]] = field(default_factory=list)

    def text(self, name: str, text: str) -> str:
        """A part whose places are kept, so that it can be uncovered: ``text``, ``subject``, ``quoted``."""
        covered = cover(text, self.kinds)
        if covered.finds:
            self.places[name] = [[f.kind.value, f.start, f.end, f.value] for f in covered.finds]
        return covered.text

    def aside(self, text: str) -> str:
        """A small part (file name, fact beside the message): only its values are kept."""
        covered = cover(text, self.kinds)
        self._keep(covered.finds)
        return covered.text

    def html(self, html: str, said: str) -> str:
        """Clean HTML. `said` are the text parts: the same words, looked at already, need no second look."""
        if not html or not self.kinds or (not self.places and says_no_more(html, said)):
            return html
        covered = cover_html(html, self.kinds)
        self._keep(covered.finds)
        return covered.text

    def _keep(self, finds: Sequence[Find]) -> None:
        known = {place[3] for places in self.places.values() for place in places}
        known |= {value for _, value in self.more}
        for one in finds:
            if one.value not in known:
                known.add(one.value)
                self.more.append([one.kind.value, one.value])

    @property
    def original(self) -> Original | None:
        """What lies under the cover, sealed; None when nothing had to be covered."""
        kinds = [place[0] for places in self.places.values() for place in places]
        kinds += [kind for kind, _ in self.more]
        if not kinds:
            return None
        body = sealing.seal_json(PURPOSE, {"places": self.places, "more": self.more})
        return Original(tuple(dict.fromkeys(kinds)), body)


def cover_inbound(inbound: Inbound, cover: Cover) -> Inbound:
    """The same utterance as it may be stored, searched, shown and quoted."""
    if not cover.kinds:
        return inbound
    text, subject, quoted = (
        cover.text(name, getattr(inbound, name)) for name in ("text", "subject", "quoted")
    )
    files = tuple(_named(file, cover) for file in inbound.files)
    meta = {
        key: cover.aside(value) if type(value) is str else value
        for key, value in inbound.meta.items()
    }
    if not (cover.places or cover.more):
        return inbound
    return replace(inbound, text=text, subject=subject, quoted=quoted, files=files, meta=meta)


def cover_other[Told: Parsed](told: Told, kinds: Collection[str]) -> Told:
    """Edited words, and those said in our name by another app: covered, too. Only the raw input keeps the values."""
    if isinstance(told, Edited | Echo):
        said = cover(told.text, kinds)
        return replace(told, text=said.text) if said.finds else told
    return told


def _named(file: Any, cover: Cover) -> Any:
    name = cover.aside(file.name)
    return file if name == file.name else replace(file, name=name)


_KEEP = """
INSERT INTO tickets_sealedoriginal (message_id, kinds, body, created_at)
SELECT message_id, string_to_array(kinds, ','), decode(body, 'escape'), %s
FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS t(message_id, kinds, body)
"""


def keep(rows: Sequence[tuple[int, Original]], *, now: datetime) -> None:
    """Rows: message, what lay under its cover. One statement a batch, inside the caller's transaction."""
    if rows:
        table = [(pk, ",".join(o.kinds), o.body.decode("ascii")) for pk, o in rows]
        sql.fetch(_KEEP, [now, *sql.columns(table)])


def keep_one(message_id: int, cover: Cover, *, now: datetime) -> None:
    """The same for a message that a verb wrote."""
    original = cover.original
    if original is not None:
        SealedOriginal.objects.create(
            message_id=message_id, kinds=list(original.kinds), body=original.body, created_at=now
        )
