"""Microsoft Teams: a bot registered with Azure, by the Bot Framework's protocol (its SDK is retired, the wire is not)."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

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
    Sent,
    Setting,
    Settings,
    said,
)
from sportello.channels.providers.teams import reading, trust
from sportello.channels.vendors.calls import (
    PATIENCE,
    Reply,
    call,
    public_address,
    refused,
    tried,
    without_address,
)
from sportello.channels.vendors.shapes import at, key
from sportello.channels.vendors.tokens import TokenRefused, Tokens, delivered, granted
from sportello.core.net import Broken

if TYPE_CHECKING:
    from sportello.core.net import Net

LOGIN = "https://login.microsoftonline.com"
EVERYWHERE = "https://smba.trafficmanager.net/teams/"
"""The address for whom no message has told one yet."""
SCOPE = "https://api.botframework.com/.default"
HERO = "application/vnd.microsoft.card.hero"
PICTURES = ("image/png", "image/jpeg", "image/gif")
BUTTONS = 6
_tokens = Tokens()
WORDS = {
    "BotNotInConversationRoster": said("The bot was removed from this conversation."),
    "ConversationNotFound": said("This conversation does not exist any more."),
    "ConversationBlockedByUser": said("This person has blocked the bot."),
    "BotDisabledByAdmin": said("The customer's administrator has turned the bot off."),
    "MessageSizeTooBig": said("The text is too long for Teams."),
}


class Teams(Provider):
    kind = "teams"
    name = "Microsoft Teams"
    identity_kind = "teams"
    conversational = True
    shared_threads = True
    hue = "teams"
    capabilities = Capabilities(
        files=True,
        max_file_bytes=20 * 1024 * 1024,
        max_text=20_000,
        quick_replies=BUTTONS,
        reactions=True,
        edits=True,
    )
    settings = (
        Setting("app_id", "Microsoft app ID", required=True, help="Azure portal, the bot's configuration."),
        Setting("app_password", "Client secret", FieldKind.SECRET, required=True, help="App registration, Certificates & secrets: the value, not its ID."),
        Setting("tenant_id", "Tenant ID", default="botframework.com", help="Of a single-tenant bot. New bots are single-tenant; leave it as it is for old multi-tenant ones."),
        Setting("api_base", "API address", FieldKind.URL, help="Instead of Microsoft's own addresses.", advanced=True),
    )  # fmt: skip
    guide = (
        "In the Azure portal make an Azure Bot, single tenant, and note its Microsoft app ID and the tenant's ID.",
        "Under Manage password make a client secret and enter its value here.",
        "In the bot's configuration paste the address shown here as messaging endpoint, and turn the channel Microsoft Teams on.",
        "Make a Teams app with this bot in the Developer Portal, with the scopes personal, team and groupChat, and give it to your customers.",
        "Press “Test the settings”, then write to the bot.",
    )

    def verify(self, raw: Raw, settings: Settings) -> None:
        trust.genuine(raw, settings)

    def learn_keys(self, settings: Settings, net: Net) -> None:
        trust.learn(settings, net)

    def envelope(self, raw: Raw) -> Envelope:
        return reading.envelope(raw)

    def parse(self, raw: Raw, settings: Settings) -> list[Parsed]:
        return reading.parsed(raw)

    def fetch_media(self, file: File, settings: Settings, net: Net) -> File:
        """Pictures lie at the connector, which wants our token; files lie under an address that needs none."""
        options: dict[str, Any] = {"redirects": 3, "max_bytes": 100 * 1024 * 1024, "timeout": 60.0}
        if trust.pinned(file.media_ref, settings):
            options["headers"] = _bearer(settings, net)
        answer = net.http.get(file.media_ref, **options)
        if answer.status_code != 200:
            raise Broken(f"Teams does not give this file any more (HTTP {answer.status_code}).")
        kind = answer.headers.get("content-type", "").partition(";")[0] or file.content_type
        return dataclasses.replace(file, content=answer.content, content_type=kind)

    def send(self, outbound: Outbound, settings: Settings, net: Net) -> Outcome:
        for file in outbound.files:
            if not public_address(file):
                return without_address(file)
        return delivered(lambda: _sent(outbound, settings, net))

    def check(self, settings: Settings, net: Net) -> list[Check]:
        return [
            tried(said("App registration"), lambda: _registration(settings, net)),
            tried(said("Keys of the Bot Framework"), lambda: _keys(settings, net)),
        ]


def _fetch(settings: Settings, net: Net) -> tuple[str, float]:
    login = str(settings.get("api_base") or LOGIN).rstrip("/")
    tenant = quote(str(settings.get("tenant_id") or "botframework.com"), safe="")
    app, password = _credentials(settings)
    form = {"grant_type": "client_credentials", "client_id": app, "client_secret": password, "scope": SCOPE}  # fmt: skip
    return granted(call(net, "POST", f"{login}/{tenant}/oauth2/v2.0/token", data=form))


def _credentials(settings: Settings) -> tuple[str, str]:
    return str(settings.get("app_id") or ""), str(settings.get("app_password") or "")


def _owner(settings: Settings) -> tuple[str, ...]:
    names = ("api_base", "tenant_id")
    return (*_credentials(settings), *(str(settings.get(name) or "") for name in names))


def _bearer(settings: Settings, net: Net) -> dict[str, str]:
    """Raises `NetError`."""
    token = _tokens.get(lambda: _fetch(settings, net), *_owner(settings))
    return {"authorization": f"Bearer {token}"}


def _ask(settings: Settings, net: Net, url: str, body: dict[str, Any]) -> Reply:
    """With our token, and once more with a new one when Microsoft has withdrawn it. Raises `NetError`."""
    reply = call(net, "POST", url, json=body, headers=_bearer(settings, net))
    if reply.status == 401:
        _tokens.drop(*_owner(settings))
        reply = call(net, "POST", url, json=body, headers=_bearer(settings, net))
    return reply


def _sent(outbound: Outbound, settings: Settings, net: Net) -> Outcome:
    """Raises `NetError`."""
    service, _, talk = outbound.thread_ref.partition(" ")
    service = (service or str(settings.get("api_base") or EVERYWHERE)).rstrip("/")
    if not trust.pinned(service, settings):
        words = said("This conversation names an address that is not Microsoft's.")
        return Failed(words, permanent=True)
    if not talk:
        opened = _ask(settings, net, f"{service}/v3/conversations", _meeting(outbound, settings))
        talk = key(opened.data.get("id"))
        if not (opened.ok and talk):
            return refused(opened, words_of(opened))
    url = f"{service}/v3/conversations/{quote(talk, safe='')}/activities"
    if outbound.answers.startswith(f"{talk}|"):
        url += f"/{quote(outbound.answers.rpartition('|')[2], safe='')}"
    reply = _ask(settings, net, url, _activity(outbound, settings))
    id = key(reply.data.get("id"))
    if reply.ok and id:
        return Sent(reading.message_id(talk, id))
    if reply.status == 412:  # two of us wrote into this conversation at once
        return Failed(words_of(reply), permanent=False, retry_after=PATIENCE)
    return refused(reply, words_of(reply))


def _meeting(outbound: Outbound, settings: Settings) -> dict[str, Any]:
    """A talk with somebody the bot is installed for."""
    tenant, _, person = outbound.recipient.address.rpartition(":")
    body: dict[str, Any] = {"bot": {"id": f"28:{settings.get('app_id')}"}, "isGroup": False}
    if tenant in ("", "29"):  # the bot's own name of the person
        return body | {"members": [{"id": outbound.recipient.address}]}
    place = {"tenantId": tenant, "channelData": {"tenant": {"id": tenant}}}
    return body | place | {"members": [{"id": person}]}


def _activity(outbound: Outbound, settings: Settings) -> dict[str, Any]:
    """Pictures are shown; other files are links, since a bot may upload only after the person agreed in a card."""
    lines = [outbound.text]
    attachments: list[dict[str, Any]] = []
    for file in outbound.files:
        url = public_address(file)
        if file.content_type in PICTURES:
            picture = {"contentType": file.content_type, "contentUrl": url, "name": file.name}
            attachments.append(picture)
        else:
            lines.append(f"{file.name}\n{url}")
    if outbound.quick_replies:
        buttons = [
            {"type": "messageBack", "title": q.title, "text": q.title, "displayText": q.title, "value": q.id or q.title}
            for q in outbound.quick_replies[:BUTTONS]
        ]  # fmt: skip
        attachments.append({"contentType": HERO, "content": {"buttons": buttons}})
    activity: dict[str, Any] = {
        "type": "message",
        "from": {"id": f"28:{settings.get('app_id')}"},
        "text": "\n\n".join(line for line in lines if line),
        "textFormat": "plain",
    }
    return activity | ({"attachments": attachments} if attachments else {})


def words_of(reply: Reply) -> str:
    error = reply.data.get("error")
    told = key(at(error, "message")) or key(error) or key(reply.data.get("message"))
    ours = WORDS.get(key(at(error, "code")))
    return said("{ours} Teams: {told}", ours=ours, told=told) if ours and told else ours or told


def _registration(settings: Settings, net: Net) -> tuple[bool, str]:
    try:
        token, seconds = _fetch(settings, net)
    except TokenRefused as error:
        return False, said("Microsoft does not accept the app ID and its client secret. {told}", told=str(error).partition("\n")[0])  # fmt: skip
    _tokens.put(token, seconds, *_owner(settings))
    return True, said("Microsoft gives the bot a token.")


def _keys(settings: Settings, net: Net) -> tuple[bool, str]:
    return True, said("{count} keys are known.", count=trust.learn(settings, net))
