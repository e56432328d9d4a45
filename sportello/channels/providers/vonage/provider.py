"""Text messages by Vonage: the Messages API, and what the older SMS API still sends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
from sportello.channels.providers.vonage import reading, signature
from sportello.channels.providers.vonage.reading import KINDS, NUMBERED
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
from sportello.channels.vendors.phones import e164
from sportello.channels.vendors.shapes import at, key

if TYPE_CHECKING:
    from sportello.core.net import Net

API = "https://api.nexmo.com"


class Vonage(Provider):
    kind = "vonage"
    name = "SMS (Vonage)"
    identity_kind = "phone"
    customer_setting = "from_number"
    customer_link = "sms:+{digits}"
    conversational = True
    hue = "sms"
    capabilities = Capabilities(
        files=True,
        max_file_bytes=600 * 1024,
        max_text=1000,
        media=("image/*", "text/vcard"),
        delivery_receipts=True,
    )
    settings = (
        Setting("api_key", "API key", required=True, help="On the first page of the Vonage dashboard."),
        Setting("api_secret", "API secret", FieldKind.SECRET, required=True),
        Setting("signature_secret", "Signature secret", FieldKind.SECRET, required=True, help="Vonage dashboard, API settings: Vonage signs its calls with it."),
        Setting("from_number", "From number", required=True, help="A number of the account, or a sender name."),
        Setting("api_base", "API address", FieldKind.URL, default=API, advanced=True),
    )  # fmt: skip
    guide = (
        "Copy the API key, the API secret and the signature secret from the Vonage dashboard.",
        "In the API settings choose the Messages API as the API for text messages.",
        "Make an application with the capability Messages; paste the address shown here as inbound URL and as status URL.",
        "Link your number to the application and enter it here.",
    )

    def verify(self, raw: Raw, settings: Settings) -> None:
        if not signature.genuine(raw, str(settings.get("signature_secret") or "")):
            raise Refused("Vonage's signature does not fit.")

    def envelope(self, raw: Raw) -> Envelope:
        return reading.envelope(raw)

    def parse(self, raw: Raw, settings: Settings) -> list[Parsed]:
        return reading.parsed(raw)

    def fetch_media(self, file: File, settings: Settings, net: Net) -> File:
        return media.fetched(file, net, of="Vonage", most=20 * 1024 * 1024)

    def send(self, outbound: Outbound, settings: Settings, net: Net) -> Outcome:
        """One message: with a picture it is an MMS whose caption is the text."""
        channel = outbound.thread_ref if outbound.thread_ref in KINDS else "sms"
        number = outbound.recipient.address
        message: dict[str, Any] = {
            "channel": channel,
            "to": e164(number).lstrip("+") if channel in NUMBERED else number,
            "from": str(settings.get("from_number") or "").lstrip("+"),
            "client_ref": outbound.idempotency_key[:100],
        }
        text = sms.with_choices(outbound.text, outbound.quick_replies)
        if len(outbound.files) > 1:
            return Failed(said("One file at a time."), permanent=True)
        if outbound.files:
            file = outbound.files[0]
            url = public_address(file)
            if not url:
                return without_address(file)
            kind = "image" if file.content_type.startswith("image/") else "vcard" if channel == "sms" else "file"  # fmt: skip
            message |= {"channel": "mms" if channel == "sms" else channel, "message_type": kind}
            message[kind] = {"url": url} | ({"caption": text} if text else {})
        else:
            message |= {"message_type": "text", "text": text}
        if callback := settings.get("webhook_url"):
            message |= {"webhook_url": callback, "webhook_version": "v1"}
        return delivered(lambda: _sent(settings, net, message))

    def check(self, settings: Settings, net: Net) -> list[Check]:
        return [tried(said("Account"), lambda: _account(settings, net))]


def _auth(settings: Settings) -> tuple[str, str]:
    return str(settings.get("api_key") or ""), str(settings.get("api_secret") or "")


def _sent(settings: Settings, net: Net, message: dict[str, Any]) -> Outcome:
    url = f"{base(settings, API)}/v1/messages"
    reply = call(net, "POST", url, json=message, auth=_auth(settings))
    id = key(reply.data.get("message_uuid"))
    return Sent(id) if reply.ok and id else refused(reply, _words(reply))


def _words(reply: Reply) -> str:
    if reply.status == 401:
        return said("Vonage does not accept the API key and secret.")
    if reply.status == 402:
        return said("The Vonage account has no credit left.")
    bad = reply.data.get("invalid_parameters")
    names = [key(at(p, "name")) for p in bad] if isinstance(bad, list) else []
    told = key(reply.data.get("detail")) or key(reply.data.get("title"))
    return f"{told} ({', '.join(n for n in names if n)})" if any(names) else told


def _account(settings: Settings, net: Net) -> tuple[bool, str]:
    url = f"{base(settings, API)}/v2/applications"
    reply = call(net, "GET", url, params={"page_size": "1"}, auth=_auth(settings))
    if not reply.ok or not reply.readable:
        return False, _words(reply) or said("Unexpected answer (HTTP {status}). Is the API address right?", status=reply.status)  # fmt: skip
    count = key(reply.data.get("total_items")) or "0"
    if count == "0":
        return False, said("The account has no application: make one with the capability Messages.")
    return True, said("The key is accepted; applications: {count}.", count=count)
