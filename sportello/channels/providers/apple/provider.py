"""Apple Messages for Business by the API for messaging service providers (MSP)."""

from __future__ import annotations

import dataclasses
import gzip
import json
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, UUID, uuid5

from sportello.channels.contract import (
    Capabilities,
    Check,
    Envelope,
    Failed,
    FieldKind,
    File,
    Outbound,
    Outcome,
    Parsed,
    Provider,
    QuickReply,
    Raw,
    Sent,
    Setting,
    Settings,
    Unknown,
    said,
)
from sportello.channels.providers.apple import files, reading, trust
from sportello.channels.vendors.calls import (
    PATIENCE,
    Reply,
    base,
    call,
    delivered,
    refused,
    tried,
)
from sportello.channels.vendors.shapes import address, at, key
from sportello.core.net import NetError

if TYPE_CHECKING:
    from sportello.core.net import Net

BID = "com.apple.messages.MSMessageExtensionBalloonPlugin:0000000000:com.apple.icloud.apps.messages.business.extension"
AT_ONCE = range(2, 6)
"""How many quick replies Apple shows under a message; fewer or more become a list."""
WORDS = {
    401: said("Apple does not accept the MSP ID and its secret."),
    403: said("Apple does not accept the MSP ID and its secret."),
    404: said("The customer has deleted this conversation. Only they can begin a new one."),
    410: said("The customer has deleted this conversation. Only they can begin a new one."),
    413: said("Apple takes no message of this size."),
}


class Apple(Provider):
    kind = "apple"
    name = "Apple Messages for Business"
    identity_kind = "apple"
    conversational = True
    hue = "apple"
    capabilities = Capabilities(
        files=True,
        max_file_bytes=100 * 1024 * 1024,
        max_text=10_000,
        quick_replies=20,
    )
    settings = (
        Setting("business_id", "Business ID", required=True, help="Apple Business Register, Messages for Business account: the ID that messages are sent to."),
        Setting("msp_id", "MSP ID", required=True, help="Of your messaging service provider account at Apple."),
        Setting("msp_secret", "MSP secret", FieldKind.SECRET, required=True, help="The API secret of the same account, as Apple shows it."),
        Setting("api_base", "API address", FieldKind.URL, default=files.API, advanced=True),
    )  # fmt: skip
    guide = (
        "Register as a messaging service provider in Apple Business Register; Apple reviews each one. Who does not want to be one uses a provider that Apple lists, for example CM.com.",
        "Copy the MSP ID and the API secret, and save them here with the ID of the business account.",
        "As address of the provider's server give the address shown here: Apple appends /message by itself.",
        "Connect the business account to your provider, and write to it from an iPhone with the test link.",
    )

    def verify(self, raw: Raw, settings: Settings) -> None:
        trust.genuine(raw, settings)

    def envelope(self, raw: Raw) -> Envelope:
        return reading.envelope(raw)

    def parse(self, raw: Raw, settings: Settings) -> list[Parsed]:
        return reading.parsed(raw)

    def fetch_media(self, file: File, settings: Settings, net: Net) -> File:
        return dataclasses.replace(file, content=files.fetch(file.media_ref, settings, net))

    def send(self, outbound: Outbound, settings: Settings, net: Net) -> Outcome:
        """Files go up first, where nobody sees them; then text with files; then a list of choices."""
        if not trust.secret(settings):
            return Failed(said("The MSP secret cannot be read: copy it again."), permanent=True)
        attached = []
        for file in outbound.files:
            placed = _placed(file, settings, net)
            if not isinstance(placed, dict):
                return placed
            attached.append(placed)
        first = _id(outbound.idempotency_key)
        parts = _parts(outbound, attached, first)
        if not parts:
            return Failed(said("There is nothing to send."), permanent=True)
        for n, part in enumerate(parts):
            id = first if n == 0 else str(uuid5(UUID(first), str(n)))
            outcome = delivered(lambda part=part, id=id: _sent(part, id, outbound, settings, net))  # type: ignore[misc]
            if isinstance(outcome, Sent):
                continue
            if n == 0:
                return outcome
            return Failed(said("Only a part was sent. {reason}", reason=outcome.reason), permanent=True)  # fmt: skip
        return Sent(first)

    def check(self, settings: Settings, net: Net) -> list[Check]:
        if not trust.secret(settings):
            words = said("The MSP secret cannot be read: copy it again.")
            return [Check(said("Account"), ok=False, detail=words)]
        return [tried(said("Account"), lambda: _account(settings, net))]


def _id(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        return str(uuid5(NAMESPACE_URL, text))


def _placed(file: File, settings: Settings, net: Net) -> dict[str, str] | Failed:
    """Whatever goes wrong here was seen by nobody and can be tried again."""
    try:
        placed = files.put(file, settings, net)
    except NetError as error:
        words = said("“{name}” could not be uploaded: {reason}", name=file.name, reason=str(error))
        return Failed(words, permanent=False, retry_after=PATIENCE)
    if isinstance(placed, dict):
        return placed
    outcome = _failure(placed)
    if isinstance(outcome, Failed):
        return outcome
    words = said("“{name}” could not be uploaded: {reason}", name=file.name, reason=f"HTTP {placed.status}")  # fmt: skip
    return Failed(words, permanent=False, retry_after=PATIENCE)


def _parts(outbound: Outbound, attached: list[dict[str, str]], id: str) -> list[dict[str, Any]]:
    """A few choices carry the text themselves; many come as a list below it."""
    choices = outbound.quick_replies
    if len(choices) in AT_ONCE and not attached and outbound.text:
        items = [{"identifier": q.id or q.title, "title": q.title} for q in choices]
        data = {"quick-reply": {"summaryText": outbound.text, "items": items}}
        return [{"type": "interactive", "interactiveData": _interactive(data, id)}]
    parts: list[dict[str, Any]] = []
    if outbound.text or attached:
        body = "\n".join(x for x in (outbound.text, reading.PLACE * len(attached)) if x)
        parts.append({"type": "text", "body": body} | ({"attachments": attached} if attached else {}))  # fmt: skip
    if choices:
        parts.append({"type": "interactive", "interactiveData": _list(outbound.text, choices, id)})
    return parts


def _list(text: str, choices: tuple[QuickReply, ...], id: str) -> dict[str, Any]:
    items = [
        {"identifier": q.id or q.title, "title": q.title, "order": n, "style": "small"}
        for n, q in enumerate(choices)
    ]
    section = {"title": "", "items": items, "order": 0, "multipleSelection": False}
    title = {"title": text.partition("\n")[0][:80] or "…", "style": "small"}
    found = _interactive({"listPicker": {"sections": [section]}}, id)
    return found | {"receivedMessage": title, "replyMessage": title}


def _interactive(data: dict[str, Any], id: str) -> dict[str, Any]:
    """`requestIdentifier` comes back with what was picked."""
    return {"bid": BID, "data": {"version": "1.0", "requestIdentifier": id, **data}}


def _sent(part: dict[str, Any], id: str, outbound: Outbound, settings: Settings, net: Net) -> Outcome:  # fmt: skip
    """Raises `NetError`."""
    business, person = str(settings.get("business_id") or ""), outbound.recipient.address
    message = {"v": 1, "id": id, "sourceId": business, "destinationId": person, **part}
    headers = {
        "authorization": trust.bearer(settings),
        "id": id,
        "source-id": business,
        "destination-id": person,
        "auto-reply": "true" if outbound.automatic else "false",
        "msp-agent": "Sportello",
        "content-type": "application/json",
        "content-encoding": "gzip",
    }
    packed = gzip.compress(json.dumps(message).encode())
    reply = call(net, "POST", f"{base(settings, files.API)}/v1/message", content=packed, headers=headers)  # fmt: skip
    return Sent(id) if reply.ok else _failure(reply)


def _failure(reply: Reply) -> Failed | Unknown:
    told = key(at(reply.data, "error", "message")) or key(reply.data.get("message"))
    ours = WORDS.get(reply.status)
    return refused(reply, ours or told)


def _account(settings: Settings, net: Net) -> tuple[bool, str]:
    """Asks for room for a small file and puts nothing there: the one call that harms nobody."""
    reply = files.room_for(64, settings, net)
    if reply.ok and address(reply.data.get("upload-url")):
        return True, said("Apple accepts the token for this business.")
    outcome = _failure(reply)
    return False, outcome.reason
