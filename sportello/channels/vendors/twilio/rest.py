"""Twilio's REST API: one account, basic auth, errors with a number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from sportello.channels.contract import Failed, Settings, Unknown, said
from sportello.channels.vendors.calls import Reply, base, call, refused
from sportello.channels.vendors.media import download
from sportello.channels.vendors.shapes import key

if TYPE_CHECKING:
    from sportello.core.net import Net

API = "https://api.twilio.com"
MEDIA_BYTES = 20 * 1024 * 1024

WORDS = {
    20003: said("Twilio does not accept the account SID and auth token."),
    21211: said("This is not a telephone number that can be reached."),
    21408: said("The Twilio account may not send to this country."),
    21610: said("This person has opted out with STOP. Only they can take it back."),
    21614: said("This number cannot receive text messages."),
    21617: said("The text is longer than 1600 characters."),
    30003: said("The telephone is off or out of reach."),
    30004: said("The receiver or the carrier blocks the message."),
    30005: said("This number is unknown or no longer in use."),
    30006: said("This number is a landline or cannot receive text messages."),
    30007: said("The carrier filtered the message as spam."),
    30008: said("The carrier could not deliver it and does not say why."),
    63016: said("WhatsApp: the window for free answers is over. Use a template."),
}


def reason(code: object, told: str = "") -> str:
    """What an agent reads for an error number: our words where we know them, and Twilio's."""
    number = int(key(code)) if key(code).isdigit() and len(key(code)) < 9 else 0
    ours = WORDS.get(number)
    if ours and told:
        return said("{ours} Twilio: {told}", ours=ours, told=told)
    if ours:
        return ours
    if number and not told:
        return said("Twilio error {number}.", number=number)
    return told


def account(settings: Settings) -> str:
    """The address of the account, without ``.json``."""
    sid = quote(str(settings.get("account_sid") or ""), safe="")
    return f"{base(settings, API)}/2010-04-01/Accounts/{sid}"


def ask(settings: Settings, net: Net, method: str, path: str, **options: Any) -> Reply:
    """`path` below the account. Raises `NetError`."""
    return call(net, method, account(settings) + path, auth=_auth(settings), **options)


def failure(reply: Reply) -> Failed | Unknown:
    return refused(reply, reason(reply.data.get("code"), key(reply.data.get("message"))))


def media(settings: Settings, net: Net, url: str) -> bytes:
    """What a ``MediaUrl`` holds. The password goes to Twilio only. Raises `NetError`."""
    host = urlsplit(url).hostname or ""
    own = host == urlsplit(base(settings, API)).hostname or host.endswith(".twilio.com")
    options: dict[str, Any] = {"auth": _auth(settings)} if own else {}
    return download(net, url, of="Twilio", most=MEDIA_BYTES, **options)


def _auth(settings: Settings) -> tuple[str, str]:
    return str(settings.get("account_sid") or ""), str(settings.get("auth_token") or "")
