"""RCS by Google's RCS for Business (RBM): an agent of the company on the phone's own messages app."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit
from uuid import NAMESPACE_URL, UUID, uuid5

import jwt

from sportello.channels.contract import (
    Capabilities,
    Challenge,
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
    Status,
    said,
)
from sportello.channels.providers.rcs import reading
from sportello.channels.vendors import media
from sportello.channels.vendors.calls import (
    Reply,
    base,
    call,
    public_address,
    refused,
    tried,
    without_address,
)
from sportello.channels.vendors.phones import e164
from sportello.channels.vendors.shapes import at, key, peek, same
from sportello.channels.vendors.tokens import TokenRefused, Tokens, delivered, granted

if TYPE_CHECKING:
    from sportello.core.net import Net

API = "https://europe-rcsbusinessmessaging.googleapis.com"
SIGN_IN = "https://oauth2.googleapis.com/token"
SCOPE = "https://www.googleapis.com/auth/rcsbusinessmessaging"
NOBODY = "+12025550100"
"""A number nobody has: the question about it is answered, or refused for who asks."""
TITLE = 25
_tokens = Tokens()
UNREACHABLE = said("This phone cannot be reached by RCS. Answer by SMS or another channel.")


class NoAccount(ValueError):
    """The service account cannot be read."""


class Rcs(Provider):
    kind = "rcs"
    name = "RCS (Google)"
    identity_kind = "phone"
    conversational = True
    hue = "rcs"
    capabilities = Capabilities(
        files=True,
        max_file_bytes=100 * 1024 * 1024,
        max_text=3072,
        media=("image/jpeg", "image/png", "image/gif", "video/*", "audio/*", "application/pdf"),
        quick_replies=11,
        delivery_receipts=True,
        read_receipts=True,
    )
    settings = (
        Setting("agent_id", "Agent ID", required=True, help="Business Communications developer console, ends with _agent or @rbm.goog."),
        Setting("service_account", "Service account key", FieldKind.SECRET, required=True, help="The whole JSON file that Google lets you download once."),
        Setting("client_token", "Client token", FieldKind.SECRET, required=True, help="Any long word you choose; enter the same at Google. Google signs its calls with it."),
        Setting("api_base", "API address", FieldKind.URL, default=API, help="Of your agent's region: Europe, us-rcsbusinessmessaging or asia-rcsbusinessmessaging.", advanced=True),
    )  # fmt: skip
    guide = (
        "In the Business Communications developer console make an RCS for Business agent and note its ID.",
        "Under Service account make a key, and paste the whole JSON file here.",
        "Invent a client token, enter it here and save.",
        "Under Integrations configure the webhook: the address shown here and the same client token. Google asks at once whether the address is right.",
        "Invite your own phone as a test device, accept the invitation there, and write to the agent. Ask Google to launch the agent when it works.",
    )

    def verify(self, raw: Raw, settings: Settings) -> None:
        token = str(settings.get("client_token") or "")
        inside = reading.decoded(raw.body)
        made = base64.b64encode(hmac.new(token.encode(), inside, hashlib.sha512).digest())
        if not token or not inside or not same(raw.headers.get("x-goog-signature", ""), made.decode()):  # fmt: skip
            raise Refused("Google's signature does not fit this channel's client token.")

    def handshake(self, raw: Raw, settings: Settings) -> Challenge | None:
        """``clientToken`` and ``secret`` come once, unsigned: who knows the token hears the secret."""
        if len(raw.body) > 4096 or b'"clientToken"' not in raw.body:
            return None
        asked = peek(raw.body)
        if "message" in asked or "secret" not in asked:
            return None
        if not same(key(asked.get("clientToken")), str(settings.get("client_token") or "")):
            raise Refused("The client token is not this channel's.")
        return Challenge(200, key(asked.get("secret")))

    def envelope(self, raw: Raw) -> Envelope:
        return reading.envelope(raw)

    def parse(self, raw: Raw, settings: Settings) -> list[Parsed]:
        return reading.parsed(raw, settings)

    def fetch_media(self, file: File, settings: Settings, net: Net) -> File:
        return media.fetched(file, net, of="Google")

    def send(self, outbound: Outbound, settings: Settings, net: Net) -> Outcome:
        """Text, then each file, the buttons under the last one. What follows a part that left is not tried again."""
        parts: list[dict[str, Any]] = [{"text": outbound.text}] if outbound.text else []
        for file in outbound.files:
            if not (url := public_address(file)):
                return without_address(file)
            parts.append({"contentInfo": {"fileUrl": url}})
        if outbound.quick_replies:
            parts = parts or [{"text": "…"}]
            parts[-1]["suggestions"] = [_button(q.id, q.title) for q in outbound.quick_replies[:11]]
        if not parts:
            return Failed(said("There is nothing to send."), permanent=True)
        try:
            account = _account(settings)
        except NoAccount:
            return Failed(said("The service account key cannot be read: paste the whole JSON file."), permanent=True)  # fmt: skip
        number, first = e164(outbound.recipient.address), _uuid(outbound.idempotency_key)
        for n, part in enumerate(parts):
            id = first if n == 0 else str(uuid5(UUID(first), str(n)))
            outcome = delivered(lambda part=part, id=id: _sent(settings, net, account, number, id, part))  # type: ignore[misc]  # fmt: skip
            if isinstance(outcome, Sent):
                continue
            if n == 0:
                return outcome
            return Failed(said("Only a part was sent. {reason}", reason=outcome.reason), permanent=True)  # fmt: skip
        return Sent(first, Status.SENT)

    def check(self, settings: Settings, net: Net) -> list[Check]:
        try:
            account = _account(settings)
        except NoAccount:
            words = said("The service account key cannot be read: paste the whole JSON file.")
            return [Check(said("Service account"), ok=False, detail=words)]
        return [
            tried(said("Service account"), lambda: _signs_in(settings, net, account)),
            tried(said("Agent"), lambda: _agent(settings, net, account)),
        ]


def _uuid(text: str) -> str:
    """Google wants UUIDs; ours is the id of the message, so that a second try is recognised."""
    try:
        return str(UUID(text))
    except ValueError:
        return str(uuid5(NAMESPACE_URL, text))


def _button(id: str, title: str) -> dict[str, Any]:
    label = title if len(title) <= TITLE else f"{title[: TITLE - 1]}…"
    return {"reply": {"text": label, "postbackData": (id or title)[:2048]}}


def _account(settings: Settings) -> dict[str, str]:
    """Raises `NoAccount`."""
    found = peek(str(settings.get("service_account") or "").encode("utf-8", "replace"))
    account = {name: found.get(name) for name in ("client_email", "private_key", "private_key_id")}
    if not all(isinstance(value, str) and value for value in account.values()):
        raise NoAccount
    return {name: str(value) for name, value in account.items()}


def sign_in_address(settings: Settings) -> str:
    """Google's own address, whatever the key file says: the assertion is good for a token."""
    own = base(settings, API)
    return SIGN_IN if urlsplit(own).netloc.endswith(".googleapis.com") else f"{own}/token"


def _fetch(settings: Settings, net: Net, account: dict[str, str]) -> tuple[str, float]:
    """Raises `NetError`."""
    address, now = sign_in_address(settings), int(time.time())
    claims = {"iss": account["client_email"], "scope": SCOPE, "aud": address, "iat": now, "exp": now + 3600}  # fmt: skip
    try:
        assertion = jwt.encode(claims, account["private_key"], "RS256", headers={"kid": account["private_key_id"]})  # fmt: skip
    except (ValueError, TypeError, jwt.PyJWTError):
        told = {"error": "The private key of the service account cannot be read."}
        raise TokenRefused(Reply(400, told)) from None
    form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": assertion}
    return granted(call(net, "POST", address, data=form))


def _ask(
    settings: Settings, net: Net, account: dict[str, str], method: str, path: str, **options: Any
) -> Reply:
    """With a token, and once more with a new one when Google has withdrawn it. Raises `NetError`."""
    owner = (sign_in_address(settings), *account.values())
    reply = Reply(401, {})
    for _ in range(2):
        token = _tokens.get(lambda: _fetch(settings, net, account), *owner)
        headers = {"authorization": f"Bearer {token}"}
        reply = call(net, method, f"{base(settings, API)}/v1/{path}", headers=headers, **options)
        if reply.status != 401:
            break
        _tokens.drop(*owner)
    return reply


def _sent(
    settings: Settings, net: Net, account: dict[str, str], number: str, id: str, part: dict[str, Any]
) -> Outcome:  # fmt: skip
    path = f"phones/{quote(number, safe='')}/agentMessages"
    fields = {"messageId": id, "agentId": str(settings.get("agent_id") or "")}
    body = {"contentMessage": part, "messageTrafficType": "TRANSACTION"}
    reply = _ask(settings, net, account, "POST", path, params=fields, json=body)
    if reply.status == 409 or (reply.ok and key(reply.data.get("name"))):
        return Sent(id)
    if reply.status == 404:
        return Failed(UNREACHABLE, permanent=True)
    return refused(reply, _words(reply))


def _words(reply: Reply) -> str:
    if reply.status == 403:
        return said("The service account may not speak for this agent. Google: {told}", told=_told(reply))  # fmt: skip
    return _told(reply)


def _told(reply: Reply) -> str:
    return key(at(reply.data, "error", "message")) or key(reply.data.get("error"))


def _signs_in(settings: Settings, net: Net, account: dict[str, str]) -> tuple[bool, str]:
    try:
        token, seconds = _fetch(settings, net, account)
    except TokenRefused as error:
        return False, said("Google does not accept the service account. {told}", told=str(error))
    _tokens.put(token, seconds, sign_in_address(settings), *account.values())
    return True, said("Google knows {email}.", email=account["client_email"])


def _agent(settings: Settings, net: Net, account: dict[str, str]) -> tuple[bool, str]:
    """Asks what some phone can do: for an agent of ours Google answers, if only that nobody is there."""
    path, agent = f"phones/{quote(NOBODY, safe='')}/capabilities", str(settings.get("agent_id") or "")  # fmt: skip
    fields = {"agentId": agent, "requestId": _uuid(str(time.time_ns()))}
    try:
        reply = _ask(settings, net, account, "GET", path, params=fields)
    except TokenRefused as error:
        return False, str(error)
    if reply.ok or (reply.status == 404 and reply.readable):
        return True, said("{agent} may ask phones what they can do.", agent=agent)
    return False, _words(reply) or said("Unexpected answer (HTTP {status}). Is the API address right?", status=reply.status)  # fmt: skip
