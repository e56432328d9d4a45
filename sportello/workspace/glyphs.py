"""How a channel looks: its hue names both the colour class and the glyph."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import phonenumbers
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from sportello.channels.queries import Mouth, mouths
from sportello.contacts.models import Contact, Identity

ICONS = {
    "email": "mail",
    "web": "message-square",
    "sms": "smartphone",
    "phone": "phone",
    "bot": "bot",
    "webhook": "webhook",
    "slack": "hash",
    "teams": "users",
    "rcs": "message-circle",
    "counter": "house",
    "letter": "file-text",
    "fax": "download",
    **{
        brand: f"b-{brand}"
        for brand in (
            "whatsapp",
            "messenger",
            "facebook",
            "instagram",
            "telegram",
            "line",
            "viber",
            "x",
            "googleplay",
            "appstore",
            "trustpilot",
            "apple",
        )
    },
}
CLASSES = {
    "chat": "web",
    "webchat": "web",
    "form": "web",
    "webhook": "email",
    "line": "whatsapp",
    "viber": "messenger",
    "slack": "instagram",
    "teams": "messenger",
    "rcs": "facebook",
    "apple": "email",
    "counter": "web",
    "letter": "email",
    "fax": "sms",
}
"""Hues that share another's colour."""
IDENTITY_HUES = {
    "email": "email",
    "phone": "sms",
    "visitor": "web",
    "google_play": "googleplay",
    "app_store": "appstore",
}


@dataclass(frozen=True, slots=True)
class Glyph:
    id: int
    name: str
    hue: str
    icon: str
    kind: str = ""
    """What sort of channel it is, in the agent's language: ``E-mail``, ``Site chat``."""


def _glyph(mouth: Mouth) -> Glyph:
    own = mouth.provider.hue
    return Glyph(mouth.id, mouth.name, CLASSES.get(own, own), icon_of(own), _(mouth.provider.name))


def icon_of(hue: str) -> str:
    """A borrowed colour does not borrow the picture, unless there is none."""
    return ICONS.get(hue) or ICONS.get(CLASSES.get(hue, hue), "webhook")


def glyphs() -> dict[int, Glyph]:
    """Every channel's looks, by id."""
    language, known = get_language(), mouths()
    of, looks = _looks.get(language, (None, {}))
    if of is not known:
        looks = {id: _glyph(mouth) for id, mouth in known.items()}
        _looks[language] = known, looks
    return looks


_looks: dict[str | None, tuple[dict[int, Mouth], dict[int, Glyph]]] = {}
"""By language: the channels as they were read, and how they look."""


def identity_glyph(kind: str) -> Glyph:
    """For an address: the looks of its kind of channel."""
    hue = IDENTITY_HUES.get(kind, kind)
    names = {
        "email": _("E-mail"),
        "phone": _("Telephone"),
        "visitor": _("Site chat"),
        "counter": _("Counter"),
        "letter": _("Letter"),
    }
    return Glyph(
        0, names.get(kind) or kind.replace("_", " ").title(), CLASSES.get(hue, hue), icon_of(hue)
    )


def shown_address(identity: Identity) -> str:
    """What an agent reads: the address itself; a name where the address is only a key."""
    if identity.kind == "visitor":
        return identity.display or _("Visitor")
    if identity.kind == "counter":
        return _("came in person")
    if identity.kind == "letter":
        return _("wrote a letter")
    if identity.kind == "phone":
        return _spaced(identity.address)
    return identity.address if identity.kind == "email" else identity.display or identity.address


def _spaced(number: str) -> str:
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL))


def called(contact: Contact | None, channels: Iterable[Glyph] = ()) -> str:
    """How people speak of a contact who has not said a name: a visitor of the site, or somebody unknown."""
    if contact is not None and contact.name:
        return contact.name
    return _("Visitor") if any(glyph.hue == "web" for glyph in channels) else _("Unknown customer")
