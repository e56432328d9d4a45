"""One call to a vendor, and what its failure means for a message.

What certainly did not arrive is `Failed` and may be tried again; what may have arrived is `Unknown`.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from json import loads
from typing import TYPE_CHECKING, Any

from sportello.channels.contract import Check, Failed, File, Outcome, Unknown, said
from sportello.core.net import Blocked, NetError, Unreachable

if TYPE_CHECKING:
    from sportello.core.net import Net

PATIENCE = timedelta(seconds=30)
"""When to come back if the vendor does not say."""
LONGEST = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Reply:
    """What the vendor answered. `data` is its JSON object, empty when it sent none."""

    status: int
    data: dict[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)
    readable: bool = True

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300


def call(net: Net, method: str, url: str, **options: Any) -> Reply:
    """Raises `NetError`."""
    response = net.http.request(method, url, **options)
    data: Any = None
    with contextlib.suppress(ValueError, RecursionError):
        data = loads(response.content)
    known = isinstance(data, dict)
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Reply(response.status_code, data if known else {}, headers, readable=known)


def outcome_of(error: NetError) -> Failed | Unknown:
    """What a call that did not end well means for the message."""
    if isinstance(error, Blocked):
        return Failed(str(error), permanent=True)
    if isinstance(error, Unreachable):
        return Failed(said("The vendor cannot be reached."), permanent=False, retry_after=PATIENCE)
    return Unknown(said("No answer came: it may have left or not."))


def refused(reply: Reply, words: str, *, retry_after: timedelta | None = None) -> Failed | Unknown:
    """An answer that is no success: later for a limit or an outage, for good otherwise."""
    if reply.ok:
        return Unknown(said("The vendor's answer cannot be read: it may have left or not."))
    if reply.status == 429 or reply.status >= 500:
        wait = retry_after or asked_to_wait(reply.headers) or PATIENCE
        return Failed(words or _status(reply), permanent=False, retry_after=min(wait, LONGEST))
    return Failed(words or _status(reply), permanent=True)


def asked_to_wait(headers: Mapping[str, str]) -> timedelta | None:
    """``Retry-After``: seconds or a date."""
    value = headers.get("retry-after", "").strip()
    if value.isdigit() and len(value) < 9:
        return timedelta(seconds=int(value))
    try:
        return max(parsedate_to_datetime(value) - datetime.now(UTC), timedelta())
    except (ValueError, TypeError):
        return None


def delivered(attempt: Callable[[], Outcome]) -> Outcome:
    """The outcome of `attempt`, which may raise `NetError`."""
    try:
        return attempt()
    except NetError as error:
        return outcome_of(error)


def tried(title: str, attempt: Callable[[], tuple[bool | None, str]]) -> Check:
    """A line of the settings page's test, timed. `attempt` says how it went and may raise `NetError`."""
    started = time.monotonic()
    try:
        ok, detail = attempt()
    except Blocked as error:
        ok, detail = False, str(error)
    except NetError:
        ok, detail = False, said("No answer from the vendor. Is the API address right?")
    return Check(title, ok, detail, round((time.monotonic() - started) * 1000))


def _status(reply: Reply) -> str:
    return said("The vendor refused it (HTTP {status}).", status=reply.status)


def base(settings: Mapping[str, Any], default: str) -> str:
    """`api_base` without its last slash."""
    return str(settings.get("api_base") or default).rstrip("/")


def public_address(file: File) -> str:
    """Where the vendor can fetch the file itself: what the walk put into `media_ref` of an outgoing file."""
    return file.media_ref if file.media_ref.startswith(("https://", "http://")) else ""


def without_address(file: File) -> Failed:
    """A file that the vendor would fetch itself, and cannot."""
    words = said("This channel fetches files itself, and “{name}” has no public address.", name=file.name)  # fmt: skip
    return Failed(words, permanent=True)
