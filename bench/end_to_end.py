"""From accepted to the ticket, the event and the watching agent's socket: web, worker and PostgreSQL together."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from email.message import EmailMessage
from typing import Any

from bench import agent, client
from bench.house import House, ask, cpu_of, house
from bench.row import Options, Row, percentile

PRELOADED = 5_000
BURST = 15_000
MAILS = 2_500
PACED = ((300, 8.0, 60.0), (1_500, 6.0, 150.0))
"""(messages a second, for how many seconds, bar in milliseconds)"""


def end_to_end(options: Options) -> list[Row]:
    with house(tickets=PRELOADED, demo=True) as made:
        channel = fake_channel()
        cookie = agent.sign_in("giulia@bottega-aurora.example")
        rows: list[Row] = []
        with made.web() as web, made.worker() as worker:
            time.sleep(4)
            client.drive(port=made.port, path=f"/intake/{channel}", count=500, prefix="warm")
            _applied(made, 30)
            for rate, seconds, bar in PACED:
                rows.append(_paced(made, channel, cookie, rate=rate, seconds=seconds, bar=bar))
            rows.insert(0, _burst(made, channel, cookie, {"web": web.pid, "worker": worker.pid}))
        rows.insert(1, _mails(made))
        rows.append(_consumer(made))
    return rows


def fake_channel() -> str:
    """A signed webhook channel of the demo company."""
    from sportello.accounts.models import Brand
    from sportello.channels import queries, secrets
    from sportello.channels.models import Channel

    made = Channel.objects.create(
        provider="fake",
        name="Bench",
        brand=Brand.objects.first(),
        sealed_settings=secrets.seal({"secret": "s3cret"}),
    )
    queries.forget()
    return made.public_id


def _applied(made: House, seconds: float) -> float:
    """The moment when the spool's list is empty."""
    import psycopg

    deadline = time.monotonic() + seconds
    with psycopg.connect(made.environ["DATABASE_URL"], autocommit=True) as connection:
        while connection.execute("SELECT 1 FROM channels_spooltodo LIMIT 1").fetchone():
            if time.monotonic() > deadline:
                raise TimeoutError("the applier did not catch up")
            time.sleep(0.02)
    return time.monotonic()


def _followed(made: House, seconds: float) -> None:
    """Wait until every consumer has passed the newest event."""
    behind = "SELECT 1 FROM core_cursor WHERE event_id < (SELECT max(id) FROM core_event) LIMIT 1"
    deadline = time.monotonic() + seconds
    while ask(made, behind):
        if time.monotonic() > deadline:
            raise TimeoutError("the consumers did not catch up")
        time.sleep(0.1)


def _burst(made: House, channel: str, cookie: str, pids: dict[str, int]) -> Row:
    """As much as the door takes; the clock stops when the last message is on its ticket."""
    desk = agent.open_desk(made, cookie, seconds=25)
    before = ask(made, "SELECT coalesce(max(id), 0) FROM core_event")[0][0]
    used = cpu_of(made, **pids)
    seen = client.drive(
        port=made.port, path=f"/intake/{channel}", count=BURST, prefix="burst", senders=3_000
    )
    took = _applied(made, 60) - seen["began"]
    cost = {
        name: (after - used[name]) / BURST * 1e6 for name, after in cpu_of(made, **pids).items()
    }
    there = ask(made, "SELECT count(*) FROM tickets_message WHERE external_id LIKE 'burst%%'")[0][0]
    assert there == BURST, f"{there} of {BURST} are there"
    told = sum(event > before for event in agent.close_desk(desk))
    events = ask(
        made,
        "SELECT count(*) FROM core_event WHERE id > %s AND type LIKE 'message%%' OR id > %s AND type LIKE 'ticket%%'",
        before,
        before,
    )[0][0]
    return Row(
        "end_to_end", "≥ 2,500", BURST / took, "messages/s", "the door alone in this burst", seen["rate"], ok=BURST / took >= 2_500,
        notes=[
            f"{BURST:,} messages into a database of {PRELOADED:,} tickets",
            "processor time of a message: " + ", ".join(f"{name} {micro:.0f} µs" for name, micro in cost.items()),
            f"{told} of {events} events reached the one watching agent (a socket that lags is cut off and resumes)",
        ],
    )  # fmt: skip


def _paced(made: House, channel: str, cookie: str, *, rate: int, seconds: float, bar: float) -> Row:
    desk = agent.open_desk(made, cookie, seconds=seconds + 4)
    prefix = f"at{rate}-"
    seen = client.drive(
        port=made.port,
        path=f"/intake/{channel}",
        rate=rate,
        seconds=seconds,
        prefix=prefix,
        times=True,
        senders=3_000,
    )
    times = echoes(made, seen["sent"], agent.close_desk(desk), prefix)
    expected = len(seen["sent"])
    _applied(made, 30)
    return Row(
        "end_to_end", f"p99 ≤ {bar:.0f} at {rate:,}/s", percentile(times, 0.99), "ms", "p50 of the same", percentile(times, 0.5),
        ok=percentile(times, 0.99) <= bar and len(times) >= 0.99 * expected, notes=[f"{len(times)} of {expected} seen on the socket"],
    )  # fmt: skip


def echoes(made: House, sent: dict[str, float], seen: dict[int, float], prefix: str) -> list[float]:
    """Milliseconds from sending a message to the agent's socket knowing of it."""
    rows = ask(
        made,
        "SELECT m.external_id, e.id FROM core_event e JOIN tickets_message m ON m.id = (e.payload->>'message')::bigint"
        " WHERE e.type = 'message_received' AND e.id >= %s AND m.external_id LIKE %s",
        min(seen, default=0),
        f"{prefix}%",
    )
    return [
        (seen[event] - sent[key]) * 1000 for key, event in rows if event in seen and key in sent
    ]


def _mails(made: House) -> Row:
    """Mails that lie in the spool already: parsed, folded, cleaned, applied."""
    from sportello.channels import spool
    from sportello.channels.contract import Raw
    from sportello.channels.models import Channel

    mailbox = Channel.objects.filter(provider="email").order_by("pk")[0]
    items = []
    for n in range(MAILS):
        raw = Raw(_mail(n), {"x-sportello-rcpt": mailbox.settings["address"]}, source="smtp")
        envelope = mailbox.code.envelope(raw)
        items.append(spool.SpoolItem(mailbox.pk, envelope.order_key, envelope.external_ids, raw))
    with made.worker():
        time.sleep(4)  # until it has settled
        spool.store(items[:100])
        _applied(made, 60)
        _followed(made, 60)  # what the burst before left to the consumers
        began = time.monotonic()
        for at in range(100, MAILS, 200):
            spool.store(items[at : at + 200])
        took = _applied(made, 90) - began
    there = ask(
        made, "SELECT count(*) FROM tickets_message WHERE external_id LIKE '%%bench-mail%%'"
    )[0][0]
    assert there == MAILS, f"{there} of {MAILS} are there"
    rate = (MAILS - 100) / took
    return Row(
        "end_to_end",
        "mails ≥ 800",
        rate,
        "mails/s",
        "parsing alone, one core",
        _parsing(mailbox, items),
        ok=rate >= 800,
        notes=[f"{MAILS:,} mails of text and HTML with a quoted answer"],
    )


def _parsing(mailbox: Any, items: Sequence[Any]) -> float:
    began = time.perf_counter()
    for item in items[:400]:
        mailbox.code.parse(item.raw, mailbox.settings)
    return 400 / (time.perf_counter() - began)


def _mail(n: int) -> bytes:
    """Text and HTML, a quoted answer below, a signature: what a mail program sends."""
    mail = EmailMessage()
    mail["From"], mail["To"] = (
        f"Ada Neri <ada{n % 900}@bench.example>",
        "assistenza@bottega-aurora.example",
    )
    mail["Subject"], mail["Message-ID"] = (
        f"Re: ordine BA-{n}, la moka perde acqua",
        f"<bench-mail-{n}@bench.example>",
    )
    mail["Date"] = f"Fri, 20 Nov 2026 10:{n % 60:02d}:00 +0000"
    mail["Received"] = (
        "from mx.bench.example (mx.bench.example [192.0.2.7]) by mail.example with ESMTPS; Fri, 20 Nov 2026 10:00:00 +0000"
    )
    said = f"Buongiorno,\nho provato come dite, ma la moka dell'ordine BA-{n} perde ancora acqua dalla base.\nChe cosa posso fare?\n\nAda Neri"
    quoted = "\n".join(
        f"> riga {k} della vostra risposta, con qualche parola in più per farla lunga"
        for k in range(12)
    )
    mail.set_content(
        f"{said}\n\nIl giorno ven 20 nov 2026 alle ore 09:12 Assistenza <assistenza@bottega-aurora.example> ha scritto:\n{quoted}\n"
    )
    paragraphs = "".join(f"<p style='margin:0'>{line}</p>" for line in said.splitlines())
    mail.add_alternative(
        f"<html><body>{paragraphs}<blockquote type='cite'>{quoted.replace('> ', '<br>')}</blockquote></body></html>",
        subtype="html",
    )
    return mail.as_bytes()


def _consumer(made: House) -> Row:
    """A consumer that does what a counter does, over the events of this run again."""
    from sportello.core import consumers
    from sportello.core.models import Event

    counted: dict[int | None, int] = {}

    def digest(events: Sequence[Event]) -> None:
        for event in events:
            counted[event.ticket_id] = counted.get(event.ticket_id, 0) + 1

    one = consumers.Consumer("bench", digest, frozenset())
    began, passed = time.perf_counter(), 0
    while step := consumers.step(one):
        passed += step
    rate = passed / (time.perf_counter() - began)
    return Row(
        "end_to_end",
        "consumer ≥ 10,000",
        rate,
        "events/s",
        ok=rate >= 10_000,
        notes=[f"{passed} events"],
    )


def background(job: dict[str, Any]) -> threading.Thread:
    """Other messages meanwhile."""
    thread = threading.Thread(target=client.drive, kwargs=job, daemon=True)
    thread.start()
    return thread
