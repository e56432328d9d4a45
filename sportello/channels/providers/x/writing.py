"""What we say on X: direct messages and public replies."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from sportello.channels.contract import (
    Address,
    Failed,
    File,
    Outbound,
    Outcome,
    Sent,
    Settings,
    said,
)
from sportello.channels.providers.x import api

if TYPE_CHECKING:
    from sportello.core.net import Net

MOST_PICTURES = 4


def direct(outbound: Outbound, person: str, settings: Settings, net: Net) -> Outcome:
    """One message for the words with the first picture, one for each further picture. Raises `NetError`."""
    if not person.isdecimal():
        return Failed(said("X knows accounts by their number, not by their name."))
    attached = _uploaded(outbound.files, "dm", settings, net)
    if not isinstance(attached, list):
        return attached
    bodies: list[dict[str, Any]] = [{"attachments": [{"media_id": media}]} for media in attached]
    if outbound.text:
        bodies = [{"text": outbound.text} | (bodies[0] if bodies else {}), *bodies[1:]]
    first: Outcome | None = None
    for body in bodies:
        path = f"/2/dm_conversations/with/{person}/messages"
        outcome = api.post(settings, net, path, body, "dm_event_id")
        if not isinstance(outcome, Sent):
            if first is None:
                return outcome
            return Failed(said("Only a part was sent. {reason}", reason=outcome.reason))
        first = first or outcome
    return first or Failed(said("There is nothing to send."))


def in_private(outbound: Outbound, author: str, settings: Settings, net: Net) -> Outcome:
    """The author of a post is answered by direct message. Raises `NetError`."""
    outcome = direct(outbound, author, settings, net)
    if isinstance(outcome, Sent):
        return dataclasses.replace(outcome, recipient=Address("x", author))
    return outcome


def hide(post: str, settings: Settings, net: Net, *, hidden: bool) -> Outcome:
    """Raises `NetError`."""
    if not post.isdecimal():
        return Failed(said("This is no post."))
    reply = api.ask(settings, net, "PUT", f"/2/tweets/{post}/hidden", json={"hidden": hidden})
    return Sent(post) if reply.ok else api.failed(reply)


def public(outbound: Outbound, settings: Settings, net: Net) -> Outcome:
    """A reply below the customer's newest post. Raises `NetError`."""
    limit = api.LONG_POST if settings.get("long_posts") else api.POST
    count = api.weight(outbound.text)
    if count > limit:
        return Failed(
            said("A public answer takes {limit} characters, and X counts {count} here. Shorten it, or go on by direct message.", limit=limit, count=count)
        )  # fmt: skip
    if len(outbound.files) > MOST_PICTURES:
        return Failed(said("A post takes four pictures."))
    below = _answered(outbound)
    if not below:
        return Failed(said("There is no post to answer."))
    attached = _uploaded(outbound.files, "tweet", settings, net)
    if not isinstance(attached, list):
        return attached
    body: dict[str, Any] = {"reply": {"in_reply_to_tweet_id": below}}
    if outbound.text:
        body["text"] = outbound.text
    if attached:
        body["media"] = {"media_ids": attached}
    return api.post(settings, net, "/2/tweets", body, "id")


def _answered(outbound: Outbound) -> str:
    """The customer's newest post of this thread, else the one that began it."""
    for candidate in (outbound.answers, outbound.thread_ref):
        post = candidate.partition("@")[0]
        if post.isdecimal():
            return post
    return ""


def _uploaded(
    files: tuple[File, ...], use: str, settings: Settings, net: Net
) -> list[str] | Outcome:
    """Ids of the pictures, uploaded before anything is said: nobody sees them until then."""
    found = []
    for file in files:
        media = api.upload(settings, net, file, use)
        if not isinstance(media, str):
            return media
        found.append(media)
    return found
