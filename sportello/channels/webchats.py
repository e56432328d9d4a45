"""Site chats as the visitors' doors see them: looked up by public id, without rows, a few seconds old."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings as django_settings
from django.core import signing
from django.db import connection
from django.utils import translation

from sportello.accounts.models import Brand
from sportello.channels import offers, queries
from sportello.channels.models import Channel
from sportello.channels.providers.webchat import origins
from sportello.core import clock
from sportello.hours.models import Calendar
from sportello.hours.opening import closes_at, is_open, next_opening

FRESH_SECONDS = 5.0
_FILE_SALT = "widget-file"


@dataclass(frozen=True, slots=True)
class SiteChat:
    """One site chat with its brand and hours."""

    id: int
    public_id: str
    settings: Mapping[str, Any]
    brand: str
    colour: str
    language: str
    privacy_url: str
    mail: str
    """Where the brand takes e-mail: the way on when chat is not it."""
    calendar: Calendar | None
    ways: tuple[Mapping[str, str], ...] = ()
    """Where else customers of the brand are answered now: name, what it is for, link."""

    def allows(self, origin: str | None) -> bool:
        """Whether pages of `origin` may use the chat: exact origins, or our own."""
        return origins.allows(self.settings, origin, own_origins())

    def face(self, at: datetime) -> dict[str, Any]:
        """What anybody may know: it travels to every page that shows the chat. No secrets, no ids of rows."""
        wanted = (
            "greeting",
            "ask_question",
            "ask_name",
            "ask_email",
            "offer_files",
            "offer_transcript",
            "sound",
            "side",
        )
        return {
            "brand": self.brand,
            "colour": self.colour,
            "language": self.language,
            "privacy": self.privacy_url,
            "mail": self.mail,
            "ways": list(self.ways),
            **{name: self.settings.get(name) for name in wanted},
            **self.hours(at),
        }

    def hours(self, at: datetime) -> dict[str, Any]:
        """Open or not, and until or from when."""
        if self.calendar is None:
            return {"open": True, "until": None, "opens": None}
        until = closes_at(self.calendar, at)
        opens = None if is_open(self.calendar, at) else next_opening(self.calendar, at)
        return {
            "open": until is not None,
            "until": until.isoformat() if until else None,
            "opens": opens.isoformat() if opens else None,
        }


def own_origins() -> Iterable[str]:
    """Where this installation is reached: its public address, and loopback when that is loopback too."""
    own = str(django_settings.SPORTELLO_URL)
    yield own
    if "://localhost" in own or "://127.0.0.1" in own:
        yield own.replace("://localhost", "://127.0.0.1")
        yield own.replace("://127.0.0.1", "://localhost")


_known: dict[str, tuple[float, SiteChat | None]] = {}
_lock = threading.Lock()


def site_chat(public_id: str) -> SiteChat | None:
    """The active site chat of that public id, at most `FRESH_SECONDS` old. Blocks; call it from a thread."""
    mouth = queries.channel_by_public_id(public_id)
    if mouth is None or not mouth.is_active or mouth.provider.kind != "webchat":
        return None
    with _lock:
        at, chat = _known.get(public_id, (0.0, None))
        if chat is None or time.monotonic() - at > FRESH_SECONDS:
            chat = _load(mouth)
            _known[public_id] = (time.monotonic(), chat)
        return chat


def site_chat_for_a_door(public_id: str) -> SiteChat | None:
    """`site_chat` for a thread that has no request around it: gives its connection back."""
    try:
        return site_chat(public_id)
    finally:
        connection.close()


def _load(mouth: queries.Mouth) -> SiteChat:
    brand = Brand.objects.get(pk=mouth.brand_id)
    calendar = Calendar.objects.filter(
        pk__in=Channel.objects.filter(pk=mouth.id).values("calendar")
    ).first()
    return SiteChat(
        id=mouth.id,
        public_id=mouth.public_id,
        settings=mouth.settings,
        brand=brand.name,
        colour=brand.colour,
        language=brand.language,
        privacy_url=brand.privacy_url,
        mail=next((m.address for m in queries.mail_channels() if m.brand_id == mouth.brand_id), ""),
        calendar=calendar,
        ways=tuple(_other_ways(mouth, brand.language)),
    )


def _other_ways(mouth: queries.Mouth, language: str) -> Iterator[Mapping[str, str]]:
    with translation.override(language):
        found = offers.offered(clock.now(), brand=mouth.brand_id)
        names = offers.names(found)
        for way in found:
            if way.link and way.channel.pk != mouth.id:
                yield {
                    "name": names[way.channel.pk],
                    "hint": way.words(language),
                    "link": way.link,
                }


def file_link(chat: SiteChat, visitor: str, key: str) -> str:
    """A path that shows one file to one visitor for a day. The right is asked again when it is opened."""
    signed = signing.dumps([visitor, key], salt=_FILE_SALT, compress=False)
    return f"/widget/{chat.public_id}/files/{signed}"


def file_of_link(signed: str) -> tuple[str, str] | None:
    """(visitor, key) of a link that we made and that has not expired."""
    try:
        visitor, key = signing.loads(signed, salt=_FILE_SALT, max_age=86_400)
    except (signing.BadSignature, ValueError):
        return None
    return str(visitor), str(key)
