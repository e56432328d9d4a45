"""X: what it declares, who is calling, and whether it works."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from sportello.channels.contract import (
    COMMENT,
    Capabilities,
    Challenge,
    Check,
    Envelope,
    FieldKind,
    File,
    Outbound,
    Outcome,
    Parsed,
    Provider,
    Raw,
    Refused,
    Setting,
    Settings,
    said,
)
from sportello.channels.providers.x import api, reading, writing
from sportello.channels.vendors.calls import delivered, tried
from sportello.channels.vendors.shapes import at, key, peek, same

if TYPE_CHECKING:
    from sportello.core.net import Net

EVENTS = (*reading.DIRECT, *reading.ENCRYPTED, reading.READ, *reading.SPEECH, reading.OWN_POST)
LONGEST_DIRECT = 10_000
NO_LIMIT = timedelta(days=365)
"""X sets none: whoever takes messages of strangers can be written to at any time."""


class X(Provider):
    kind = "x"
    name = "X"
    identity_kind = "x"
    customer_link = "https://x.com/{name}"
    conversational = True
    hue = "x"
    family = "x"
    private_kind = "x"
    capabilities = Capabilities(
        files=True,
        max_file_bytes=api.PICTURE_BYTES,
        max_text=LONGEST_DIRECT,
        media=api.PICTURES,
        public=True,
        private_too=True,
        read_receipts=True,
        hides=True,
        private_answer=NO_LIMIT,
    )
    settings = (
        Setting("api_key", "API key", required=True, help="Developer console, Keys and tokens: also called consumer key."),
        Setting("api_key_secret", "API key secret", FieldKind.SECRET, required=True, help="X signs its calls with it."),
        Setting("access_token", "Access token", FieldKind.SECRET, required=True, help="Of your company's account; begins with the account's number."),
        Setting("access_token_secret", "Access token secret", FieldKind.SECRET, required=True),
        Setting("long_posts", "The account may write long posts", FieldKind.BOOLEAN, default=False, help="With X Premium public answers take 25,000 characters instead of 280.", advanced=True),
        Setting("api_base", "API address", FieldKind.URL, default=api.API, advanced=True),
    )  # fmt: skip
    guide = (
        "Create a project and an app at developer.x.com, signed in with your company's account.",
        "Under User authentication settings choose “Read and write and Direct message”.",
        "Under Keys and tokens generate the API key and secret, then the access token and secret, in this order.",
        "Enter the four values here and save.",
        "Press “Test the settings”: the webhook and the subscriptions are registered for you. X only calls https addresses without a port.",
    )

    def verify(self, raw: Raw, settings: Settings) -> None:
        secret = str(settings.get("api_key_secret") or "")
        given = raw.headers.get("x-twitter-webhooks-signature", "")
        if not secret or not same(given, sign(raw.body, secret)):
            raise Refused("X's signature does not fit.")

    def challenge(self, query: Mapping[str, str], settings: Settings) -> Challenge | None:
        """The challenge-response check: at registration and about hourly. A wrong answer ends the webhook."""
        token, secret = query.get("crc_token", ""), str(settings.get("api_key_secret") or "")
        if not token:
            return None
        if not secret:
            return Challenge(403, "The API key secret is not set.")
        answer = {"response_token": sign(token.encode("utf-8", "replace"), secret)}
        return Challenge(200, json.dumps(answer), "application/json")

    def envelope(self, raw: Raw) -> Envelope:
        return Envelope(*reading.order_key(raw))

    def account(self, settings: Settings) -> str:
        return _us(settings)

    def concerns(self, raw: Raw, settings: Settings) -> bool:
        """One app has one webhook for the accounts of all its channels."""
        us = _us(settings)
        return bool(us) and key(at(peek(raw.body), "data", "filter", "user_id")) == us

    def parse(self, raw: Raw, settings: Settings) -> list[Parsed]:
        return reading.parsed(raw.body, _us(settings))

    def fetch_media(self, file: File, settings: Settings, net: Net) -> File:
        return dataclasses.replace(file, content=api.download(file, settings, net))

    def send(self, outbound: Outbound, settings: Settings, net: Net) -> Outcome:
        """In public where the thread is a conversation of posts, else as a direct message."""
        if outbound.recipient.kind == COMMENT:
            author = outbound.recipient.address.partition("@")[2]
            return delivered(lambda: writing.in_private(outbound, author, settings, net))
        if outbound.thread_ref:
            return delivered(lambda: writing.public(outbound, settings, net))
        return delivered(lambda: writing.direct(outbound, outbound.recipient.address, settings, net))  # fmt: skip

    def hide(self, external_id: str, settings: Settings, net: Net, *, hidden: bool = True) -> Outcome:  # fmt: skip
        """A reply below a post of ours, behind “more replies”."""
        post = external_id.partition("@")[0]
        return delivered(lambda: writing.hide(post, settings, net, hidden=hidden))

    def check(self, settings: Settings, net: Net) -> list[Check]:
        return [
            tried(said("Account"), lambda: _account(settings, net)),
            tried(said("Webhook"), lambda: _webhook(settings, net)),
            tried(said("Subscriptions"), lambda: _subscriptions(settings, net)),
        ]


def sign(body: bytes, secret: str) -> str:
    """What stands in ``x-twitter-webhooks-signature``, and what answers a challenge."""
    made = hmac.new(secret.encode(), body, hashlib.sha256).digest()
    return f"sha256={base64.b64encode(made).decode()}"


def _us(settings: Settings) -> str:
    """Our account's id: access tokens begin with it."""
    account = str(settings.get("access_token") or "").partition("-")[0]
    return account if account.isdecimal() else ""


def _account(settings: Settings, net: Net) -> tuple[bool, str]:
    reply = api.ask(settings, net, "GET", "/2/users/me")
    if name := key(at(reply.data, "data", "username")):
        return True, said("The keys belong to @{name}.", name=name)
    return False, api.failed(reply).reason


def _registered(settings: Settings, net: Net) -> tuple[dict[str, object] | None, str]:
    """Our webhook as X knows it, or why it cannot be told. Raises `NetError`."""
    reply = api.ask_as_app(settings, net, "GET", "/2/webhooks")
    found = reply.data.get("data") or []
    if not reply.ok or not isinstance(found, list):
        return None, api.failed(reply).reason
    mine = str(settings.get("webhook_url") or "")
    hooks = [h for h in found if isinstance(h, dict) and (not mine or h.get("url") == mine)]
    return (hooks[0] if hooks else {}), ""


def _webhook(settings: Settings, net: Net) -> tuple[bool, str]:
    hook, trouble = _registered(settings, net)
    mine = str(settings.get("webhook_url") or "")
    if hook is None:
        return False, trouble
    if hook and hook.get("valid") is not False:
        return True, said("X calls {url}.", url=key(hook.get("url")))
    if hook:
        made = api.ask_as_app(settings, net, "PUT", f"/2/webhooks/{key(hook.get('id'))}")
        done = said("X had stopped calling; the address was validated again.")
    elif mine:
        made = api.ask_as_app(settings, net, "POST", "/2/webhooks", json={"url": mine})
        done = said("The address was registered.")
    else:
        return False, said("No webhook is registered at X.")
    return made.ok, done if made.ok else api.failed(made).reason


def _subscriptions(settings: Settings, net: Net) -> tuple[bool, str]:
    hook, trouble = _registered(settings, net)
    if not hook:
        return False, trouble or said("No webhook is registered at X.")
    us, webhook = _us(settings), key(hook.get("id"))
    if not us:
        return False, said("The access token does not begin with the account's number: copy it again.")  # fmt: skip
    reply = api.ask(settings, net, "GET", "/2/activity/subscriptions?max_results=1000")
    if not reply.ok:
        return False, api.failed(reply).reason
    known = reply.data.get("data")
    there = {
        key(at(s, "event_type"))
        for s in (known if isinstance(known, list) else [])
        if at(s, "filter", "user_id") == us and key(at(s, "webhook_id")) == webhook
    }
    refusals = []
    for event in EVENTS:
        if event in there:
            continue
        body = {"event_type": event, "filter": {"user_id": us}, "webhook_id": webhook, "tag": "sportello"}  # fmt: skip
        made = api.ask(settings, net, "POST", "/2/activity/subscriptions", json=body)
        if not made.ok:
            refusals.append(f"{event}: {api.failed(made).reason}")
    if refusals:
        return False, " ".join(refusals)[:500]
    return True, said("X tells about {count} kinds of events.", count=len(EVENTS))
