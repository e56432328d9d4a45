"""Durable intake: 64 keep-alive connections to one web process, against storing nothing and against the ORM."""

from __future__ import annotations

from bench import client
from bench.house import House, ask, house
from bench.row import Options, Row
from tests.sink import free_port

SECONDS = 4.0
AHEAD = 120_000


def intake(options: Options) -> list[Row]:
    with house() as made:
        from tests import walk

        channel = walk.open_shop().fake.public_id
        rounds = [_round(made, channel) for _ in range(2)]
    ours = max((r["ours"] for r in rounds), key=lambda seen: seen["rate"])
    bare = max((r["bare"] for r in rounds), key=lambda seen: seen["rate"])
    orm = max((r["orm"] for r in rounds), key=lambda seen: seen["rate"])
    errors = ours["errors"]
    assert ours["requests"], "no request was answered"
    return [
        Row(
            "intake", "≥ 60 % of bare ASGI", ours["rate"], "requests/s", "bare ASGI app that stores nothing", bare["rate"],
            ok=ours["rate"] >= 0.6 * bare["rate"] and not errors, notes=[f"{errors} errors; best of two rounds, in turn"],
        ),
        Row("intake", "≥ 5 × ORM", ours["rate"], "requests/s", "an ORM insert per request, WSGI", orm["rate"], ok=ours["rate"] >= 5 * orm["rate"]),
        Row("intake", "p99 ≤ 25", ours["p99"], "ms", "bare ASGI app, p99", bare["p99"], ok=ours["p99"] <= 25),
    ]  # fmt: skip


def _round(made: House, channel: str) -> dict[str, dict[str, float]]:
    seen = {}
    with made.web():
        warm = {"port": made.port, "path": f"/intake/{channel}"}
        client.drive(**warm, seconds=1.0, prefix="w")
        seen["ours"] = client.drive(**warm, seconds=SECONDS, prefix="x", ahead=AHEAD)
        stored = ask(made, "SELECT count(*) FROM channels_spooltodo")[0][0]
        assert stored >= seen["ours"]["requests"] - 64, "acknowledged without being stored"
    for name, path in (("bare", "/"), ("orm", f"/orm/{channel}")):
        port = free_port()
        arguments = (
            "-m",
            "uvicorn",
            f"bench.{name}:app",
            "--port",
            str(port),
            "--no-access-log",
            "--log-level",
            "warning",
        )
        with made.process(*arguments, wait_for=f"http://127.0.0.1:{port}/"):
            client.drive(port=port, path=path, seconds=0.5, prefix="w")
            seen[name] = client.drive(port=port, path=path, seconds=SECONDS / 2, ahead=AHEAD)
    return seen
