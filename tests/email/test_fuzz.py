"""Mails nobody has seen: hostile, torn, random. Each comes out as something, soon."""

from __future__ import annotations

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sportello.channels.contract import Inbound, Raw, StatusUpdate
from sportello.channels.providers.email import parse, provider
from tests.email.fixtures import OWN, files, mail
from tests.email.test_parse import DSN, PARTS


def deep(depth: int) -> bytes:
    opening = b"From: a@b.example\nContent-Type: multipart/mixed; boundary=b0\n\n"
    for level in range(depth):
        opening += b"--b%d\nContent-Type: multipart/mixed; boundary=b%d\n\n" % (level, level + 1)
    return opening + b"--b%d\n\nthe core\n" % depth


HOSTILE = {
    "a thousand levels": deep(1000),
    "as many rfc822": b"From: a@b.example\n" + b"Content-Type: message/rfc822\n\n" * 3000 + b"x",
    "a hundred thousand parts": b"From: a@b.example\nContent-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 100_000,
    "one boundary for all": b"From: a@b.example\nContent-Type: multipart/mixed; boundary=b\n\n"
    + b"--b\nContent-Type: multipart/mixed; boundary=b\n\n" * 2000,
    "nested comments": b"To: " + b"(" * 500 + b"a@b.example\nFrom: " + b"(" * 50_000 + b" x@y.example\n\nhi",
    "parameters": b"From: a@b.example\nContent-Type: text/plain" + b"; a=b" * 10_000 + b"\n\nhi",
    "quotes": b"From: a@b.example\nContent-Type: text/plain" + b';"' * 100_000 + b"\n\nhi",
    "sections": b"From: a@b.example\nContent-Disposition: attachment"
    + b"".join(b"; filename*%d*=%%41" % i for i in range(5000)) + b"\n\nhi",
    "references": b"References: " + b"<a@b> " * 200_000 + b"\nFrom: a@b.example\nMessage-ID: <q@w>\n\nhi",
    "angles": b"References: " + b"<" * 1_000_000 + b"\nFrom: a@b.example\n\nhi",
    "words": b"Subject: " + b"=?utf-8?q?a?= " * 100_000 + b"\nFrom: a@b.example\n\nhi",
    "half words": b"Subject: " + b"=?" * 500_000 + b"\nFrom: a@b.example\n\nhi",
    "recipients": b"To: " + b'"a" <a@b.example>, ' * 100_000 + b"\nFrom: a@b.example\n\nhi",
    "headers": b"".join(b"X-A%d: %s\n" % (i, b"a" * 100) for i in range(50_000)) + b"\n\nhi",
    "quoted lines": b"From: a@b.example\n\n" + b"> x\n" * 300_000,
    "who wrote": b"From: a@b.example\n\n" + b"On Mon, 1 Jan 2020 10:00 x@y.z wrote:\nhi\n" * 50_000,
    "wrote wrote": b"From: a@b.example\n\n" + (b"On 1 wrote " * 30 + b":\n") * 5000,
    "greetings": b"From: a@b.example\n\n" + b"Thanks\n" * 200_000,
    "rules": b"From: a@b.example\n\n" + b"------\n" * 100_000,
    "spaces": b"From: a@b.example\n\n" + b" " * 3_000_000 + b"x",
    "divs": b"From: a@b.example\nContent-Type: text/html\n\n" + b"<div>" * 200_000 + b"x",
    "quoted divs": b"From: a@b.example\nContent-Type: text/html\n\n" + b"<blockquote>" * 50_000 + b"x",
    "less than": b"From: a@b.example\nContent-Type: text/html\n\n" + b"<" * 2_000_000,
    "uu": b"From: a@b.example\n\n" + b"begin 644 x\n" * 200_000,
    "base64": b"From: a@b.example\nContent-Transfer-Encoding: base64\n\n" + b"!@#A=" * 1_000_000,
    "nul": b"\x00" * 100_000,
    "returns": b"\r" * 1_000_000,
    "colons": b":" * 1_000_000,
    "nothing": b"",
    "only a header": b"Subject: x",
    "no header": b"hello\nworld",
}  # fmt: skip


def must_come_out(data: bytes) -> None:
    raw = Raw(data)
    look = provider.envelope(raw)
    assert look.order_key
    assert look.external_ids[0]
    parsed = parse._parse(raw, OWN)
    assert parsed
    for one in parsed:
        assert isinstance(one, (Inbound, StatusUpdate))
        assert one.external_id
        if isinstance(one, Inbound):
            texts = (
                one.text,
                one.quoted,
                one.html,
                one.subject,
                one.sender.name,
                *(f.name for f in one.files),
            )
            for text in texts:
                assert "\x00" not in text
                text.encode("utf-8")
            assert sum(len(f.name) for f in one.files) <= 200 * max(1, len(one.files))


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_mails_come_out_in_time(name: str) -> None:
    start = time.process_time()
    must_come_out(HOSTILE[name])
    assert time.process_time() - start < 3, f"{name} took too long"


@given(st.binary(max_size=3000))
@settings(max_examples=300, deadline=None)
def test_random_bytes(data: bytes) -> None:
    must_come_out(data)


SEEDS = [
    mail(PARTS, Content_Type="multipart/mixed; boundary=m"),
    mail(
        DSN,
        From="MAILER-DAEMON@x",
        Content_Type="multipart/report; report-type=delivery-status; boundary=b",
    ),
    mail(
        "<p>x</p><blockquote type=cite>y</blockquote>", html=True, Subject="=?utf-8?q?Caff=C3=A8?="
    ),
    mail("Ok\n\nOn Mon, 1 Jan 2026 at 10:00 X <x@y.example> wrote:\n> hi\n-- \nme\n"),
]
ODD = [
    b"\x00",
    b"\r",
    b"\n",
    b"\xff\xfe",
    b"=?",
    b"?=",
    b"--m",
    b"--",
    b'"',
    b"(",
    b"<",
    b";",
    b"%",
    b"\x1b$B",
    b"+AOk",
    b"*0*=",
]


@given(
    st.sampled_from(SEEDS),
    st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 40), st.sampled_from(ODD)), max_size=8),
)
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_torn_mails(seed: bytes, wounds: list[tuple[int, int, bytes]]) -> None:
    data = seed
    for place, length, odd in wounds:
        place %= len(data) + 1
        data = data[:place] + odd + data[place + length :]
    must_come_out(data)


@given(st.sampled_from(SEEDS), st.integers(0, 3000))
@settings(max_examples=100, deadline=None)
def test_truncated_mails(seed: bytes, length: int) -> None:
    must_come_out(seed[:length])


@pytest.mark.parametrize(
    "charset",
    [
        "utf-7",
        "utf-16",
        "utf-32",
        "iso-2022-jp",
        "iso-2022-kr",
        "hz",
        "gb18030",
        "big5",
        "rot13",
        "zlib",
        "idna",
        "punycode",
        "unicode_escape",
        "undefined",
        "mbcs",
        "../x",
        "a" * 300,
    ],
)
def test_any_charset_label_over_any_bytes(charset: str) -> None:
    for body in (b"\xff\xfe\x00", bytes(range(256)), b"+AAA-", b"~{", b"\x1b$B\xff", b"plain"):
        must_come_out(mail("", Content_Type=f"text/plain; charset={charset}") + body)


def test_real_mails_cut_anywhere() -> None:
    for path in list(files("email/mikel-mail"))[::3]:
        data = path.read_bytes()
        for share in (0.2, 0.5, 0.9):
            must_come_out(data[: int(len(data) * share)])


def test_when_the_parser_fails_the_bytes_still_reach_a_person(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_: object) -> None:
        raise RecursionError

    monkeypatch.setattr(parse, "_parse", broken)
    [got] = provider.parse(Raw(mail("Hello", Subject="=?utf-8?q?Caff=C3=A8?=")), OWN)
    assert isinstance(got, Inbound)
    assert (got.subject, got.sender.address, got.external_id) == (
        "Caffè",
        "anna@home.example",
        "m1@home.example",
    )
    assert "Hello" in got.text
