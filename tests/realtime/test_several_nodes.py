"""Two web processes on one database: what happens at one is heard at the other, by NOTIFY and by Redis."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
from websockets.sync.client import ClientConnection, connect

from sportello.core.database.confinement import dies_with_parent
from sportello.core.database.embedded import conninfo_for
from tests.journeys.client import Api, api_of
from tests.order import MOVING_IN
from tests.sink import free_port
from tests.tree import ROOT, Tree

pytestmark = pytest.mark.timeout(MOVING_IN)


@dataclass
class Nodes:
    first: Tree
    second: str
    """URL of the second web process."""


def start(command: list[str], environ: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command,
        env=environ,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=dies_with_parent(signal.SIGTERM),
    )


@pytest.fixture(scope="module", params=["notify", "redis"])
def nodes(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Nodes]:
    processes: list[subprocess.Popen[bytes]] = []
    extra: dict[str, str] = {}
    if request.param == "redis":
        server = shutil.which("redis-server")
        if server is None:
            pytest.skip("redis-server is not installed")
        port = free_port()
        processes.append(
            start(
                [server, "--port", str(port), "--save", "", "--bind", "127.0.0.1"], dict(os.environ)
            )
        )
        extra["REDIS_URL"] = f"redis://127.0.0.1:{port}/0"
    tree = Tree(data_dir=tmp_path_factory.mktemp(request.param) / "var", extra=extra)
    tree.start()
    port = free_port()
    environ = tree.environ | {
        "SPORTELLO_PORT": str(port),
        "DATABASE_URL": conninfo_for(tree.data_dir),
    }
    secret = Path(tree.data_dir / "secret_key").read_text().strip()
    processes.append(
        start(
            [sys.executable, "-m", "sportello", "web"], environ | {"SPORTELLO_SECRET_KEY": secret}
        )
    )
    url = f"http://localhost:{port}"
    for _ in range(300):
        with suppress(OSError):
            if urllib.request.urlopen(f"{url}/healthz", timeout=2).status == 200:
                break
        time.sleep(0.1)
    yield Nodes(tree, url)
    for process in reversed(processes):
        process.terminate()
        process.wait(15)
    tree.stop()


def session_of(url: str) -> str:
    """Sign Giulia in; returns the session cookie."""
    with httpx2.Client(base_url=url, follow_redirects=True, timeout=20) as client:
        page = client.get("/accounts/login/").text
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert found
        form = {
            "csrfmiddlewaretoken": found[1],
            "login": "giulia@bottega-aurora.example",
            "password": "aurora-demo",
        }
        client.post("/accounts/login/", data=form, headers={"Referer": f"{url}/accounts/login/"})
        return str(client.cookies["sid"])


def socket_of(url: str, session: str) -> ClientConnection:
    socket = connect(
        f"{url.replace('http', 'ws')}/ws",
        origin=url,  # type: ignore[arg-type]
        subprotocols=["sportello.agent.1"],  # type: ignore[list-item]
        additional_headers={"Cookie": f"sid={session}"},
    )
    assert "at" in json.loads(socket.recv(timeout=10))
    return socket


def until(socket: ClientConnection, name: str, *, seconds: float = 10) -> dict[str, object]:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        frame: dict[str, object] = json.loads(socket.recv(timeout=end - time.monotonic()))
        if name in frame:
            return frame
    raise AssertionError(f"no {name}")


def test_an_event_at_one_node_reaches_the_sockets_of_the_other(nodes: Nodes) -> None:
    api: Api = api_of(nodes.first)
    with socket_of(nodes.second, session_of(nodes.second)) as socket:
        body = {"subject": "Two nodes", "text": "Hello", "contact": {"email": "ada@home.example"}}
        ticket = api.post("/tickets", body)
        assert until(socket, "event")["ticket"] == ticket["number"]


def test_presence_is_seen_across_nodes(nodes: Nodes) -> None:
    api = api_of(nodes.first)
    body = {"subject": "Presence", "text": "Hello", "contact": {"email": "ada@home.example"}}
    number = api.post("/tickets", body)["number"]
    with (
        socket_of(nodes.first.url, session_of(nodes.first.url)) as one,
        socket_of(nodes.second, session_of(nodes.second)) as two,
    ):
        two.send(json.dumps({"do": "watch", "ticket": number}))
        until(two, "presence")
        one.send(json.dumps({"do": "watch", "ticket": number}))
        one.send(json.dumps({"do": "typing", "ticket": number, "words": "Buongiorno"}))
        for _ in range(20):
            agents = until(two, "presence")["presence"]["agents"]  # type: ignore[index]
            if agents and agents[0]["mode"] == "typing":
                return
        raise AssertionError("typing was not seen")
