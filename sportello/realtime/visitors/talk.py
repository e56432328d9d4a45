"""One visitor on one socket. What is said goes to the spool and is acknowledged after the commit; what we
answer is read from the database whenever the log says that there is news, so a socket that was away
misses nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import uuid
from typing import Any

import structlog
from starlette.websockets import WebSocket, WebSocketDisconnect

from sportello.channels import spool
from sportello.channels.contract import Raw
from sportello.channels.providers.webchat import frames
from sportello.channels.providers.webchat.identity import BadSignature, judge
from sportello.channels.webchats import SiteChat
from sportello.core import live
from sportello.core.clock import now
from sportello.realtime.hub import Happened, hub
from sportello.realtime.limits import Bucket, Budgets
from sportello.realtime.visitors import frames as wire
from sportello.realtime.visitors import proof, reads, transcripts
from sportello.realtime.visitors.line import Line, Lookout
from sportello.realtime.visitors.pages import Look, pages
from sportello.realtime.visitors.telling import Telling

log = structlog.get_logger(__name__)

HELLO_SECONDS = 10
BURST, RATE = 40, 4
"""Frames at once, then a second."""
PATIENCE = 200
"""Frames above the budget before the socket is closed."""
LOOK_AGAIN, LOOK_AGAIN_QUEUED = 45.0, 12.0
"""Seconds until the database is asked without news: at rest, in the queue."""

newcomers = Budgets(burst=200, rate=2)


class Refusal(Exception):
    """The socket is closed with this code; `reason` is a word for the widget."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


class Talk:
    """One visitor on one socket."""

    __slots__ = (
        "_above",
        "_frames",
        "_hello",
        "_line",
        "_lookout",
        "_main",
        "_telling",
        "_transcripts",
        "_typing",
        "address",
        "site",
        "socket",
        "topics",
        "visitor",
    )

    def __init__(self, socket: WebSocket, site: SiteChat, address: str) -> None:
        self.socket, self.site, self.address = socket, site, address
        self.visitor = ""
        self.topics: tuple[str, ...] = ()
        self._hello: wire.Hello
        self._line = Line(socket, self._cut)
        self._lookout = Lookout(self._tell, self._rest, self._cut)
        self._telling = Telling(site, self._subscribe)
        self._frames, self._above = Bucket(BURST, RATE), 0
        self._typing: Bucket | None = None
        self._transcripts: Bucket | None = None
        self._main: asyncio.Task[Any] | None = None

    async def run(self) -> None:
        """Until one of both goes. Raises `Refusal`."""
        self._main = asyncio.current_task()
        try:
            await self._greet()
            self._lookout.start()
            await self._listen()
        except (WebSocketDisconnect, asyncio.CancelledError):
            pass
        finally:
            if self.topics:
                hub().unsubscribe(self, *self.topics)
            self._lookout.close()
            self._line.close()
            self._main = None
            if self.visitor:
                with contextlib.suppress(Exception):
                    await proof.gone(visitor=self.visitor, now=now())

    # ---- what the hub tells ------------------------------------------------------------------

    def on_event(self, event: Happened) -> None:
        """Something was committed about our ticket: look."""
        self._lookout.news()

    def on_live(self, topic: str, message: dict[str, Any]) -> None:
        """Ephemeral: an agent types, or opened the ticket and so has read it."""
        if topic == "presence":
            if message.get("ticket") == self._telling.number:
                self._lookout.soon = max(self._lookout.soon, 3)
                self._lookout.news()
        elif message.get("who") == "agent":
            self._send({"typing": {"name": str(message.get("name", ""))}})

    # ---- greeting ----------------------------------------------------------------------------

    async def _greet(self) -> None:
        try:
            async with asyncio.timeout(HELLO_SECONDS):
                self._hello = wire.hello_of(wire.decode(await self.socket.receive_text()))
        except (TimeoutError, frames.BadFrame, KeyError) as error:
            raise Refusal(4400, "hello") from error
        try:
            judge(self._hello.identity, str(self.site.settings.get("identity_secret") or ""))
        except (BadSignature, frames.BadFrame) as error:
            raise Refusal(4401, "identity") from error
        token = await self._prove()
        self._telling.visitor = self.visitor
        page = self._hello.page
        pages.noted(Look(self.site.id, self.visitor, page["url"], page["title"], now()))
        self._subscribe()
        first = await self._telling.changed()
        welcome = {"visitor": self.visitor, "hours": self.site.hours(now()), **first}
        history = await self._telling.messages()
        self._send(
            {"welcome": welcome | ({"token": token} if token else {}) | {"history": history}}
        )

    async def _prove(self) -> str | None:
        hello = self._hello
        about = {"page": hello.page["url"], "language": hello.language, "now": now()}
        if hello.visitor is not None:
            if await proof.welcome_back(
                channel=self.site.id,
                visitor=hello.visitor,
                token=hello.token,
                **about,  # type: ignore[arg-type]
            ):
                self.visitor, self._telling.after = hello.visitor, hello.after
                return None
            raise Refusal(4402, "visitor")
        if not newcomers.take(self.address):
            raise Refusal(4429, "slow")
        self.visitor, token = await proof.newcomer(channel=self.site.id, **about)  # type: ignore[arg-type]
        return token

    # ---- what the visitor says ---------------------------------------------------------------

    async def _listen(self) -> None:
        while True:
            text = await self.socket.receive_text()
            try:
                verb, value = wire.verb_of(wire.decode(text))
                if verb != "typing" and not self._frames.take():
                    await self._too_fast()
                    continue
                await getattr(self, f"_on_{verb}")(value)
            except (frames.BadFrame, KeyError, TypeError) as error:
                raise Refusal(4400, "frame") from error
            except spool.Full:
                self._send({"slow": {"seconds": 5}})

    async def _too_fast(self) -> None:
        """Nothing is kept and nothing acknowledged: the widget sends it again later."""
        self._above += 1
        if self._above > PATIENCE:
            raise Refusal(4429, "slow")
        if self._above % 20 == 1:
            self._send({"slow": {"seconds": 2}})
        await asyncio.sleep(0.01)

    async def _on_say(self, said: Any) -> None:
        key = frames.uuid_of(said.get("id"))
        text = frames.text_of(said.get("text"))
        keys = said.get("files") or []
        if not isinstance(keys, list) or not all(isinstance(k, str) for k in keys):
            raise frames.BadFrame("files")
        files = await reads.own_files(visitor=self.visitor, keys=keys[:10]) if keys else []
        if not text and not files:
            self._send({"nack": {"id": key, "why": "empty"}})
            return
        form = {
            k: frames.text_of(v, limit=300)
            for k, v in frames.mapping_of(said.get("form")).items()
            if k in {"name", "email", "question"}
        }
        await self._spool({"say": {"id": key, "text": text, "files": files, "form": form}}, key)
        self._send({"ack": {"id": key}})
        # The first words make the ticket, and until then nobody tells us of it; later its events do.
        self._lookout.soon = 40 if self._telling.ticket is None else 3
        self._lookout.news()

    async def _on_typing(self, _value: Any) -> None:
        if self._telling.ticket is None:
            return
        self._typing = self._typing or Bucket(2, 0.5)
        if self._typing.take():
            await asyncio.to_thread(
                live.publish, f"ticket:{self._telling.ticket}", {"who": "visitor", "words": ""}
            )

    async def _on_got(self, value: Any) -> None:
        await self._seen(value, read=False)

    async def _on_read(self, value: Any) -> None:
        await self._seen(value, read=True)

    async def _seen(self, value: Any, *, read: bool) -> None:
        upto = wire.number_of(value.get("upto"))
        ids = await reads.unseen(channel=self.site.id, visitor=self.visitor, upto=upto, read=read)
        if ids:
            await self._spool({"seen": {"ids": ids, "read": read}})

    async def _on_end(self, value: Any) -> None:
        key = frames.uuid_of(value.get("id") or str(uuid.uuid4()))
        await self._spool({"end": {"id": key}}, key)
        self._send({"ack": {"id": key}})
        self._lookout.soon = 20
        self._lookout.news()

    async def _on_transcript(self, value: Any) -> None:
        address = frames.text_of(value.get("email"), limit=254).lower()
        self._transcripts = self._transcripts or Bucket(3, 1 / 600)
        offered = self.site.settings.get("offer_transcript", True)
        if (
            self._telling.ticket is None
            or not offered
            or not self._transcripts.take()
            or not transcripts.budget.take(self.address)
        ):
            self._send({"transcript": {"ok": False}})
            return
        sent = await asyncio.to_thread(
            transcripts.mail, self._telling.ticket, self.site.id, self.visitor, address
        )
        self._send({"transcript": {"ok": sent}})

    async def _spool(self, frame: dict[str, Any], *external_ids: str) -> None:
        hello = self._hello
        about = {
            "visitor": self.visitor,
            "identity": dict(hello.identity) if hello.identity else None,
            "page": dict(hello.page),
            "language": hello.language,
            "at": now().isoformat(),
        }
        raw = Raw(body=json.dumps(about | frame, ensure_ascii=False).encode(), source="widget")
        item = spool.SpoolItem(self.site.id, f"visitor:{self.visitor}", external_ids, raw, now())
        await spool.writer().put(item)

    # ---- what we tell ------------------------------------------------------------------------

    def _rest(self) -> float:
        return LOOK_AGAIN_QUEUED if self._telling.queued else LOOK_AGAIN

    async def _tell(self) -> None:
        facts = await self._telling.changed()
        news = await self._telling.messages()
        for message in news:
            self._send({"message": message})
        if news and self._telling.ticket:
            self._lookout.soon = 0
        for name, value in facts.items():
            self._send({name: value})

    def _subscribe(self, ticket: int | None = None) -> None:
        wanted = ("presence", f"ticket:{ticket}") if ticket else ("presence",)
        if wanted == self.topics:
            return
        if gone := set(self.topics) - set(wanted):
            hub().unsubscribe(self, *gone)
        hub().subscribe(self, *wanted)
        self.topics = wanted

    def _send(self, frame: dict[str, Any]) -> None:
        self._line.send(frame)

    def _cut(self, why: str) -> None:
        """End this socket, once; the widget comes back and catches up by id."""
        if self._main is not None:
            log.info("visitor.cut", why=why)
            self._main.cancel()
            self._main = None
