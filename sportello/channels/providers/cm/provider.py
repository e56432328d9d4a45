"""Text messages by CM.com, and the other channels of its Business Messaging API.

CM signs nothing: a secret in the webhook's address is all the proof there is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

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
    Raw,
    Refused,
    Sent,
    Setting,
    Settings,
    said,
)
from sportello.channels.providers.cm import reading
from sportello.channels.providers.cm.reading import number_of
from sportello.channels.vendors import media, sms
from sportello.channels.vendors.calls import (
    Reply,
    base,
    call,
    delivered,
    public_address,
    refused,
    tried,
    without_address,
)
from sportello.channels.vendors.shapes import at, key, same

if TYPE_CHECKING:
    from sportello.core.net import Net

API = "https://gw.messaging.cm.com"
RICH = {"WhatsApp", "RCS", "Viber", "Apple Messages for Business", "Instagram"}


class Cm(Provider):
    kind = "cm"
    name = "SMS (CM.com)"
    identity_kind = "phone"
    customer_setting = "sender"
    customer_link = "sms:+{digits}"
    conversational = True
    hue = "sms"
    capabilities = Capabilities(
        files=True,
        max_file_bytes=5 * 1024 * 1024,
        max_text=1224,
        delivery_receipts=True,
        quick_replies=11,
    )
    settings = (
        Setting("product_token", "Product token", FieldKind.SECRET, required=True, help="In the Channels app of CM.com, under Gateway."),
        Setting("sender", "Sender", required=True, help="A number, or a name of at most 11 letters and digits."),
        Setting("token", "Secret in the address", FieldKind.SECRET, required=True, help="CM signs nothing: append ?token= and this secret to the address you give to CM."),
        Setting("try_rcs", "Try RCS first", FieldKind.BOOLEAN, default=False, help="CM then sends by RCS where the phone has it, else by SMS. Your sender must be registered for RCS at CM."),
        Setting("api_base", "API address", FieldKind.URL, default=API, advanced=True),
    )  # fmt: skip
    guide = (
        "Copy the product token from the Channels app of CM.com, under Gateway.",
        "Invent a long secret of letters and digits and enter it here.",
        "At CM.com give the address shown here, with ?token= and the secret at its end, for incoming messages and for status reports.",
        "Press “Test the settings”, then send a message to your number.",
    )

    def verify(self, raw: Raw, settings: Settings) -> None:
        try:
            given = parse_qs(raw.query).get("token", [""])[0]
        except ValueError:
            given = ""
        if not same(given, str(settings.get("token") or "")):
            raise Refused("The address does not hold this channel's secret.")

    def envelope(self, raw: Raw) -> Envelope:
        return reading.envelope(raw)

    def parse(self, raw: Raw, settings: Settings) -> list[Parsed]:
        return reading.parsed(raw)

    def fetch_media(self, file: File, settings: Settings, net: Net) -> File:
        return media.fetched(file, net, of="CM")

    def send(self, outbound: Outbound, settings: Settings, net: Net) -> Outcome:
        channel = outbound.thread_ref if outbound.thread_ref in RICH else "SMS"
        rich = channel != "SMS"
        ways = ["RCS", "SMS"] if channel == "SMS" and settings.get("try_rcs") else [channel]
        addresses = [public_address(f) for f in outbound.files]
        if "" in addresses:
            return without_address(outbound.files[addresses.index("")])
        text = outbound.text if rich else sms.with_choices(outbound.text, outbound.quick_replies)
        if not rich:
            text = "\n".join(x for x in (text, *addresses) if x)
        reference = outbound.idempotency_key.replace("-", "")[:32]
        number = number_of(outbound.recipient.address)
        message: dict[str, Any] = {
            "from": str(settings.get("sender") or ""),
            "to": [{"number": f"00{number[1:]}" if number.startswith("+") else number}],
            "body": {"type": "auto", "content": text},
            "reference": reference,
            "minimumNumberOfMessageParts": 1,
            "maximumNumberOfMessageParts": 8,
            "allowedChannels": ways,
        }
        if rich or "RCS" in ways:
            message["richContent"] = _rich(outbound, addresses)
        body = {"messages": {"msg": [message]}}
        return delivered(lambda: _sent(settings, net, body, reference))

    def check(self, settings: Settings, net: Net) -> list[Check]:
        return [tried(said("Product token"), lambda: _token(settings, net))]


def _rich(outbound: Outbound, addresses: list[str]) -> dict[str, Any]:
    conversation: list[dict[str, Any]] = [{"text": outbound.text}] if outbound.text else []
    for file, url in zip(outbound.files, addresses, strict=True):
        media = {"mediaName": file.name, "mediaUri": url, "mimeType": file.content_type}
        conversation.append({"media": media})
    rich: dict[str, Any] = {"conversation": conversation}
    if outbound.quick_replies:
        rich["suggestions"] = [
            {"action": "Reply", "label": q.title[:25], "postbackData": q.id or q.title}
            for q in outbound.quick_replies[:11]
        ]
    return rich


def _post(settings: Settings, net: Net, body: dict[str, Any]) -> Reply:
    headers = {"x-cm-producttoken": str(settings.get("product_token") or "")}
    return call(net, "POST", f"{base(settings, API)}/v1.0/message", json=body, headers=headers)


def _sent(settings: Settings, net: Net, body: dict[str, Any], reference: str) -> Outcome:
    """CM's reports name our `reference`, so that is the id."""
    reply = _post(settings, net, body)
    part = at(reply.data, "messages", 0)
    codes = [key(reply.data.get("errorCode")), key(at(part, "messageErrorCode"))]
    if reply.ok and any(code not in ("", "0") for code in codes):
        return Failed(_words(reply), permanent=True)
    if reply.ok and key(at(part, "status")) == "Accepted":
        return Sent(reference)
    return refused(reply, _words(reply))


def _words(reply: Reply) -> str:
    if reply.status in (401, 403):
        return said("CM does not accept the product token.")
    detail = key(at(reply.data, "messages", 0, "messageDetails"))
    return detail or key(reply.data.get("details"))


def _token(settings: Settings, net: Net) -> tuple[bool, str]:
    """CM has no call that only asks: an empty batch is refused for being empty, or for its token."""
    reply = _post(settings, net, {"messages": {"msg": []}})
    if reply.readable and reply.status in (200, 400) and "errorCode" in reply.data:
        return True, said("CM accepts the product token.")
    return False, _words(reply) or said("Unexpected answer (HTTP {status}). Is the API address right?", status=reply.status)  # fmt: skip
