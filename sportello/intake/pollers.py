"""One thread for each channel that fetches: mailboxes by IMAP, vendors without webhooks.

The cursor moves only after the spool's commit, so a crash fetches again instead of losing; what was
stored already is recognised by its message id.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import Any

import structlog
from django.db import close_old_connections, connections

from sportello.channels import queries
from sportello.channels.contract import Provider, Raw
from sportello.channels.models import PollCursor
from sportello.channels.polling import keep_cursor, note_trouble
from sportello.channels.queries import Mouth
from sportello.channels.spool import SpoolItem, store
from sportello.core.net import Net

LOOK_SECONDS = 2.0
"""How soon an added, changed or disabled channel is noticed."""
POLL_SECONDS = 30.0
LONGEST_PAUSE = 300.0
LEAVE_SECONDS = 8.0

log = structlog.get_logger(__name__)


def run_forever(stop: threading.Event) -> None:
    """Keep a fetcher running for each channel that needs one, until `stop` is set."""
    net = Net.from_environ()
    running: dict[int, Fetcher] = {}
    try:
        while not stop.is_set():
            close_old_connections()
            _align(running, _wanted(), net)
            stop.wait(LOOK_SECONDS)
    finally:
        for fetcher in running.values():
            fetcher.leave()
        deadline = time.monotonic() + LEAVE_SECONDS
        for fetcher in running.values():
            fetcher.thread.join(max(0.1, deadline - time.monotonic()))


def fetches(channel: Mouth) -> bool:
    """Whether a channel is on and its provider has something to connect to."""
    kind = type(channel.provider)
    capable = kind.listen is not Provider.listen or kind.poll is not Provider.poll
    return channel.is_active and capable and channel.provider.fetches(channel.settings)


def _wanted() -> dict[int, Mouth]:
    return {channel.id: channel for channel in queries.mouths().values() if fetches(channel)}


def _align(running: dict[int, Fetcher], wanted: dict[int, Mouth], net: Net) -> None:
    """Stop what is gone or changed, start what is new, start again what died."""
    for pk, fetcher in list(running.items()):
        channel = wanted.get(pk)
        if channel is None or dict(channel.settings) != fetcher.settings:
            fetcher.leave()
        if not fetcher.thread.is_alive():
            del running[pk]
    for pk, channel in wanted.items():
        if pk not in running:
            running[pk] = Fetcher(channel, net)
            running[pk].thread.start()


@dataclass
class Fetcher:
    """The thread of one channel with one set of settings."""

    channel: Mouth
    net: Net
    settings: dict[str, Any] = field(init=False)
    thread: threading.Thread = field(init=False)
    _gone: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.settings = dict(self.channel.settings)
        self.thread = threading.Thread(
            target=self._run, name=f"fetch-{self.channel.id}", daemon=True
        )

    def leave(self) -> None:
        """Ask the thread to end; it does within seconds."""
        self._gone.set()

    def _run(self) -> None:
        try:
            self._keep_fetching()
        finally:
            connections.close_all()

    def _keep_fetching(self) -> None:
        pause = 1.0
        while not self._gone.is_set():
            started = time.monotonic()
            try:
                self._fetch()
            except Exception as error:
                log.warning("fetch.failed", channel=self.channel.id, error=repr(error))
                self._note(error)
                pause = 1.0 if time.monotonic() - started > 60 else min(pause * 2, LONGEST_PAUSE)
                self._gone.wait(pause)
            close_old_connections()

    def _fetch(self) -> None:
        """One connection's life: `listen` where the provider has it, else `poll` and rest."""
        provider, cursor = self.channel.provider, self._cursor()
        if type(provider).listen is not Provider.listen:
            provider.listen(self.settings, cursor, self.net, self._store, self._gone.is_set)
            return
        for raw, reached in provider.poll(self.settings, cursor, self.net):
            self._store(raw, reached)
            if self._gone.is_set():
                return
        self._gone.wait(POLL_SECONDS)

    def _cursor(self) -> dict[str, Any]:
        row = PollCursor.objects.filter(channel_id=self.channel.id).first()
        return dict(row.state) if row else {}

    def _store(self, raw: Raw, reached: dict[str, Any]) -> None:
        """Spool first, then the cursor. A raw without a body is only a cursor to keep."""
        close_old_connections()
        if raw.body:
            look = self.channel.provider.envelope(raw)
            store([SpoolItem(self.channel.id, look.order_key, look.external_ids, raw)])
        keep_cursor(self.channel.id, reached)

    def _note(self, error: Exception) -> None:
        """Show the trouble on the channel's page. Never raises."""
        try:
            note_trouble(self.channel.id, str(error) or type(error).__name__)
        except Exception:
            log.exception("fetch.error_not_noted", channel=self.channel.id)
