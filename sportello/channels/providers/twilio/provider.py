"""Text messages (SMS, MMS) by Twilio; WhatsApp and RCS senders of the same account come along."""

from __future__ import annotations

import dataclasses
import mimetypes
from typing import TYPE_CHECKING, Any

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
    Unknown,
    Unreadable,
    said,
)
from sportello.channels.vendors import sms
from sportello.channels.vendors.calls import delivered, public_address, tried, without_address
from sportello.channels.vendors.phones import e164
from sportello.channels.vendors.shapes import at, digest, key
from sportello.channels.vendors.twilio import rest, signature

if TYPE_CHECKING:
    from sportello.core.net import Net

STATUSES = {
    "accepted": Status.QUEUED,
    "scheduled": Status.QUEUED,
    "queued": Status.QUEUED,
    "sending": Status.QUEUED,
    "sent": Status.SENT,
    "delivered": Status.DELIVERED,
    "read": Status.READ,
    "undelivered": Status.FAILED,
    "failed": Status.FAILED,
    "canceled": Status.FAILED,
}
KINDS = {"whatsapp": "whatsapp", "rcs": "phone", "messenger": "messenger"}
"""Twilio's prefix of an address → kind of identity. The prefix is kept as the thread."""


class Twilio(Provider):
    kind = "twilio"
    name = "SMS (Twilio)"
    identity_kind = "phone"
    customer_setting = "from_number"
    customer_link = "sms:+{digits}"
    conversational = True
    hue = "sms"
    capabilities = Capabilities(
        files=True,
        max_file_bytes=5 * 1024 * 1024,
        max_text=1600,
        media=("image/*", "audio/*", "video/*", "text/vcard", "application/pdf"),
        delivery_receipts=True,
    )
    settings = (
        Setting("account_sid", "Account SID", required=True, help="On the first page of the Twilio console, begins with AC."),
        Setting("auth_token", "Auth token", FieldKind.SECRET, required=True, help="The primary one: Twilio signs its calls with it."),
        Setting("from_number", "From number", help="With + and country code, or a sender name. Empty with a messaging service."),
        Setting("messaging_service_sid", "Messaging service SID", help="Begins with MG. Instead of a number.", advanced=True),
        Setting("rcs_sender", "RCS sender", help="Begins with rcs: and answers who writes by RCS. Empty with a messaging service, which chooses it and falls back to SMS by itself.", advanced=True),
        Setting("status_callback", "Address for delivery reports", FieldKind.URL, help="The webhook address of this channel: Twilio reports there what became of each message."),
        Setting("api_base", "API address", FieldKind.URL, default=rest.API, advanced=True),
    )  # fmt: skip
    guide = (
        "Copy the account SID and the auth token from the first page of the Twilio console.",
        "Buy a number that can send text messages, and enter it as the from number.",
        "In the number's settings, under “A message comes in”, paste the address shown here, method HTTP POST.",
        "Paste the same address as the address for delivery reports.",
    )

    def verify(self, raw: Raw, settings: Settings) -> None:
        if not signature.genuine(raw, str(settings.get("auth_token") or "")):
            raise Refused("Twilio's signature does not fit. Is the public address right?")

    def envelope(self, raw: Raw) -> Envelope:
        fields = _fields(raw)
        status = _status(fields)
        other = fields.get("To" if status else "From", "")
        sid = _sid(fields)
        return Envelope(other[:100] or "twilio", (sid,) if sid and not status else ())

    def parse(self, raw: Raw, settings: Settings) -> list[Parsed]:
        fields = _fields(raw)
        status = _status(fields)
        if status:
            return _report(fields, status)
        if not fields.get("From", "").rpartition(":")[2].strip():
            raise Unreadable("Neither a message nor a delivery report of Twilio.")
        return [_inbound(fields)]

    def fetch_media(self, file: File, settings: Settings, net: Net) -> File:
        return dataclasses.replace(file, content=rest.media(settings, net, file.media_ref))

    def send(self, outbound: Outbound, settings: Settings, net: Net) -> Outcome:
        form: dict[str, Any] = {"To": _to(outbound)}
        if service := settings.get("messaging_service_sid"):
            form["MessagingServiceSid"] = service
        else:
            form["From"] = _from(outbound, settings)
        if outbound.text or outbound.quick_replies:
            form["Body"] = sms.with_choices(outbound.text, outbound.quick_replies)
        addresses = [public_address(f) for f in outbound.files]
        if "" in addresses:
            return without_address(outbound.files[addresses.index("")])
        if addresses:
            form["MediaUrl"] = addresses
        if callback := settings.get("status_callback") or settings.get("webhook_url"):
            form["StatusCallback"] = callback
        return delivered(lambda: _sent(settings, net, form))

    def check(self, settings: Settings, net: Net) -> list[Check]:
        lines = [tried(said("Account"), lambda: _account(settings, net))]
        if settings.get("from_number"):
            lines.append(tried(said("Number"), lambda: _number(settings, net)))
        reports = bool(settings.get("status_callback") or settings.get("webhook_url"))
        words = (
            said("Twilio reports to this channel.")
            if reports
            else said("No address: Twilio does not tell what became of our messages.")
        )
        return [*lines, Check(said("Delivery reports"), reports or None, words)]


def _fields(raw: Raw) -> dict[str, str]:
    """One value per field, without NUL."""
    form = signature.form_of(raw)
    return {name: values[-1].replace("\x00", "") for name, values in form.items()}


def _sid(fields: dict[str, str]) -> str:
    return (fields.get("MessageSid") or fields.get("SmsSid") or fields.get("SmsMessageSid") or "")[
        :100
    ]


def _status(fields: dict[str, str]) -> str:
    """What is reported, empty for a message of a customer (whose status is ``received``)."""
    told = fields.get("MessageStatus") or ("" if "Body" in fields else fields.get("SmsStatus", ""))
    return "" if told in ("received", "receiving") else told


def _report(fields: dict[str, str], status: str) -> list[Parsed]:
    known, sid = STATUSES.get(status), _sid(fields)
    if known is None or not sid:
        return []
    why = ""
    if known is Status.FAILED:
        told = fields.get("ErrorMessage", "") or ("" if fields.get("ErrorCode") else status)
        why = rest.reason(fields.get("ErrorCode"), told)
    return [StatusUpdate(sid, known, why, recipient=fields.get("To", ""))]


def _inbound(fields: dict[str, str]) -> Inbound:
    prefix, colon, number = fields["From"].rpartition(":")
    if not colon or prefix not in KINDS:
        prefix, number = "", fields["From"]
    text = fields.get("Body", "") or fields.get("ButtonText", "")
    if fields.get("Latitude") and fields.get("Longitude"):
        where = f"mlat={fields['Latitude']}&mlon={fields['Longitude']}"
        place = [fields.get("Label", ""), fields.get("Address", "")]
        place.append(f"https://www.openstreetmap.org/?{where}")
        text = "\n".join(x for x in [text, *place] if x)
    files = _files(fields)
    name = fields.get("ProfileName", "")[:200]
    meta: dict[str, Any] = dict(sms.meta_of(text))
    if fields.get("OptOutType") in ("STOP", "START"):
        meta["opt_out"] = fields["OptOutType"] == "STOP"
    if fields.get("ButtonPayload"):
        meta["postback"] = fields["ButtonPayload"]
    if fields.get("ExternalUserId"):
        meta["external_user_id"] = fields["ExternalUserId"]
    return Inbound(
        external_id=_sid(fields) or digest(*(f"{k}={v}" for k, v in sorted(fields.items()))),
        sender=Address(KINDS.get(prefix, "phone"), e164(number), name, verified=True, how="provider"),
        text=text,
        fingerprint=digest(text, *(f.media_ref for f in files)),
        files=files,
        thread_ref=prefix,
        contact_name=name,
        meta=meta,
        answers=fields.get("OriginalRepliedMessageSid", ""),
    )  # fmt: skip


def _files(fields: dict[str, str]) -> tuple[File, ...]:
    found = []
    for number in range(10):
        if url := fields.get(f"MediaUrl{number}"):
            kind = fields.get(f"MediaContentType{number}") or "application/octet-stream"
            ending = mimetypes.guess_extension(kind) or ""
            found.append(File(f"file-{number + 1}{ending}", kind, media_ref=url))
    return tuple(found)


def _to(outbound: Outbound) -> str:
    return _prefixed(outbound, e164(outbound.recipient.address))


def _from(outbound: Outbound, settings: Settings) -> str:
    """An RCS sender is an agent with a name, not our number with a prefix."""
    agent = str(settings.get("rcs_sender") or "").removeprefix("rcs:")
    if outbound.thread_ref == "rcs" and agent:
        return f"rcs:{agent}"
    return _prefixed(outbound, str(settings.get("from_number") or ""))


def _prefixed(outbound: Outbound, address: str) -> str:
    prefix = outbound.thread_ref if outbound.thread_ref in KINDS else ""
    if outbound.recipient.kind == "whatsapp":
        prefix = "whatsapp"
    return f"{prefix}:{address}" if prefix and not address.startswith(f"{prefix}:") else address


def _sent(settings: Settings, net: Net, form: dict[str, Any]) -> Outcome:
    reply = rest.ask(settings, net, "POST", "/Messages.json", data=form)
    sid = key(reply.data.get("sid"))
    if not (reply.ok and sid):
        return rest.failure(reply)
    if STATUSES.get(key(reply.data.get("status"))) is Status.FAILED:
        told = key(reply.data.get("error_message"))
        return Failed(rest.reason(reply.data.get("error_code"), told), permanent=True)
    return Sent(sid)


def _account(settings: Settings, net: Net) -> tuple[bool, str]:
    reply = rest.ask(settings, net, "GET", ".json")
    if not reply.ok:
        return False, _why(rest.failure(reply))
    name, status = key(reply.data.get("friendly_name")), key(reply.data.get("status"))
    return status == "active", said("{name}: {status}", name=name, status=status)


def _number(settings: Settings, net: Net) -> tuple[bool | None, str]:
    number = str(settings["from_number"])
    reply = rest.ask(settings, net, "GET", "/IncomingPhoneNumbers.json", params={"PhoneNumber": number})  # fmt: skip
    if not reply.ok:
        return False, _why(rest.failure(reply))
    row = at(reply.data, "incoming_phone_numbers", 0)
    if row is None:
        return None, said("{number} is no number of this account. Sender names can send, nobody can answer them.", number=number)  # fmt: skip
    if at(row, "capabilities", "sms") is not True:
        return False, said("{number} cannot send text messages.", number=number)
    url = key(at(row, "sms_url"))
    if not url:
        return False, said("No webhook: paste the address shown here under “A message comes in”.")
    return True, said("Twilio calls {url}.", url=url)


def _why(outcome: Failed | Unknown) -> str:
    return outcome.reason
