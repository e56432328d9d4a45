"""Text messages by Vonage: the Messages API, and what the older SMS API still sends."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

from sportello.channels.contract import (
    Address,
    Capabilities,
    Check,
    Envelope,
    Failed,
    FieldKind,
    File,
    Inbound,
    Outbound,
    Outcome,
    Parsed,
    Provider,
    Raw,
    Refused,
    Sent,
    Setting,
    Settings,
    Status,
    StatusUpdate,
    Unreadable,
    said,
)
from sportello.channels.providers.vonage import signature
from sportello.channels.vendors import sms
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
from sportello.channels.vendors.shapes import Shape, Text, at, digest, iso_moment, key, peek, read
from sportello.core.net import Broken

if TYPE_CHECKING:
    from sportello.core.net import Net

API = "https://api.nexmo.com"
STATUSES = {
    "submitted": Status.SENT,
    "accepted": Status.SENT,
    "buffered": Status.SENT,
    "delivered": Status.DELIVERED,
    "read": Status.READ,
    "rejected": Status.FAILED,
    "undeliverable": Status.FAILED,
    "failed": Status.FAILED,
    "expired": Status.FAILED,
}
KINDS = {"whatsapp": "whatsapp", "viber_service": "viber", "messenger": "messenger", "rcs": "phone"}
"""Channel of the Messages API → kind of identity. Other than SMS and MMS, the channel is the thread."""
NUMBERED = {"sms", "mms", "rcs", "whatsapp", "viber_service"}
MEDIA = {"image": "image/jpeg", "audio": "audio/mpeg", "video": "video/mp4", "file": "application/octet-stream", "vcard": "text/vcard"}  # fmt: skip


class Media(Shape):
    url: Text = ""
    caption: Text = ""
    name: Text = ""


class Choice(Shape):
    id: Text = ""
    title: Text = ""
    text: Text = ""
    payload: Text = ""


class Place(Shape):
    lat: float | None = None
    long: float | None = None
    name: Text = ""


class Named(Shape):
    name: Text = ""


class Message(Shape):
    message_uuid: Text = ""
    channel: Text = "sms"
    sender: Text = ""
    to: Text = ""
    timestamp: Text = ""
    message_type: Text = ""
    text: Text = ""
    image: Media | None = None
    audio: Media | None = None
    video: Media | None = None
    file: Media | None = None
    vcard: Media | None = None
    reply: Choice | None = None
    button: Choice | None = None
    location: Place | None = None
    profile: Named | None = None
    context: dict[str, Any] | None = None


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
        fields = signature.fields_of(raw)
        id = fields.get("message_uuid") or fields.get("messageId") or ""
        is_status = "status" in fields
        whose = peek(raw.body).get("to" if is_status else "from")
        who = _bare(whose) or fields.get("msisdn") or "vonage"
        return Envelope(who[:100], (id[:100],) if id and not is_status else ())

    def parse(self, raw: Raw, settings: Settings) -> list[Parsed]:
        data = peek(raw.body)
        fields = {n: v.replace("\x00", "") for n, v in signature.fields_of(raw).items()}
        if "status" in fields:
            return _report(fields, data)
        if fields.get("msisdn", "").strip():
            return [_older(fields)]
        if not _bare(data.get("from")).strip():
            raise Unreadable("Neither a message nor a status of Vonage.")
        return [_inbound(read(Message, data | {"sender": _bare(data["from"]), "to": _bare(data.get("to"))}))]  # fmt: skip

    def fetch_media(self, file: File, settings: Settings, net: Net) -> File:
        answer = net.http.get(file.media_ref, redirects=3, max_bytes=20 * 1024 * 1024, timeout=60.0)
        if answer.status_code != 200:
            raise Broken(f"Vonage does not give this file any more (HTTP {answer.status_code}).")
        return dataclasses.replace(file, content=answer.content)

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


def _bare(party: object) -> str:
    """Vonage writes a party as text, or as an object in older versions."""
    if isinstance(party, dict):
        return key(party.get("number")) or key(party.get("id"))
    return key(party)


def _report(fields: dict[str, str], data: dict[str, Any]) -> list[Parsed]:
    status = STATUSES.get(fields["status"])
    id = fields.get("message_uuid") or fields.get("messageId")
    if status is None or not id:
        return []
    reason = ""
    if status is Status.FAILED:
        error = data.get("error")
        told = [key(at(error, name)) for name in ("title", "detail", "reason")]
        code = fields.get("err-code", "")
        reason = ". ".join(x for x in told if x) or (
            said("Vonage error {number}.", number=code) if code else fields["status"]
        )
    return [
        StatusUpdate(
            id, status, reason, _bare(data.get("to")), iso_moment(fields.get("timestamp", ""))
        )
    ]


def _older(fields: dict[str, str]) -> Inbound:
    """The SMS API. Parts of a long message come apart: each is shown, with its number."""
    text = fields.get("text", "")
    meta: dict[str, Any] = dict(sms.meta_of(text))
    if fields.get("concat") == "true":
        meta["part"] = f"{fields.get('concat-part', '?')}/{fields.get('concat-total', '?')}"
    return Inbound(
        external_id=fields.get("messageId") or digest(*(f"{k}={v}" for k, v in sorted(fields.items()))),
        sender=Address("phone", e164(fields["msisdn"]), verified=True, how="provider"),
        text=text,
        sent_at=iso_moment(unquote_plus(fields.get("message-timestamp", ""))),
        fingerprint=digest(text),
        meta=meta,
    )  # fmt: skip


def _inbound(message: Message) -> Inbound:
    chosen = message.reply or message.button
    text = message.text
    meta: dict[str, Any] = {}
    if chosen:
        text = text or chosen.title or chosen.text
        meta["postback"] = chosen.id or chosen.payload
    if (place := message.location) and place.lat is not None:
        link = f"https://www.openstreetmap.org/?mlat={place.lat}&mlon={place.long}"
        text = "\n".join(x for x in (text, place.name, link) if x)
    files = []
    for kind, content_type in MEDIA.items():
        media: Media | None = getattr(message, kind)
        if media and media.url:
            text = text or media.caption
            files.append(File(media.name or kind, content_type, media_ref=media.url))
    channel = message.channel
    number = e164(message.sender) if channel in NUMBERED else message.sender
    name = message.profile.name if message.profile else ""
    fingerprint = digest(text, *(f.media_ref for f in files))
    return Inbound(
        external_id=message.message_uuid or digest(number, message.timestamp, fingerprint),
        sender=Address(KINDS.get(channel, "phone"), number, name, verified=True, how="provider"),
        text=text,
        sent_at=iso_moment(message.timestamp),
        fingerprint=fingerprint,
        files=tuple(files),
        thread_ref=channel if channel in KINDS else "",
        contact_name=name,
        meta=meta | sms.meta_of(text),
        answers=key(at(message.context, "message_uuid")),
    )


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
