"""What leaves: a mail that threads, shows and cannot be bent by what people typed."""

from __future__ import annotations

import dataclasses
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sportello.channels.contract import Address, File, Inbound, Nature, Outbound, Raw
from sportello.channels.providers.email import provider
from sportello.channels.providers.email.compose import compose, recipients

SETTINGS = {"address": "help@shop.example", "from_name": "Bottega Aurora"}
OUTBOUND = Outbound(
    idempotency_key="k1",
    recipient=Address("email", "anna@home.example", "Anna Rossi"),
    text="Buongiorno,\nperò sì.",
    subject="Re: Pacco",
    message_id="tok.1@shop.example",
    reply_to="help+tok1@shop.example",
    references=("m2@home.example", "m1@home.example"),
)


def sent(**changes: object) -> EmailMessage:
    message = compose(dataclasses.replace(OUTBOUND, **changes), SETTINGS)  # type: ignore[arg-type]
    parsed = message_from_bytes(message.as_bytes(), policy=default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def test_the_headers_thread_and_lead_back() -> None:
    mail = sent()
    assert mail["From"] == "Bottega Aurora <help@shop.example>"
    assert mail["To"] == "Anna Rossi <anna@home.example>"
    assert mail["Reply-To"] == "help+tok1@shop.example"
    assert mail["Message-ID"] == "<tok.1@shop.example>"
    assert mail["In-Reply-To"] == "<m2@home.example>"
    assert mail["References"] == "<m1@home.example> <m2@home.example>"
    assert mail["X-Sportello-Loop"] == "help@shop.example"
    assert "Auto-Submitted" not in mail
    assert "List-Unsubscribe" not in mail
    assert mail.get_content().replace("\r\n", "\n").strip() == "Buongiorno,\nperò sì."


def test_what_no_person_wrote_says_so() -> None:
    mail = sent(automatic=True)
    assert mail["Auto-Submitted"] == "auto-replied"
    assert mail["X-Auto-Response-Suppress"] == "All"
    [read] = provider.parse(Raw(mail.as_bytes()), {"address": "x@other.example"})
    assert isinstance(read, Inbound)
    assert read.nature is Nature.AUTO_REPLY


def test_html_pictures_files_and_the_quote_below() -> None:
    picture = File("logo.png", "image/png", b"\x89PNG", inline=True, content_id="logo1")
    invoice = File("fattura però.pdf", "application/pdf", b"%PDF")
    mail = sent(
        html='<p>Ecco <img src="cid:logo1"></p>',
        files=(picture, invoice),
        quoted_text="> prima",
        quoted_html="<blockquote>prima</blockquote>",
    )
    plain, page = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert page is not None
    assert plain.get_content().rstrip().endswith("> prima")
    assert "<blockquote>prima</blockquote>" in page.get_content()
    [read] = provider.parse(Raw(mail.as_bytes()), SETTINGS)
    assert isinstance(read, Inbound)
    assert [(f.name, f.inline, f.content) for f in read.files] == [
        ("logo.png", True, b"\x89PNG"), ("fattura però.pdf", False, b"%PDF"),
    ]  # fmt: skip
    assert read.text == "Buongiorno,\nperò sì."
    assert read.quoted == "> prima"


def test_a_picture_that_nobody_shows_is_attached() -> None:
    picture = File("logo.png", "image/png", b"x", inline=True, content_id="logo1")
    assert [
        part.get_content_disposition() for part in sent(files=(picture,)).iter_attachments()
    ] == ["attachment"]


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "text/html",
        "message/rfc822",
        "multipart/mixed",
        "nonsense",
        "",
        "a/b; c=d",
        "image/png\r\nX: y",
    ],
)
def test_files_of_any_claimed_type_travel_unchanged(kind: str) -> None:
    content = b"From: a\r\n\r\n\xff\x00 raw"
    mail = sent(files=(File("f.bin", kind, content),))
    [part] = mail.iter_attachments()
    assert part.get_payload(decode=True) == content


NASTY = [
    "A\r\nBcc: evil@x.example",
    "A\nB",
    'A" <evil@x.example>',
    "a,b;c<d>",
    "\x00",
    "=?utf-8?q?=0D=0ABcc:_e@x?=",
    "ü" * 300,
    "\u2028X",
    "\x85X",
]


@pytest.mark.parametrize("name", NASTY)
def test_a_name_never_becomes_a_header_or_a_recipient(name: str) -> None:
    mail = sent(
        recipient=Address("email", "anna@home.example", name),
        from_name=name,
        subject=name,
        cc=(Address("email", "c@x.example", name),),
    )
    assert mail["Bcc"] is None
    assert [a.addr_spec for a in mail["To"].addresses] == ["anna@home.example"]
    assert [a.addr_spec for a in mail["From"].addresses] == ["help@shop.example"]
    assert [a.addr_spec for a in mail["Cc"].addresses] == ["c@x.example"]


@given(st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_any_text_anywhere(text: str) -> None:
    text = text.encode("utf-8", "replace").decode()
    mail = sent(
        recipient=Address("email", "anna@home.example", text),
        subject=text,
        text=text,
        files=(File(text, "a/b", b""),),
    )
    assert mail["Bcc"] is None
    assert [a.addr_spec for a in mail["To"].addresses] == ["anna@home.example"]
    assert len(list(mail.iter_attachments())) == 1


@pytest.mark.parametrize(
    "address",
    [
        "",
        "nobody",
        "a@b@c\r\nBcc: x@y",
        "a@b.example\nX: y",
        "a@b c",
        "@b.example",
        "a@",
        "a@b,c@d",
    ],
)
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="Not an e-mail address"):
        sent(recipient=Address("email", address))


def test_ids_cannot_break_out_of_their_header() -> None:
    mail = sent(message_id="a@b>\r\nBcc: e@x", references=("r@s\r\n X: y", ""))
    assert mail["Bcc"] is None
    assert mail["X"] is None


def test_a_long_chain_keeps_its_ends() -> None:
    mail = sent(references=tuple(f"m{n}@x.example" for n in range(200)))
    ids = mail["References"].split()
    assert len(ids) == 30
    assert (ids[0], ids[-1]) == ("<m199@x.example>", "<m0@x.example>")


def test_envelope_recipients_include_the_hidden_ones_once() -> None:
    outbound = dataclasses.replace(
        OUTBOUND,
        cc=(Address("email", "c@x.example"),),
        bcc=(Address("email", "b@x.example"), Address("email", "c@x.example")),
    )
    assert recipients(outbound) == ["anna@home.example", "c@x.example", "b@x.example"]
    assert "b@x.example" not in compose(outbound, SETTINGS).as_string()
