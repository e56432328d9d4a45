"""Fetching by IMAP: a cursor of UIDVALIDITY and UID, never the unread flag, nothing changed on the server.

The cursor is ``{"uidvalidity": int, "uid": int, "seen": "YYYY-MM-DD"}``. A `Raw` with an empty body
carries only a cursor worth keeping (the first connection found nothing to fetch).
"""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sportello.channels.contract import Raw, Settings
from sportello.channels.providers.email import account
from sportello.core.net import NetError
from sportello.core.net.mail import ImapLost, ImapRefused, MailboxError

if TYPE_CHECKING:
    from sportello.core.net import Net
    from sportello.core.net.mail import JudgedMailBox

MAX_BYTES = 35 * 1024 * 1024
IDLE_SECONDS = 24 * 60
"""An IDLE is renewed before the 29 minutes after which servers may hang up."""
WITHOUT_IDLE_SECONDS = 30
GLANCE_SECONDS = 2.0
"""How often a waiting listener looks whether it should stop."""
_LOST = (ImapLost, OSError, MailboxError)
_UID = re.compile(rb"\bUID (\d+)")
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)")

Cursor = dict[str, Any]


def poll(settings: Settings, cursor: Mapping[str, Any], net: Net) -> Iterator[tuple[Raw, Cursor]]:
    """What is new, once."""
    if not settings.get("imap_host"):
        return
    box = account.open_mailbox(settings, net)
    try:
        yield from new_mails(box, settings, dict(cursor))
    finally:
        _leave(box)


def listen(
    settings: Settings,
    cursor: Mapping[str, Any],
    net: Net,
    store: Callable[[Raw, dict[str, Any]], None],
    stopped: Callable[[], bool],
) -> None:
    """Stay connected. A lost connection is opened again; one that cannot be opened is raised."""
    state: Cursor = dict(cursor)
    while not stopped():
        box = account.open_mailbox(settings, net)
        try:
            _stay(box, settings, state, store, stopped)
        except _LOST:
            _pause(1.0, stopped)
        finally:
            _leave(box)


def _stay(
    box: JudgedMailBox,
    settings: Settings,
    state: Cursor,
    store: Callable[[Raw, dict[str, Any]], None],
    stopped: Callable[[], bool],
) -> None:
    while not stopped():
        for raw, reached in new_mails(box, settings, state):
            _store(raw, reached, store)
            state.update(reached)
        _wait(box, stopped)


def _store(raw: Raw, reached: Cursor, store: Callable[[Raw, dict[str, Any]], None]) -> None:
    """An error of the storing side must not be taken for a lost connection."""
    try:
        store(raw, reached)
    except _LOST as error:
        raise RuntimeError(f"The mail could not be stored: {error}") from error


def new_mails(
    box: JudgedMailBox, settings: Settings, state: Cursor
) -> Iterator[tuple[Raw, Cursor]]:
    """Mails behind the cursor, in order, each with the cursor that remembers it."""
    validity = _number(box, "UIDVALIDITY")
    if state.get("uidvalidity") == validity:
        uids = [uid for uid in _search(box, f"UID {state['uid'] + 1}:*") if uid > state["uid"]]
    else:
        uids, start = _first_look(box, settings, state)
        yield Raw(b"", source="imap"), _cursor(validity, start)
    for uid in uids:
        body = _fetch(box, uid)
        if body:
            yield Raw(body, source="imap"), _cursor(validity, uid)


def _first_look(box: JudgedMailBox, settings: Settings, state: Cursor) -> tuple[list[int], int]:
    """UIDs to fetch, and the UID before them, when the cursor says nothing about this folder.

    A new UIDVALIDITY numbers everything anew: look back to the day before the last mail seen (what
    was stored already is recognised by its Message-ID).
    """
    since = _day(state.get("seen"), back=1) or _day(settings.get("imap_since"), back=0)
    if since is None:
        return [], _highest(box)
    month = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][
        since.month - 1
    ]
    uids = _search(box, f"SINCE {since.day:02d}-{month}-{since.year}")
    return uids, uids[0] - 1 if uids else _highest(box)


def _day(value: object, *, back: int) -> date | None:
    try:
        return date.fromisoformat(str(value)) - timedelta(days=back) if value else None
    except ValueError:
        return None


def _highest(box: JudgedMailBox) -> int:
    try:
        return _number(box, "UIDNEXT") - 1
    except ImapRefused:
        return max(_search(box, "ALL"), default=0)


def _cursor(validity: int, uid: int) -> Cursor:
    return {"uidvalidity": validity, "uid": uid, "seen": datetime.now(UTC).date().isoformat()}


def _number(box: JudgedMailBox, code: str) -> int:
    """A response code of the SELECT. `response` takes it away, so it is put aside on the box."""
    kept: dict[str, int] = box.__dict__.setdefault("_selected", {})
    if code not in kept:
        _, data = box.client.response(code)
        if not data or data[0] is None:
            raise ImapRefused(f"The server does not tell {code}.")
        kept[code] = int(data[-1])
    return kept[code]


def _search(box: JudgedMailBox, criteria: str) -> list[int]:
    kind, data = box.client.uid("SEARCH", criteria)
    if kind != "OK":
        raise ImapLost(f"SEARCH was refused: {data!r}")
    return sorted(int(uid) for chunk in data if chunk for uid in chunk.split())


def _fetch(box: JudgedMailBox, uid: int) -> bytes:
    """The bytes of one mail, at most `MAX_BYTES`; empty when it is gone meanwhile."""
    kind, data = box.client.uid("FETCH", str(uid), "(UID RFC822.SIZE)")
    size = next((int(m[1]) for item in data or () if (m := _SIZE.search(_flat(item)))), 0)
    part = "BODY.PEEK[]" if size <= MAX_BYTES else f"BODY.PEEK[]<0.{MAX_BYTES}>"
    kind, data = box.client.uid("FETCH", str(uid), f"(UID {part})")
    if kind != "OK":
        raise ImapLost(f"FETCH was refused: {data!r}")
    for item in data or ():
        if isinstance(item, tuple) and len(item) > 1:
            named = _UID.search(item[0])
            if named is None or int(named[1]) == uid:
                return bytes(item[1])
    return b""


def _flat(item: object) -> bytes:
    if isinstance(item, tuple):
        return b" ".join(piece for piece in item if isinstance(piece, bytes))
    return item if isinstance(item, bytes) else b""


def _wait(box: JudgedMailBox, stopped: Callable[[], bool]) -> None:
    """Until the server announces something, the IDLE is due for renewal, or we should stop."""
    if "IDLE" not in box.client.capabilities:
        _pause(WITHOUT_IDLE_SECONDS, stopped)
        box.client.noop()
        return
    end = time.monotonic() + IDLE_SECONDS
    idle: Any = box.idle
    idle.start()
    try:
        while not stopped() and time.monotonic() < end:
            said = idle.poll(timeout=GLANCE_SECONDS)
            if any(b"EXISTS" in line or b"BYE" in line for line in said):
                return
    finally:
        idle.stop()


def _pause(seconds: float, stopped: Callable[[], bool]) -> None:
    end = time.monotonic() + seconds
    while not stopped() and time.monotonic() < end:
        time.sleep(min(0.25, seconds))


def _leave(box: JudgedMailBox) -> None:
    try:
        box.logout()
    except (ImapRefused, OSError, MailboxError, NetError):
        with contextlib.suppress(OSError):
            box.client.shutdown()
