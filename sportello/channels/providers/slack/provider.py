"""Slack by the Events API and the Web API: one app in one workspace, with its shared channels and direct messages."""

from __future__ import annotations

import dataclasses
import hashlib
import hmac
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from sportello.channels.contract import (
    Address,
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
    Profile,
    Provider,
    Raw,
    Refused,
    Sent,
    Setting,
    Settings,
    said,
)
from sportello.channels.providers.slack import mrkdwn, reading
from sportello.channels.vendors.calls import (
    PATIENCE,
    Reply,
    asked_to_wait,
    base,
    call,
    delivered,
    refused,
    tried,
)
from sportello.channels.vendors.shapes import address, at, key, same
from sportello.core.net import Broken, NetError

if TYPE_CHECKING:
    from sportello.core.net import Net

API = "https://slack.com/api"
STALE = 300
"""Seconds; an older call is a replay."""
SECTION = 3000
SCOPES = ("chat:write", "im:write", "files:read", "files:write", "users:read")
LATER = {"ratelimited", "rate_limited", "internal_error", "fatal_error", "service_unavailable", "request_timeout", "team_added_to_org"}  # fmt: skip
WORDS = {
    "invalid_auth": said("Slack does not accept the bot token."),
    "not_authed": said("Slack does not accept the bot token."),
    "account_inactive": said("The Slack app was removed from the workspace."),
    "token_revoked": said("The Slack app was removed from the workspace."),
    "missing_scope": said("The Slack app lacks a permission. Test the settings to see which one."),
    "channel_not_found": said("The app is not in this Slack channel any more."),
    "not_in_channel": said("The app is not in this Slack channel any more."),
    "is_archived": said("This Slack channel is archived."),
    "msg_too_long": said("The text is too long for Slack."),
    "user_disabled": said("This person has left the Slack workspace."),
    "cannot_dm_bot": said("This is a bot: it reads no messages."),
}


class Slack(Provider):
    kind = "slack"
    name = "Slack"
    identity_kind = "slack"
    conversational = True
    shared_threads = True
    hue = "slack"
    capabilities = Capabilities(
        files=True,
        max_file_bytes=50 * 1024 * 1024,
        max_text=4000,
        quick_replies=10,
        reactions=True,
        edits=True,
    )
    settings = (
        Setting("bot_token", "Bot token", FieldKind.SECRET, required=True, help="OAuth & Permissions, begins with xoxb-."),
        Setting("signing_secret", "Signing secret", FieldKind.SECRET, required=True, help="Basic Information, App Credentials."),
        Setting("colleagues", "People of our own workspace are colleagues", FieldKind.BOOLEAN, default=True, help="What they write in channels opens no tickets. Turn it off for guests and for an internal help desk."),
        Setting("api_base", "API address", FieldKind.URL, default=API, advanced=True),
    )  # fmt: skip
    guide = (
        "At api.slack.com/apps make an app in your workspace and copy its signing secret.",
        "Under OAuth & Permissions add the bot scopes chat:write, im:write, im:history, channels:history, groups:history, files:read, files:write, users:read, users:read.email, reactions:read; install the app, copy the bot token, and save both here.",
        "Under Event Subscriptions paste the address shown here and subscribe to message.channels, message.groups, message.im, reaction_added and reaction_removed.",
        "For buttons: paste the same address under Interactivity & Shortcuts.",
        "Invite the app into each channel that you share with customers.",
    )

    def verify(self, raw: Raw, settings: Settings) -> None:
        secret, sent = str(settings.get("signing_secret") or ""), _seconds(raw)
        if not secret or abs(time.time() - sent) > STALE:
            raise Refused("Slack's call is stale, or no signing secret is set.")
        told = b"v0:%d:" % sent + raw.body
        made = hmac.new(secret.encode(), told, hashlib.sha256).hexdigest()
        if not same(raw.headers.get("x-slack-signature", ""), f"v0={made}"):
            raise Refused("Slack's signature does not fit.")

    def handshake(self, raw: Raw, settings: Settings) -> Challenge | None:
        wanted = reading.challenge_of(raw.body)
        if wanted is None:
            return None
        self.verify(raw, settings)
        return Challenge(200, wanted)

    def envelope(self, raw: Raw) -> Envelope:
        return reading.envelope(raw)

    def parse(self, raw: Raw, settings: Settings) -> list[Parsed]:
        return reading.parsed(raw, settings)

    def profile(self, address: Address, settings: Settings, net: Net) -> Profile | None:
        told = _ask(settings, net, "users.info", data={"user": address.address.rpartition(":")[2]})
        fields = at(told.data, "user", "profile")
        names = (key(at(fields, n)) for n in ("real_name", "display_name"))
        name = next((n for n in names if n), key(at(told.data, "user", "name")))
        return Profile(name, key(at(fields, "email"))) if name else None

    def fetch_media(self, file: File, settings: Settings, net: Net) -> File:
        url = file.media_ref
        if "/" not in url:
            told = _ask(settings, net, "files.info", data={"file": url})
            names = ("url_private_download", "url_private")
            url = next((u for name in names if (u := address(at(told.data, "file", name)))), "")
            if not url:
                raise Broken(_words(told) or "Slack does not give this file.")
        headers = _bearer(settings) if _is_slack(url, settings) else {}
        answer = net.http.get(url, headers=headers, redirects=3, max_bytes=100 * 1024 * 1024, timeout=60.0)  # fmt: skip
        kind = answer.headers.get("content-type", "").partition(";")[0]
        if answer.status_code != 200 or (kind == "text/html" and file.content_type != kind):
            raise Broken(f"Slack does not give this file (HTTP {answer.status_code}, {kind}).")
        return dataclasses.replace(file, content=answer.content)

    def send(self, outbound: Outbound, settings: Settings, net: Net) -> Outcome:
        """Files go up first, where nobody sees them; then the text; then the files are shown below it."""
        uploaded: list[dict[str, str]] = []
        for file in outbound.files:
            id = _unseen(settings, net, file)
            if not isinstance(id, str):
                return id
            uploaded.append({"id": id, "title": file.name})
        return delivered(lambda: _sent(outbound, uploaded, settings, net))

    def check(self, settings: Settings, net: Net) -> list[Check]:
        return [tried(said("Workspace"), lambda: _workspace(settings, net))]


def _seconds(raw: Raw) -> int:
    given = raw.headers.get("x-slack-request-timestamp", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 12 else 0


def _is_slack(url: str, settings: Settings) -> bool:
    """The token goes to Slack only, whatever address a message names."""
    host = urlsplit(url).netloc
    own = host == urlsplit(base(settings, API)).netloc
    return own or (url.startswith("https://") and (host == "slack.com" or host.endswith(".slack.com")))  # fmt: skip


def _bearer(settings: Settings) -> dict[str, str]:
    return {"authorization": f"Bearer {settings.get('bot_token') or ''}"}


def _ask(settings: Settings, net: Net, method: str, **options: Any) -> Reply:
    """Raises `NetError`."""
    url = f"{base(settings, API)}/{method}"
    return call(net, "POST", url, headers=_bearer(settings), **options)


def _failure(reply: Reply) -> Outcome:
    """Slack says no with a 200 and the name of an error."""
    error = key(reply.data.get("error"))
    if reply.ok and error:
        wait = (asked_to_wait(reply.headers) or PATIENCE) if error in LATER else None
        return Failed(_words(reply), permanent=wait is None, retry_after=wait)
    return refused(reply, _words(reply))


def _words(reply: Reply) -> str:
    error = key(reply.data.get("error"))
    return WORDS.get(error) or error


def _unseen(settings: Settings, net: Net, file: File) -> str | Outcome:
    """The id of an uploaded file that is shown nowhere yet: whatever goes wrong here can be tried again."""
    try:
        form = {"filename": file.name, "length": str(len(file.content))}
        place = _ask(settings, net, "files.getUploadURLExternal", data=form)
        url, id = address(place.data.get("upload_url")), key(place.data.get("file_id"))
        if not (url and id):
            said_no = _failure(place)
            return (
                said_no
                if isinstance(said_no, Failed)
                else _not_up(file, key(place.data.get("error")))
            )
        up = net.http.post(url, content=file.content, timeout=60.0)
    except NetError as error:
        return _not_up(file, str(error))
    return id if up.status_code == 200 else _not_up(file, f"HTTP {up.status_code}")


def _not_up(file: File, reason: str) -> Failed:
    words = said("“{name}” could not be uploaded: {reason}", name=file.name, reason=reason)
    return Failed(words, permanent=False, retry_after=PATIENCE)


def _sent(outbound: Outbound, files: list[dict[str, str]], settings: Settings, net: Net) -> Outcome:
    """Raises `NetError`."""
    channel, _, thread = outbound.thread_ref.partition(":")
    if not channel:
        user = outbound.recipient.address.rpartition(":")[2]
        opened = _ask(settings, net, "conversations.open", json={"users": user})
        channel = key(at(opened.data, "channel", "id"))
        if not channel:
            return _failure(opened)
    if not thread and outbound.answers.startswith(f"{channel}:"):
        thread = outbound.answers.split(":")[1]
    place = {"thread_ts": thread} if thread else {}
    first: Outcome | None = None
    if outbound.text or outbound.quick_replies:
        first = _posted(outbound, {"channel": channel} | place, settings, net)
        if not isinstance(first, Sent) or not files:
            return first
    if not files:
        return Failed(said("There is nothing to send."), permanent=True)
    fields = {"files": files, "channel_id": channel} | place
    shown = _ask(settings, net, "files.completeUploadExternal", json=fields)
    if shown.data.get("ok") is True:
        return first or Sent(f"{channel}:{files[0]['id']}")
    outcome = _failure(shown)
    if first is None or isinstance(outcome, Sent):
        return outcome
    return Failed(said("Only a part was sent. {reason}", reason=outcome.reason), permanent=True)


def _posted(outbound: Outbound, place: dict[str, Any], settings: Settings, net: Net) -> Outcome:
    text = mrkdwn.to_mrkdwn(outbound.text)
    message = place | {"text": text, "unfurl_links": False, "unfurl_media": False}
    if outbound.quick_replies:
        rows = [{"type": "section", "text": {"type": "mrkdwn", "text": piece}} for piece in mrkdwn.pieces(text, SECTION)]  # fmt: skip
        buttons = [
            {"type": "button", "text": {"type": "plain_text", "text": q.title[:75]}, "action_id": f"q{number}", "value": (q.id or q.title)[:2000]}
            for number, q in enumerate(outbound.quick_replies)
        ]  # fmt: skip
        message["blocks"] = [*rows, {"type": "actions", "elements": buttons}]
    reply = _ask(settings, net, "chat.postMessage", json=message)
    stamp = key(reply.data.get("ts"))
    if reply.data.get("ok") is True and stamp:
        return Sent(f"{key(reply.data.get('channel')) or place['channel']}:{stamp}")
    return _failure(reply)


def _workspace(settings: Settings, net: Net) -> tuple[bool, str]:
    reply = _ask(settings, net, "auth.test")
    team, user = key(reply.data.get("team")), key(reply.data.get("user"))
    if reply.data.get("ok") is not True:
        return False, _words(reply) or said("Unexpected answer (HTTP {status}). Is the API address right?", status=reply.status)  # fmt: skip
    granted = {scope.strip() for scope in reply.headers.get("x-oauth-scopes", "").split(",")}
    missing = ", ".join(s for s in SCOPES if s not in granted)
    if missing and granted != {""}:
        return False, said("The app lacks these scopes: {scopes}.", scopes=missing)
    return True, said("The token belongs to @{user} in {team}.", user=user, team=team)
