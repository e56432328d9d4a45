"""Pictures of a mail from elsewhere come through our own server, from public addresses only, drawn anew."""

from __future__ import annotations

import ipaddress
import re
import threading
from collections.abc import Iterator
from html import unescape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO

import pytest
from PIL import Image
from starlette.testclient import TestClient

from sportello.accounts.models import Grant
from sportello.core.net import Net
from sportello.tickets.models import Message
from sportello.workspace import remote_images
from sportello.workspace.routes import routes
from tests.walk import arrive
from tests.workspace.conftest import Desk


def _png(size: int = 8) -> bytes:
    out = BytesIO()
    Image.new("RGB", (size, size), "red").save(out, "PNG")
    return out.getvalue()


class Shop(BaseHTTPRequestHandler):
    asked: list[str] = []

    def do_GET(self) -> None:
        Shop.asked.append(self.path)
        if self.path.startswith("/to/"):
            self.send_response(302)
            self.send_header("Location", self.path.removeprefix("/to/"))
            self.end_headers()
            return
        body = {
            "/p.png": _png(),
            "/x.svg": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
            "/x.html": b"<script>alert(1)</script>",
            "/big": b"\x89PNG\r\n\x1a\n" + b"x" * (remote_images.LARGEST + 10),
        }.get(self.path.partition("?")[0])
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", "image/png")
        self.send_header("Set-Cookie", "spy=1")
        self.end_headers()
        self.wfile.write(body or _png())

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    Shop.asked.clear()
    remote_images.fetched.cache_clear()
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    threading.Thread(target=httpd.serve_forever, args=(0.02,), daemon=True).start()
    yield httpd.server_address[1]
    httpd.shutdown()
    httpd.server_close()


def _mail(desk: Desk, *sources: str) -> Message:
    images = "".join(f'<img src="{source}">' for source in sources)
    raw = (
        "From: ada@home.example\r\nTo: help@shop.example\r\nSubject: x\r\nMessage-ID: <r@home.example>\r\n"
        f"Content-Type: text/html; charset=utf-8\r\n\r\n<p>ciao</p>{images}"
    )
    return arrive(desk.shop.mail, raw.encode())


def _frame(desk: Desk, message: Message, who: str = "agent") -> tuple[list[str], str]:
    url = f"/app/tickets/{message.ticket.number}/mail/{message.pk}?images=1"
    answer = desk.client(who).get(url)
    assert answer.status_code == 200
    found = re.findall(r'<img[^>]* src="([^"]+)"', answer.content.decode())
    return [unescape(one) for one in found], answer["Content-Security-Policy"]


@pytest.fixture
def lean(transactional_db: None) -> Iterator[TestClient]:
    from starlette.applications import Starlette

    with TestClient(Starlette(routes=routes)) as client:
        yield client


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote_images, "net", Net((ipaddress.ip_network("127.0.0.0/8"),)))


def test_the_frame_names_only_our_own_origin(lean: TestClient, desk: Desk) -> None:
    message = _mail(desk, "https://evil.example/spy.gif?a=1&b=2", "http://evil.example/two.png")
    sources, policy = _frame(desk, message)
    assert len(sources) == 2
    assert all(s.startswith(f"/app/tickets/{message.ticket.number}/mail/") for s in sources)
    assert "img-src http://testserver data:;" in policy
    assert "https: " not in policy
    assert not re.search(r"evil\.example", " ".join(sources))


def test_a_picture_comes_drawn_anew_and_is_asked_for_once(
    lean: TestClient,
    desk: Desk,
    shop: int,
    opened: None,
) -> None:
    (source,), _ = _frame(desk, _mail(desk, f"http://127.0.0.1:{shop}/p.png?a=1&amp;b=2"))
    answer = lean.get(source)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/webp"
    assert answer.content[8:12] == b"WEBP"
    assert answer.headers["cache-control"].startswith("private")
    assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert "set-cookie" not in answer.headers
    assert lean.get(source).status_code == 200
    assert Shop.asked == ["/p.png?a=1&b=2"]


@pytest.mark.parametrize("path", ["x.svg", "x.html", "big", "missing"])
def test_only_raster_pictures_of_a_bearable_size(
    lean: TestClient,
    desk: Desk,
    shop: int,
    opened: None,
    path: str,
) -> None:
    (source,), _ = _frame(desk, _mail(desk, f"http://127.0.0.1:{shop}/{path}"))
    assert lean.get(source).status_code == 404


@pytest.mark.parametrize("host", ["127.0.0.1", "2130706433", "localhost", "[::ffff:127.0.0.1]"])
def test_our_own_network_is_not_reached_even_where_the_operator_opened_it(
    lean: TestClient,
    desk: Desk,
    shop: int,
    host: str,
) -> None:
    """The tests' environment allows 127.0.0.0/8; strangers' pictures do not go by that."""
    (source,), _ = _frame(desk, _mail(desk, f"http://{host}:{shop}/p.png"))
    assert lean.get(source).status_code == 404
    assert Shop.asked == []


def test_a_redirect_inwards_is_not_followed(
    lean: TestClient,
    desk: Desk,
    shop: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    only = Net((ipaddress.ip_network("127.0.0.1/32"),))
    monkeypatch.setattr(remote_images, "net", only)
    (source,), _ = _frame(
        desk, _mail(desk, f"http://127.0.0.1:{shop}/to/http://127.0.0.2:{shop}/p.png")
    )
    assert lean.get(source).status_code == 404
    assert len(Shop.asked) == 1


def test_the_address_is_bound_to_message_picture_and_right(
    lean: TestClient,
    desk: Desk,
    shop: int,
    opened: None,
) -> None:
    message = _mail(desk, f"http://127.0.0.1:{shop}/p.png")
    number, agent = message.ticket.number, desk.agents["agent"]
    (good,), _ = _frame(desk, message)
    other = Message.objects.filter(ticket=desk.tickets["public"]).get()
    refused = [
        good.replace(f"/mail/{message.pk}/", f"/mail/{other.pk}/"),
        good.replace(f"/tickets/{number}/", f"/tickets/{other.ticket.number}/"),
        good[:-1],
        good.partition("?")[0],
        good.partition("?")[0] + f"?u=http://127.0.0.1:{shop}/p.png",
        remote_images.address(message, number, agent, f"http://127.0.0.1:{shop}/other.png"),
        remote_images.address(
            message, number, desk.agents["light"], f"http://127.0.0.1:{shop}/p.png"
        ),
        remote_images.address(
            message, number, desk.agents["member"], f"http://127.0.0.1:{shop}/p.png"
        ),
        f"/app/tickets/{number}/mail/99999999999999999999/image",
    ]
    assert [lean.get(url).status_code for url in refused] == [404] * len(refused)
    assert Shop.asked == []
    assert lean.get(good).status_code == 200
    Grant.objects.filter(agent=agent).delete()
    assert lean.get(good).status_code == 404
