"""What Bottega Aurora wants to know of its customers, what it knows of some, and what they agreed to."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sportello.contacts import consents, fields, wordings
from sportello.contacts.models import Contact, Organization, ProfileField
from sportello.core.actors import SYSTEM

CONTACT, FIRM = ProfileField.Of.CONTACT, ProfileField.Of.ORGANIZATION
TYPES = ProfileField.FieldType
FIELDS: tuple[tuple[str, str, str, str, list[str]], ...] = (
    (CONTACT, "tessera", "Tessera Aurora", TYPES.TEXT, []),
    (CONTACT, "macchina", "Macchina in casa", TYPES.CHOICE, ["Aurora Uno", "Aurora Due", "Moka Aurora"]),
    (CONTACT, "acquistata", "Acquistata il", TYPES.DATE, []),
    (CONTACT, "garanzia-estesa", "Garanzia estesa", TYPES.CHECKBOX, []),
    (FIRM, "codice-sdi", "Codice SDI", TYPES.TEXT, []),
    (FIRM, "sconto", "Sconto in %", TYPES.NUMBER, []),
    (FIRM, "contratto", "Contratto fino al", TYPES.DATE, []),
    (FIRM, "pagamento", "Pagamento", TYPES.CHOICE, ["Anticipato", "30 giorni", "60 giorni"]),
)  # fmt: skip


WORDINGS: tuple[tuple[int, str, str, str, str], ...] = (
    (700, "marketing", "it", "offerte-2025-01", "Acconsento a ricevere per e-mail le offerte di Bottega Aurora."),
    (240, "marketing", "it", "offerte-2026-04", "Acconsento a ricevere da Bottega Aurora S.r.l., Via Fillungo 112, Lucca, offerte e novità per e-mail, SMS e WhatsApp. Posso revocare il consenso in ogni momento rispondendo STOP o scrivendo a privacy@bottega-aurora.example."),
    (240, "marketing", "en", "offers-2026-04", "I agree to receive offers and news from Bottega Aurora S.r.l., Via Fillungo 112, Lucca, by e-mail, SMS and WhatsApp. I can withdraw at any time by answering STOP or writing to privacy@bottega-aurora.example."),
    (500, "recording", "it", "chiamate-2025-07", "Questa chiamata può essere registrata per migliorare il servizio. Se non desidera la registrazione, lo dica al nostro operatore: la conversazione prosegue senza registrazione."),
)  # fmt: skip
"""Days ago, purpose, language, version, text."""


def known_of_people(today: datetime) -> dict[str, dict[str, Any]]:
    """By their names in `people`."""
    return {
        "chiara": {
            "tessera": "AU-20418",
            "macchina": "Aurora Uno",
            "acquistata": (today - timedelta(days=412)).date().isoformat(),
            "garanzia-estesa": True,
        },
        "tommaso": {"tessera": "AU-31077", "macchina": "Aurora Due"},
        "marta": {"macchina": "Moka Aurora"},
    }


def known_of_firms(today: datetime) -> dict[str, dict[str, Any]]:
    end = f"{today.year + 1}-12-31"
    return {
        "miralago": {"sconto": 12, "pagamento": "60 giorni", "contratto": end},
        "brera": {"codice-sdi": "M5UXCR1", "pagamento": "30 giorni"},
        "torre": {"sconto": 7.5, "pagamento": "30 giorni", "contratto": end},
    }


def move_in(
    people: dict[str, Contact], organizations: dict[str, Organization], now: datetime
) -> None:
    """The fields, and what is known; one pair is left as it was noted before there were fields."""
    for position, (of, key, label, kind, choices) in enumerate(FIELDS):
        values = {"of": of, "key": key, "label": label, "type": kind, "choices": choices, "position": position}  # fmt: skip
        fields.save_field(field=ProfileField(), values=values, actor=SYSTEM)
    for name, known in known_of_people(now).items():
        people[name].custom = fields.filled(CONTACT, {}, known)
        people[name].save(update_fields=["custom"])
    for name, known in known_of_firms(now).items():
        organizations[name].custom = fields.filled(FIRM, {}, known)
        organizations[name].save(update_fields=["custom"])
    anna = people["anna"]
    anna.custom = {"Referente acquisti": "Arch. Bruni"}
    anna.save(update_fields=["custom"])
    _agree(people, now)


def _agree(people: dict[str, Contact], now: datetime) -> None:
    """Chiara to the old wording and, asked again, to the new one; Tommaso said no."""
    for ago, purpose, language, version, text in WORDINGS:
        wordings.write(
            purpose=purpose, language=language, version=version, text=text,
            actor=SYSTEM, now=now - timedelta(days=ago),
        )  # fmt: skip
    for name, version, given, ago in (
        ("chiara", "offerte-2025-01", True, 600),
        ("chiara", "offerte-2026-04", True, 200),
        ("tommaso", "offerte-2026-04", False, 90),
    ):
        consents.note_consent(
            contact=people[name], purpose="marketing", given=given, text_version=version,
            source="form", actor=SYSTEM, now=now - timedelta(days=ago),
        )  # fmt: skip
