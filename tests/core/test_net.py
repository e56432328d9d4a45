"""The way out: private addresses are not reached, by whatever spelling, name or redirect."""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from sportello.core.net import (
    Blocked,
    Net,
    NetError,
    OAuth,
    OAuthRefused,
    TimedOut,
    TooLarge,
    Unreachable,
)
from sportello.core.net.judge import Judge, system_resolver
from sportello.core.net.mail import SmtpUrl

PRIVATE = [
    "127.0.0.1", "127.9.9.9", "0.0.0.0", "0.1.2.3", "10.0.0.1", "172.16.5.4", "172.31.255.255", "192.168.1.1",
    "169.254.169.254", "100.64.0.1", "100.100.100.200", "192.0.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.2",
    "203.0.113.9", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "168.63.129.16", "192.88.99.1",
    "::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "fe80::1", "fe80::1%eth0",
    "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "2001:db8::1", "2002:7f00:1::", "2002:a00:1::", "2001:0:4136:e378::1",
    "64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "100::1", "nonsense", "",
]  # fmt: skip
PUBLIC = [
    "8.8.8.8",
    "1.1.1.1",
    "93.184.216.34",
    "2606:4700:4700::1111",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
]
SPELLINGS = [
    "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "localhost",
    "localhost.", "LOCALHOST", "127。0。0。1", "①②⑦.0.0.1", "[::]", "0", "0.0.0.0",
]  # fmt: skip


class Server(BaseHTTPRequestHandler):
    seen: list[tuple[str, str, str]] = []

    def do_GET(self) -> None:
        Server.seen.append((self.command, self.path, self.headers.get("Host", "")))
        if self.path.startswith("/to/"):
            self.send_response(302)
            self.send_header("Location", self.path.removeprefix("/to/"))
            self.end_headers()
            return
        self.send_response(200)
        self.end_headers()
        if self.path == "/large":
            self.wfile.write(b"x" * 200_000)
        elif self.path == "/slow":
            for _ in range(50):
                self.wfile.write(b"x")
                self.wfile.flush()
                time.sleep(0.1)
        else:
            self.wfile.write(self.headers.get("Authorization", "none").encode())

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length).decode()
        Server.seen.append((self.command, body, self.headers.get("Host", "")))
        good = "refresh_token=good" in body
        self.send_response(200 if good else 400)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(
            b'{"access_token": "T1", "expires_in": 3600}' if good else b'{"error": "invalid_grant"}'
        )

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def server() -> Iterator[int]:
    Server.seen.clear()
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    thread = threading.Thread(target=httpd.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield httpd.server_address[1]
    httpd.shutdown()
    httpd.server_close()


LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"),)


@pytest.mark.parametrize("address", PRIVATE)
def test_special_addresses_are_not_reached(address: str) -> None:
    assert not Judge().may_reach(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_reached(address: str) -> None:
    assert Judge().may_reach(address)


@pytest.mark.parametrize("host", SPELLINGS)
def test_no_spelling_of_this_machine_is_reached(host: str, server: int) -> None:
    with pytest.raises(NetError) as caught:
        Net().http.get(f"http://{host}:{server}/")
    assert isinstance(caught.value, (Blocked, Unreachable))
    assert Server.seen == []


def test_the_allow_list_opens_what_it_names(server: int) -> None:
    assert Net(LOOPBACK).http.get(f"http://127.0.0.1:{server}/").status_code == 200
    with pytest.raises(Blocked):
        Net((ipaddress.ip_network("10.0.0.0/8"),)).http.get(f"http://127.0.0.1:{server}/")


def test_a_mapped_address_is_judged_as_what_it_is() -> None:
    assert Judge(LOOPBACK).may_reach("::ffff:127.0.0.1")
    assert not Judge(LOOPBACK).may_reach("::1")


def test_one_bad_answer_among_good_ones_refuses_the_name() -> None:
    net = Net(resolver=lambda host, port: ["93.184.216.34", "127.0.0.1"])
    with pytest.raises(Blocked):
        net.http.get("http://mixed.example/")


def test_a_name_is_resolved_once_and_that_answer_is_dialled(server: int) -> None:
    answers = iter([["127.0.0.1"], ["10.0.0.1"]])
    asked: list[str] = []

    def resolver(host: str, port: int) -> list[str]:
        asked.append(host)
        return next(answers)

    response = Net(LOOPBACK, resolver=resolver).http.get(f"http://rebinding.example:{server}/")
    assert response.status_code == 200
    assert asked == ["rebinding.example"]
    assert Server.seen[0][2] == f"rebinding.example:{server}"


def test_redirects_are_off_unless_asked_for(server: int) -> None:
    response = Net(LOOPBACK).http.get(f"http://127.0.0.1:{server}/to/http://127.0.0.1:{server}/x")
    assert response.status_code == 302
    assert len(Server.seen) == 1


def test_a_redirect_is_judged_again(server: int) -> None:
    one = (ipaddress.ip_network("127.0.0.1/32"),)
    with pytest.raises(Blocked):
        Net(one).http.get(
            f"http://127.0.0.1:{server}/to/http://127.0.0.2:{server}/secret", redirects=3
        )
    assert all("secret" not in path or path.startswith("/to/") for _, path, _ in Server.seen)


def test_a_redirect_to_another_host_loses_the_credentials(server: int) -> None:
    net = Net(LOOPBACK, resolver=lambda host, port: ["127.0.0.1"])
    secret = {"Authorization": "Bearer s"}
    away = net.http.get(
        f"http://127.0.0.1:{server}/to/http://other.example:{server}/x", redirects=1, headers=secret
    )
    same = net.http.get(
        f"http://127.0.0.1:{server}/to/http://127.0.0.1:{server}/x", redirects=1, headers=secret
    )
    assert (away.text, same.text) == ("none", "Bearer s")


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "ftp://93.184.216.34/", "gopher://93.184.216.34/", "//x", "unix:/x", ""],
)
def test_only_http_is_spoken(url: str) -> None:
    with pytest.raises(NetError):
        Net().http.get(url)


def test_odd_ports_of_public_hosts_are_not_reached() -> None:
    net = Net(resolver=lambda host, port: ["93.184.216.34"])
    with pytest.raises(Blocked, match="porta 22"):
        net.http.get("http://host.example:22/")
    with pytest.raises(Blocked, match="porta 6379"):
        net.smtp("smtp://host.example:6379")
    with pytest.raises(Blocked, match="porta 80"):
        net.imap("host.example", 80, user="u", password="p")


def test_mail_hosts_are_judged_too() -> None:
    with pytest.raises(Blocked):
        Net().smtp("smtp://127.0.0.1:25")
    with pytest.raises(Blocked):
        Net().imap("localhost", 993, user="u", password="p")


def test_an_answer_without_end_is_cut_off(server: int) -> None:
    with pytest.raises(TooLarge):
        Net(LOOPBACK).http.get(f"http://127.0.0.1:{server}/large", max_bytes=1000)


def test_dripping_bytes_do_not_outlast_the_deadline(server: int) -> None:
    start = time.monotonic()
    with pytest.raises(TimedOut):
        Net(LOOPBACK).http.get(f"http://127.0.0.1:{server}/slow", timeout=0.6)
    assert time.monotonic() - start < 2


def test_a_closed_port_means_that_nothing_was_sent() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(Unreachable):
        Net(LOOPBACK).http.get(f"http://127.0.0.1:{port}/")


def test_proxy_variables_are_ignored(server: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert Net(LOOPBACK).http.get(f"http://127.0.0.1:{server}/").status_code == 200


def test_the_environment_names_the_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPORTELLO_ALLOW_NETWORKS", "10.0.0.0/8, 127.0.0.0/8")
    assert Net.from_environ().judge.may_reach("10.1.1.1")


def test_a_refresh_token_becomes_an_access_token_and_is_kept(server: int) -> None:
    net = Net(LOOPBACK)
    oauth = OAuth(f"http://127.0.0.1:{server}/token", "id", "good")
    assert [net.access_token(oauth), net.access_token(oauth)] == ["T1", "T1"]
    assert len(Server.seen) == 1
    with pytest.raises(OAuthRefused, match="invalid_grant"):
        net.access_token(OAuth(f"http://127.0.0.1:{server}/token", "id", "bad"))


def test_smtp_addresses_are_taken_apart() -> None:
    assert SmtpUrl.read("smtp://a%40b:p%2Fw@mail.example:587?starttls=1") == SmtpUrl(
        "mail.example", 587, "a@b", "p/w", tls=False, starttls=True
    )
    assert SmtpUrl.read("smtps://u:p@mail.example").port == 465
    for wrong in ("http://x", "smtp://", "mail.example", "smtp://x:99999999"):
        with pytest.raises(ValueError, match="SMTP"):
            SmtpUrl.read(wrong)


def test_the_system_resolver_gives_addresses() -> None:
    assert "127.0.0.1" in system_resolver("127.0.0.1", 80)
