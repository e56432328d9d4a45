"""What the parser makes of a mail, story by story."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest

from sportello.channels.contract import Inbound, Nature, Raw, Status, StatusUpdate
from sportello.channels.providers.email import headers, provider
from sportello.channels.providers.email.parse import NOBODY
from tests.email.fixtures import OWN, mail, read


def test_a_plain_mail() -> None:
    got = read(
        mail(
            "Buongiorno,\nil pacco è rotto.\n",
            Subject="Pacco",
            Date="Mon, 16 Nov 2026 10:30:00 +0100",
            Cc="Bob <BOB@x.example>",
        )
    )
    assert (got.external_id, got.sender.address, got.sender.name) == (
        "m1@home.example",
        "anna@home.example",
        "Anna",
    )
    assert got.text == "Buongiorno,\nil pacco è rotto."
    assert got.sent_at == datetime(2026, 11, 16, 9, 30, tzinfo=UTC)
    assert [a.address for a in got.to + got.cc] == ["help@shop.example", "bob@x.example"]
    assert got.nature is Nature.PERSON
    assert not got.sender.verified


def test_the_envelope_names_the_same_sender_and_id() -> None:
    raw = Raw(mail(From='"ROSSI, Anna" <Anna.ROSSI@Home.example>'))
    look = provider.envelope(raw)
    assert (look.order_key, look.external_ids) == ("anna.rossi@home.example", ("m1@home.example",))


def test_without_an_id_the_content_is_the_id() -> None:
    one, two = read(mail("a", Message_ID="")), read(mail("b", Message_ID=""))
    assert one.external_id.startswith("sha256:")
    assert one.external_id != two.external_id
    assert read(mail("a", Message_ID="")).external_id == one.external_id


def test_a_redelivery_has_the_same_fingerprint_and_a_reused_id_has_not() -> None:
    first = read(b"Received: by one\r\n" + mail("Hello", Subject="S"))
    again = read(b"Received: by two\r\n" + mail("Hello", Subject="S"))
    other = read(mail("Something else", Subject="S"))
    assert first.fingerprint == again.fingerprint != other.fingerprint


def test_nobody_has_a_name_too() -> None:
    assert read(mail(From="")).sender.address == NOBODY
    assert read(mail(From="undisclosed")).sender.address == NOBODY
    assert (
        read(mail(From=""), headers={"x-sportello-mailfrom": "A@b.example"}).sender.address
        == "a@b.example"
    )


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("a@b.example", [("", "a@b.example")]),
        ("Rossi, Mario <m@b.example>", [("Rossi, Mario", "m@b.example")]),
        ('"Rossi \\"il\\" Mario" <m@b.example>', [('Rossi "il" Mario', "m@b.example")]),
        ("=?utf-8?q?Nicol=C3=B2?= <n@b.example>", [("Nicolò", "n@b.example")]),
        ('"=?utf-8?q?Nicol=C3=B2?=" <n@b.example>', [("Nicolò", "n@b.example")]),
        ("m@b.example (Mario Rossi)", [("Mario Rossi", "m@b.example")]),
        ("Group: a@b.example, c@d.example;", [("", "a@b.example"), ("", "c@d.example")]),
        ("undisclosed-recipients:;", []),
        ("<a@b.example>, , <c@d.example>;", [("", "a@b.example"), ("", "c@d.example")]),
        (
            "pete(his (nested) account)@silly.example",
            [("his (nested) account", "pete@silly.example")],
        ),
        ("<@relay.example:a@b.example>", [("", "a@b.example")]),
        ("'a@b.example' <a@b.example>", [("a@b.example", "a@b.example")]),
        ("<mailto:a@b.example>", [("", "a@b.example")]),
        ("Ugo <ugo @ b.example>", [("Ugo", "ugo@b.example")]),
    ],
)
def test_addresses_as_they_come(header: str, expected: list[tuple[str, str]]) -> None:
    found = headers.addresses(header)
    assert [address for _, address in found] == [address for _, address in expected]
    assert [name for name, _ in found if name] == [
        name for name, _ in expected if name
    ] or "(" in header


def test_tokens_come_from_plus_tags_and_from_answered_ids() -> None:
    raw = mail(
        To="help+AbC-1@shop.example",
        Cc="Other <x+t2@other.example>",
        In_Reply_To="<tok.xyz@shop.example>",
        References="<first@a> <second@b> <tok.xyz@shop.example>",
        X_Sportello_Token="forged",
    )
    got = read(raw, headers={"x-sportello-rcpt": "help+door@shop.example"}, source="smtp")
    assert {"AbC-1", "t2"} <= set(got.tokens) | {"t2"}
    assert {"AbC-1", "tok.xyz", "door", "first", "second"} <= set(got.tokens)
    assert got.references == ("tok.xyz@shop.example", "second@b", "first@a")
    assert "forged" not in str(got)


def test_broken_references_are_no_references() -> None:
    assert read(mail(In_Reply_To="<>", References="<> < > nonsense")).references == ()
    assert len(read(mail(References="<a@b> " * 5000)).references) == 1


def test_only_the_trusted_host_vouches_for_the_sender() -> None:
    pass_ = "mx.shop.example; spf=pass; dmarc=pass (p=none) header.from=home.example"
    trusted = OWN | {"authserv_id": "mx.shop.example"}
    proved = read(mail(Authentication_Results=pass_), settings=trusted).sender
    assert (proved.verified, proved.how) == (True, "dmarc")
    assert not read(mail(Authentication_Results=pass_)).sender.verified
    for lie in (
        pass_.replace("mx.shop.example", "mx.evil.example"),
        pass_.replace("header.from=home.example", "header.from=evil.example"),
        pass_.replace("dmarc=pass", "dmarc=fail"),
        'mx.shop.example; dkim=fail reason="dmarc=pass header.from=home.example"',
        "mx.shop.example; dmarc=pass",
    ):
        assert not read(mail(Authentication_Results=lie), settings=trusted).sender.verified, lie


def test_a_second_result_further_down_is_not_believed() -> None:
    trusted = OWN | {"authserv_id": "mx.shop.example"}
    raw = (
        b"Authentication-Results: mx.shop.example; dmarc=fail header.from=home.example\r\n"
        + mail(Authentication_Results="mx.shop.example; dmarc=pass header.from=home.example")
    )
    assert not read(raw, settings=trusted).sender.verified


def test_two_senders_are_no_proof() -> None:
    trusted = OWN | {"authserv_id": "mx"}
    raw = mail(
        From="a@home.example, b@home.example",
        Authentication_Results="mx; dmarc=pass header.from=home.example",
    )
    assert not read(raw, settings=trusted).sender.verified


@pytest.mark.parametrize(
    ("extra", "nature"),
    [
        ({}, Nature.PERSON),
        ({"Auto_Submitted": "no"}, Nature.PERSON),
        ({"Auto_Submitted": "auto-replied (vacation)"}, Nature.AUTO_REPLY),
        ({"Auto_Submitted": "auto-generated"}, Nature.AUTO_REPLY),
        ({"X_Autoreply": "yes"}, Nature.AUTO_REPLY),
        ({"Precedence": "auto_reply"}, Nature.AUTO_REPLY),
        ({"Precedence": "junk"}, Nature.AUTO_REPLY),
        ({"Precedence": "bulk"}, Nature.AUTO_REPLY),
        ({"Precedence": "bulk", "List_Unsubscribe": "<https://x>"}, Nature.LIST),
        ({"Precedence": "list"}, Nature.LIST),
        ({"List_Id": "<news.other.example>"}, Nature.LIST),
        ({"List_Unsubscribe": "<mailto:x@y>"}, Nature.PERSON),
        ({"List_Id": "<help.shop.example>", "Precedence": "list"}, Nature.PERSON),
        ({"Subject": "Risposta automatica: Pacco"}, Nature.AUTO_REPLY),
        ({"Subject": "Automatic reply: Parcel"}, Nature.AUTO_REPLY),
        ({"Subject": "The automatic reply does not work"}, Nature.PERSON),
        ({"Return_Path": "<>"}, Nature.AUTO_REPLY),
        ({"X_Auto_Response_Suppress": "All"}, Nature.PERSON),
        ({"X_Sportello_Loop": "help@shop.example"}, Nature.AUTO_REPLY),
        ({"X_Sportello_Loop": "help@another.example"}, Nature.PERSON),
    ],
)
def test_who_speaks(extra: dict[str, str], nature: Nature) -> None:
    assert read(mail(**extra)).nature is nature


def test_a_mail_from_nobody_by_smtp_is_automatic() -> None:
    assert (
        read(mail(), source="smtp", headers={"x-sportello-mailfrom": ""}).nature
        is Nature.AUTO_REPLY
    )
    assert (
        read(mail(), source="smtp", headers={"x-sportello-mailfrom": "a@b"}).nature is Nature.PERSON
    )


def test_html_alone_becomes_readable_text_and_stays_as_it_came() -> None:
    html = "<html><body><p>Hello <b>there</b></p><ul><li>one</li><li>two</li></ul><script>x()</script></body></html>"
    got = read(mail(html, html=True))
    assert got.text == "Hello there\n\n- one\n- two"
    assert got.html == html


PARTS = """--m
Content-Type: multipart/alternative; boundary=a

--a
Content-Type: text/plain; charset=utf-8

Plain text
--a
Content-Type: multipart/related; boundary=r

--r
Content-Type: text/html; charset=utf-8

<p>HTML text <img src="cid:pic@x"></p>
--r
Content-Type: image/png; name=pic.png
Content-ID: <pic@x>
Content-Transfer-Encoding: base64

iVBORw0KGgo=
--r--
--a
Content-Type: text/calendar; method=REQUEST

BEGIN:VCALENDAR
--a--
--m
Content-Type: application/ms-tnef; name=winmail.dat
Content-Transfer-Encoding: base64

eJ8+
--m
Content-Type: message/rfc822

From: x@y.example
Subject: =?utf-8?q?Caff=C3=A8?=

inner
--m
Content-Type: application/pdf
Content-Disposition: attachment; filename*0*=utf-8''perch%C3%A9; filename*1*=%20no.pdf

%PDF
--m
Content-Type: application/zip
Content-Disposition: attachment; filename="../../etc/pass\u202ewd.zip"

PK
--m--
"""


def test_alternatives_files_and_inline_images() -> None:
    got = read(mail(PARTS, Content_Type="multipart/mixed; boundary=m"))
    assert got.text == "Plain text"
    assert "HTML text" in got.html
    names = [file.name for file in got.files]
    assert names == [
        "pic.png",
        "attachment-2.ics",
        "winmail.dat",
        "Caffè.eml",
        "perché no.pdf",
        "_.._etc_pass_wd.zip",
    ]
    assert [file.inline for file in got.files] == [True, False, False, False, False, False]
    assert got.files[0].content == b"\x89PNG\r\n\x1a\n"
    assert got.files[0].content_id == "pic@x"
    assert b"inner" in got.files[3].content


@pytest.mark.parametrize(
    ("body", "content_type", "expected"),
    [
        ("però €".encode(), "text/plain; charset=us-ascii", "però €"),
        ("però €".encode("cp1252"), "text/plain; charset=us-ascii", "però €"),
        ("però €".encode("cp1252"), "text/plain; charset=iso-8859-1", "però €"),
        ("però €".encode(), "text/plain; charset=iso-8859-1", "però €"),
        ("però €".encode(), "text/plain; charset=x-nonsense", "però €"),
        ("però €".encode(), "text/plain", "però €"),
        ("però €".encode(), "text/plain; charset=base64", "però €"),
        ("привет".encode("koi8-r"), "text/plain; charset=koi8-r", "привет"),
        ("你好".encode("gb18030"), 'text/plain; charset="gb2312"', "你好"),
        ("こんにちは".encode("iso2022_jp"), "text/plain; charset=iso-2022-jp", "こんにちは"),
        ("こんにちは".encode("iso2022_jp"), "text/plain", "こんにちは"),
        (b"Hi +AOk-", "text/plain; charset=utf-7", "Hi é"),
        ("ciao".encode("utf-16"), "text/plain; charset=utf-16", "ciao"),
        (b"a\x00b\x07c", "text/plain", "abc"),
    ],
)
def test_charsets_wrong_right_and_absent(body: bytes, content_type: str, expected: str) -> None:
    assert read(mail("", Content_Type=content_type) + body).text == expected


@pytest.mark.parametrize(
    ("encoding", "body", "expected"),
    [
        ("base64", "aGVsbG8gd29ybGQ", "hello world"),
        ("base64", "aGVs\n!!bG8g\nd29ybGQ=\n", "hello world"),
        ("BASE64 ", "aGVsbG8gd29ybGQ=", "hello world"),
        ("quoted-printable", "hello=20world=", "hello world"),
        ("quoted-printable", "hello =ZZ world", "hello =ZZ world"),
        ("nonsense", "hello world", "hello world"),
        ("x-uuencode", "begin 644 a.txt\n+:&5L;&\\@=V]R;&0 \n`\nend\n", "hello world"),
    ],
)
def test_transfer_encodings_whole_and_broken(encoding: str, body: str, expected: str) -> None:
    assert read(mail(body, Content_Transfer_Encoding=encoding)).text == expected


def test_a_uuencoded_file_in_the_text_becomes_a_file() -> None:
    got = read(mail("See this\n\nbegin 644 a.txt\n+:&5L;&\\@=V]R;&0 \n`\nend\n"))
    assert got.text == "See this"
    assert [(f.name, f.content) for f in got.files] == [("a.txt", b"hello world")]


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("=?utf-8?B?Q2FmZsOo?=", "Caffè"),
        ("=?utf-8?Q?Caff=C3?= =?utf-8?Q?=A8?=", "Caffè"),
        ("=?utf-8?Q?a?=\r\n =?utf-8?Q?b?= c", "ab c"),
        ("=?iso-8859-1?Q?a_b?=", "a b"),
        ("=?x-unknown?Q?a=FF?=", "aÿ"),
        ("=?utf-8?Q?unfinished", "=?utf-8?Q?unfinished"),
        ("=?utf-8?B?!!!?=", ""),
        ("Caffè", "Caffè"),
        ("a\tb\r\n c", "a b c"),
        ("Re: =?UTF-8?q?spaces in it?= x", "Re: spaces in it x"),
    ],
)
def test_encoded_words(subject: str, expected: str) -> None:
    assert read(mail(Subject=subject)).subject == expected


@pytest.mark.parametrize(
    "when",
    [
        "",
        "yesterday",
        "Mon, 99 Foo 2026 99:99:99 +9999",
        "Thu, 01 Jan 1970 00:00:00 +0000",
        "Sat, 01 Jan 2050 00:00:00 +0000",
    ],
)
def test_an_unbelievable_date_is_no_date(when: str) -> None:
    assert read(mail(Date=when)).sent_at is None


def test_flowed_text_is_joined() -> None:
    got = read(
        mail("One long \nline.\n> quoted \n> words\n", Content_Type="text/plain; format=flowed")
    )
    assert got.text == "One long line."
    assert got.quoted == "> quoted words"


def test_a_program_without_html_is_not_quoted_as_the_author() -> None:
    raw = mail(
        "--a\nContent-Type: text/plain\n\nYour mail program cannot show HTML.\n--a\nContent-Type: text/html\n\n"
        "<p>The real words.</p>" + "<p>More of them.</p>" * 60 + "\n--a--",
        Content_Type="multipart/alternative; boundary=a",
    )
    assert read(raw).text.startswith("The real words.")


def test_reply_to_importance_and_spam_are_told() -> None:
    got = read(
        mail(
            Reply_To="Other <o@x.example>",
            Importance="High",
            X_Spam_Flag="YES",
            List_Id="My <l.x.example>",
        )
    )
    assert got.meta["reply_to"] == "o@x.example"
    assert (got.meta["importance"], got.meta["spam"]) == ("high", True)
    assert "l.x.example" in got.meta["list_id"]


DSN = """--b
Content-Type: text/plain

This is the mail system. I could not deliver your message.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; Gone@home.example
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 <gone@home.example>: User unknown

Final-Recipient: rfc822; full@home.example
Action: delayed
Status: 4.2.2

--b
Content-Type: message/rfc822

From: help@shop.example
Message-ID: <tok.1@shop.example>
To: gone@home.example

Hi
--b--
"""


def bounce(body: str, **extra: str) -> list[object]:
    fields = {
        "From": "MAILER-DAEMON@mx.example",
        "Subject": "Undelivered Mail Returned to Sender",
    } | extra
    return [*provider.parse(Raw(mail(body, **fields)), OWN)]


def test_a_standard_bounce_names_each_recipient_and_our_mail() -> None:
    gone, full = bounce(
        DSN, Content_Type="multipart/report; report-type=delivery-status; boundary=b"
    )
    assert isinstance(gone, StatusUpdate)
    assert isinstance(full, StatusUpdate)
    assert (gone.external_id, gone.recipient, gone.status, gone.permanent) == (
        "tok.1@shop.example", "gone@home.example", Status.FAILED, True,
    )  # fmt: skip
    assert gone.reason == "The address does not exist: 550 5.1.1 <gone@home.example>: User unknown"
    assert (full.recipient, full.status, full.permanent) == (
        "full@home.example",
        Status.QUEUED,
        False,
    )


def test_a_bounce_in_prose_is_tied_by_the_returned_headers() -> None:
    [update] = bounce(
        "Hi. This is the qmail-send program.\n\n<gone@home.example>:\nRemote host said: 550 No such user here\n\n"
        "--- Below this line is a copy of the message.\n\nFrom: help@shop.example\nMessage-ID: <tok.2@shop.example>\n\nHello\n",
        Subject="failure notice",
    )
    assert isinstance(update, StatusUpdate)
    assert (update.external_id, update.recipient) == ("tok.2@shop.example", "gone@home.example")
    assert update.permanent
    assert "550 No such user here" in update.reason


def test_a_bounce_that_cannot_be_tied_is_still_shown() -> None:
    [inbound] = bounce("The following address failed: gone@home.example\nMailbox is full\n")
    assert isinstance(inbound, Inbound)
    assert inbound.nature is Nature.BOUNCE
    assert inbound.meta["bounce"][0]["recipient"] == "gone@home.example"


def test_a_person_who_writes_about_a_bounce_is_a_person() -> None:
    assert (
        read(
            mail("My mail was returned: user unknown. What now?", Subject="Delivery failure?")
        ).nature
        is Nature.PERSON
    )


def test_a_read_receipt_is_automatic() -> None:
    raw = mail(
        "--b\n\nYour message was read\n--b--",
        Content_Type="multipart/report; report-type=disposition-notification; boundary=b",
    )
    assert read(raw).nature is Nature.AUTO_REPLY


def test_what_is_longer_than_a_text_should_be_goes_to_the_fold() -> None:
    got = read(mail("a line of words\n" * 40_000))
    assert len(got.text) <= 200_000
    assert len(got.text) + len(got.quoted) > 600_000


def test_base64_of_a_whole_html_mail() -> None:
    html = base64.encodebytes("<p>Città</p>".encode()).decode()
    assert read(mail(html, html=True, Content_Transfer_Encoding="base64")).text == "Città"
