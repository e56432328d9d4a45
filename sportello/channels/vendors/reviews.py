"""Public reviews by polling: which are new or changed since the last look, and how they read.

A raw item is one review as its vendor tells it, wrapped with what only the look itself knows:
``{"review": {…}, "before": "<external id of the version seen last>"}``.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar

from sportello.channels.contract import (
    Address,
    Echo,
    Envelope,
    FieldKind,
    Inbound,
    Outbound,
    Outcome,
    Parsed,
    Provider,
    Raw,
    Setting,
    Settings,
    Unreadable,
)
from sportello.channels.vendors import tokens
from sportello.channels.vendors.shapes import at, digest, iso_moment, key, peek

if TYPE_CHECKING:
    from sportello.core.net import Net

SINCE = Setting(
    "since",
    "Fetch reviews since",
    help="A date like 2026-11-21. Empty: only what is written from now on.",
)
EVERY = Setting(
    "every_minutes",
    "Minutes between two looks",
    FieldKind.NUMBER,
    default=10,
    help="Vendors count each look.",
    advanced=True,
)
REMEMBERED = 1000
"""Reviews whose last version is known. Older ones are told apart from new ones by their date."""

News = Iterator[tuple[Raw, dict[str, Any]]]
Found = tuple["Review", dict[str, Any]]
"""A review, and the same as its vendor tells it."""


@dataclass(frozen=True, slots=True)
class Review:
    """A review as all vendors have it."""

    id: str
    stars: int
    text: str
    """The title, if any, and what was written."""
    author: str = ""
    account: str = ""
    """The vendor's lasting id of the author; empty where he keeps it to himself."""
    at: datetime | None = None
    """When it was written or changed last."""
    answer: str = ""
    """What stands below it in our name."""
    answered_at: datetime | None = None
    language: str = ""
    email: str = ""
    """Where the vendor says that he invited the author; nobody has proved it to us."""
    facts: Mapping[str, Any] | None = None

    @property
    def version(self) -> str:
        """Changes whenever the author changes stars or words, and then only."""
        return digest(str(self.stars), self.text)[:12]

    @property
    def external_id(self) -> str:
        return f"{self.id}:{self.version}"


class ReviewProvider(Provider):
    """Looks, reads and sends; subclasses know where their vendor keeps what."""

    id_path: ClassVar[tuple[str, ...]]
    """Where an item keeps the review's id."""

    def listed(self, settings: Settings, cursor: Mapping[str, Any], net: Net) -> Iterator[Found]:
        """Newest first, as far back as there is something unknown. Raises `NetError`."""
        raise NotImplementedError

    def review(self, item: dict[str, Any]) -> Review:
        """Must not raise on any object."""
        raise NotImplementedError

    def answer(self, review_id: str, text: str, settings: Settings, net: Net) -> Outcome:
        """The one answer to a review: another one replaces it. Raises `NetError`."""
        raise NotImplementedError

    def envelope(self, raw: Raw) -> Envelope:
        """Everything about one review is applied in order."""
        return Envelope(f"{self.kind}:{key(at(peek(raw.body), 'review', *self.id_path))}")

    def parse(self, raw: Raw, settings: Settings) -> list[Parsed]:
        data = peek(raw.body)
        if not isinstance(data.get("review"), dict):
            raise Unreadable("Not a review as it was fetched.")
        return parsed(self.review(data["review"]), key(data.get("before")), self.identity_kind)

    def poll(
        self, settings: Settings, cursor: Mapping[str, Any], net: Net
    ) -> Iterator[tuple[Raw, dict[str, Any]]]:
        """Raises `NetError`."""
        if is_time(settings, cursor):
            found = [pair for pair in self.listed(settings, cursor, net) if pair[0].id]
            yield from news(found, settings, cursor)

    def send(self, outbound: Outbound, settings: Settings, net: Net) -> Outcome:
        review_id = outbound.thread_ref or outbound.recipient.address
        return tokens.delivered(lambda: self.answer(review_id, outbound.text, settings, net))


def is_time(settings: Settings, cursor: Mapping[str, Any]) -> bool:
    """Whether the pause since the last look is over. A clock that went back ends it, too."""
    try:
        pause = max(0.0, float(settings.get("every_minutes") or 0)) * 60
    except (TypeError, ValueError):
        pause = 600.0
    looked = cursor.get("looked")
    return not isinstance(looked, int | float) or not 0 <= time.time() - looked < pause


def news(found: Sequence[Found], settings: Settings, cursor: Mapping[str, Any]) -> News:
    """Raw items for what is new, oldest first, each with the cursor to keep; at the end the look itself."""
    since = _moment(settings) or _moment(cursor) or datetime.now(UTC)
    seen: dict[str, str] = dict(cursor.get("seen") or {})
    state: dict[str, Any] = {"since": since.isoformat(), "looked": cursor.get("looked", 0)}
    for review, item in sorted(found, key=lambda pair: pair[0].at or datetime.now(UTC)):
        before, mark = seen.pop(review.id, None), _mark(review)
        seen[review.id] = mark
        is_old = before is None and review.at is not None and review.at < since
        if not is_old and before != mark:
            version = (before or "").partition("/")[0]
            changed = f"{review.id}:{version}" if version not in ("", review.version) else ""
            body = json.dumps({"review": item, "before": changed}).encode()
            yield Raw(body, source="poll"), state | {"seen": _newest(seen)}
    yield Raw(b"", source="poll"), state | {"seen": _newest(seen), "looked": time.time()}


def is_known(review: Review, cursor: Mapping[str, Any]) -> bool:
    """Whether this version was seen at an earlier look: what lies behind it in the list was, too."""
    return bool(at(cursor.get("seen"), review.id) == _mark(review))


def each(value: object) -> list[dict[str, Any]]:
    """The objects of a list; of anything else none."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def written(value: object) -> str:
    """Words of people as a database can keep them; empty for what is none."""
    plain = value.replace("\x00", "") if isinstance(value, str) else ""
    return plain.encode("utf-8", "replace").decode().strip()


def parsed(review: Review, before: str, kind: str) -> list[Parsed]:
    """The review, and our answer below it. What is known already is recognised by its id."""
    if not review.id:
        raise Unreadable("A review without an id.")
    author = Address(kind, review.account or review.id, review.author, verified=True, how="provider")  # fmt: skip
    words = f"{stars(review.stars)} {review.text}".strip() or "[review]"
    facts = {"stars": review.stars, "edited": bool(before), **(review.facts or {})}
    found: list[Parsed] = [
        Inbound(
            external_id=review.external_id,
            sender=author,
            text=f"✏️ {words}" if before else words,
            sent_at=review.at,
            fingerprint=digest(words),
            thread_ref=review.id,
            language=review.language[:2].lower(),
            contact_name=review.author,
            claimed=(Address("email", review.email),) if "@" in review.email else (),
            meta={name: fact for name, fact in facts.items() if fact},
            is_public=True,
            answers=before,
            rating=float(review.stars) or None,
            addressed="?" in review.text,
        )
    ]
    if review.answer:
        answered = answer_id(review.id, review.answer)
        found.append(Echo(answered, author, review.answer, (), review.id, review.answered_at))
    return found


def answer_id(review_id: str, text: str) -> str:
    """Vendors give answers no id that lasts: by its words ours is recognised when it comes back."""
    return f"{review_id}:answer:{digest(' '.join(text.split()))[:12]}"


def stars(number: int) -> str:
    """``★★★☆☆``; empty when there is no rating."""
    return "★" * number + "☆" * (5 - number) if 1 <= number <= 5 else ""


def rating(value: object) -> int:
    """One to five, or 0 for what is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 5 else 0  # fmt: skip


def _mark(review: Review) -> str:
    """Of both sides: an answer given elsewhere is news, too."""
    return f"{review.version}/{digest(review.answer)[:6] if review.answer else ''}"


def _newest(seen: dict[str, str]) -> dict[str, str]:
    return dict(list(seen.items())[-REMEMBERED:])


def _moment(kept: Mapping[str, Any]) -> datetime | None:
    return iso_moment(str(kept.get("since") or ""))
