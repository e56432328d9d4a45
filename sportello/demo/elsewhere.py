"""What customers say on social networks and in app stores, as the vendors' webhooks would hand it in."""

from __future__ import annotations

import json
import uuid
from typing import Any

from sportello.channels.contract import Raw
from sportello.demo.script import Elsewhere, Story

PAGE, GRAM, NUMBER, SENDER = (
    "100200300400500",
    "17841400000000001",
    "200300400500600",
    "+390583555011",
)
NOWHERE = "https://vendor.example"
"""Nobody answers there: the demo's networks are turned off, and calls nobody if they are turned on."""
SETTINGS: dict[str, tuple[str, str, dict[str, str]]] = {
    "facebook": ("facebook", "Pagina Facebook", {"page_id": PAGE, "page_access_token": "demo", "app_secret": "demo", "verify_token": "demo"}),
    "messenger": ("messenger", "Messenger", {"page_id": PAGE, "page_access_token": "demo", "app_secret": "demo", "verify_token": "demo"}),
    "whatsapp": ("whatsapp", "WhatsApp", {"phone_number_id": NUMBER, "access_token": "demo", "app_secret": "demo", "verify_token": "demo"}),
    "sms": ("twilio", "SMS", {"account_sid": "AC" + "0" * 32, "auth_token": "demo", "from_number": SENDER}),
    "instagram": ("instagram", "Instagram", {"page_id": GRAM, "page_access_token": "demo", "app_secret": "demo", "verify_token": "demo"}),
    "play": ("google_play", "Recensioni Google Play", {"package_name": "example.bottega.aurora", "service_account": "{}"}),
}  # fmt: skip
"""Box → provider, name, settings."""
_SPACE = uuid.UUID("0b6a52c3-6c0e-4f3c-9c0b-5f0d3a6f2c11")


def settings_of(box: str) -> dict[str, str]:
    return SETTINGS[box][2] | {"api_base": NOWHERE}


def raw_of(step: Elsewhere, story: Story) -> Raw:
    build = {
        "facebook": _comment,
        "messenger": _direct,
        "whatsapp": _whatsapp,
        "instagram": _below_a_picture,
        "play": _review,
    }[step.box]
    source = "poll" if step.box == "play" else "webhook"
    return Raw(json.dumps(build(step, story)).encode(), source=source)


def _id(step: Elsewhere, story: Story) -> str:
    """The same at every seeding."""
    return uuid.uuid5(_SPACE, f"{story.key} {step.box} {step.text}").hex


def person_of(who: str, box: str) -> str:
    """The vendor's id for a customer: digits."""
    return str(uuid.uuid5(_SPACE, f"{who} {box}").int)[:16]


def _seconds(step: Elsewhere) -> int:
    return int(step.at.timestamp())


def _comment(step: Elsewhere, story: Story) -> dict[str, Any]:
    value = {
        "item": "comment",
        "verb": "add",
        "comment_id": f"{PAGE}_{_id(step, story)[:12]}",
        "post_id": f"{PAGE}_90210",
        "parent_id": f"{PAGE}_90210",
        "from": {"id": person_of(story.who, "facebook"), "name": step.name},
        "message": step.text,
        "created_time": _seconds(step),
    }
    entry = {"id": PAGE, "time": _seconds(step), "changes": [{"field": "feed", "value": value}]}
    return {"object": "page", "entry": [entry]}


def _below_a_picture(step: Elsewhere, story: Story) -> dict[str, Any]:
    value = {
        "id": str(uuid.UUID(_id(step, story)).int)[:17],
        "from": {"id": person_of(story.who, "instagram"), "username": step.name},
        "media": {"id": "17900000000000042", "media_product_type": "FEED"},
        "text": step.text,
    }
    entry = {"id": GRAM, "time": _seconds(step), "changes": [{"field": "comments", "value": value}]}
    return {"object": "instagram", "entry": [entry]}


def _review(step: Elsewhere, story: Story) -> dict[str, Any]:
    comment = {
        "text": f"\t{step.text}",
        "starRating": step.stars,
        "reviewerLanguage": "it",
        "appVersionName": "2.4.1",
        "lastModified": {"seconds": str(_seconds(step))},
    }
    review = {
        "reviewId": _id(step, story),
        "authorName": step.name,
        "comments": [{"userComment": comment}],
    }
    return {"review": review, "before": ""}


def _direct(step: Elsewhere, story: Story) -> dict[str, Any]:
    said = {
        "sender": {"id": person_of(story.who, "messenger")},
        "recipient": {"id": PAGE},
        "timestamp": _seconds(step) * 1000,
        "message": {"mid": f"m_{_id(step, story)}", "text": step.text},
    }
    entry = {"id": PAGE, "time": _seconds(step) * 1000, "messaging": [said]}
    return {"object": "page", "entry": [entry]}


def _whatsapp(step: Elsewhere, story: Story) -> dict[str, Any]:
    """A picture without words, or words."""
    number = step.phone.removeprefix("+")
    message: dict[str, Any] = {"from": number, "id": f"wamid.{_id(step, story)}", "timestamp": str(_seconds(step))}  # fmt: skip
    if step.text:
        message |= {"type": "text", "text": {"body": step.text}}
    else:
        message |= {"type": "image", "image": {"id": "demo", "mime_type": "image/jpeg"}}
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": SENDER, "phone_number_id": NUMBER},
        "contacts": [{"profile": {"name": step.name}, "wa_id": number}],
        "messages": [message],
    }
    changes = [{"field": "messages", "value": value}]
    return {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": changes}]}
