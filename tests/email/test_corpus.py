"""Every shared mail is understood without an accident, fast."""

from __future__ import annotations

import time

from sportello.channels.contract import Inbound, Nature, Raw, StatusUpdate
from sportello.channels.providers.email import mime, parse, provider
from tests.email.fixtures import OWN, files, folder, read


def test_no_shared_mail_needs_the_last_resort() -> None:
    count = 0
    for path in [*files("email"), *files("email-bounces")]:
        raw = Raw(path.read_bytes())
        parsed = parse._parse(raw, OWN)
        assert parsed, path
        for one in parsed:
            if isinstance(one, Inbound):
                assert one.external_id, path
                assert one.fingerprint, path
                assert "@" in one.sender.address, path
                everything = one.text + one.quoted + one.html + one.subject + one.sender.name
                assert "\x00" not in everything, path
                everything.encode("utf-8")
        assert provider.envelope(raw).external_ids[0], path
        count += 1
    assert count > 500


def test_envelope_and_parse_agree_on_sender_and_id() -> None:
    for path in files("email/chatwoot"):
        raw = Raw(path.read_bytes())
        [parsed] = provider.parse(raw, OWN)[:1]
        if isinstance(parsed, Inbound):
            look = provider.envelope(raw)
            assert (look.order_key, look.external_ids) == (
                parsed.sender.address,
                (parsed.external_id,),
            ), path.name


def test_bodies_and_attachments_come_out() -> None:
    mails = folder("email/chatwoot")
    html = read((mails / "html_and_attachments.eml").read_bytes())
    assert html.text == "This is html and attachments only mail"
    assert [(f.name, len(f.content)) for f in html.files] == [("1610894557447.jpg", 172081)]
    inline = read((mails / "cid_inline_images_without_disposition.eml").read_bytes())
    assert inline.files[0].inline
    assert f"cid:{inline.files[0].content_id}" in inline.html
    arabic = read((mails / "non_utf_encoded_mail.eml").read_bytes())
    assert arabic.subject == "أهلين عميلنا الكريم"
    automatic = read((mails / "auto_reply_with_auto_submitted.eml").read_bytes())
    assert automatic.nature is Nature.AUTO_REPLY
    assert len(automatic.files) == 2


def test_old_charsets_are_read() -> None:
    mails = folder("email/mikel-mail/multi_charset")
    assert read((mails / "japanese_iso_2022.eml").read_bytes()).text == "すみません。"
    assert read((mails / "japanese_shift_jis.eml").read_bytes()).text.startswith("あいうえお")
    assert read((mails / "ks_c_5601-1987.eml").read_bytes()).text == "스티해"
    assert read((mails / "japanese_attachment.eml").read_bytes()).files[0].name == "てすと.txt"


def test_bounces_are_recognised_and_tied() -> None:
    """At most a few of 392 mails from some 60 mail servers are taken for a person's."""
    bounces = [
        p for p in files("email-bounces/sisimai/maildir") if not p.name.startswith("rfc3834")
    ]
    tied = recognised = with_recipient = temporary = 0
    for path in bounces:
        parsed = provider.parse(Raw(path.read_bytes()), OWN)
        first = parsed[0]
        if isinstance(first, StatusUpdate):
            tied += 1
            recognised += 1
            with_recipient += all("@" in p.recipient for p in parsed if isinstance(p, StatusUpdate))
            temporary += not first.permanent
            assert first.external_id
            assert first.reason, path
        else:
            assert isinstance(first, Inbound)
            recognised += first.nature is Nature.BOUNCE
    total = len(bounces)
    print(
        f"\nbounces: {recognised}/{total} recognised, {tied}/{total} tied to our mail, "
        f"{with_recipient}/{tied} with recipient, {temporary} temporary"
    )
    assert recognised / total > 0.94
    assert tied / total > 0.8
    assert with_recipient / tied > 0.97


def test_automatic_answers_are_no_persons() -> None:
    for path in files("email-bounces/sisimai/maildir"):
        if path.name.startswith("rfc3834"):
            assert read(path.read_bytes()).nature is Nature.AUTO_REPLY, path.name


def test_speed() -> None:
    """The bar is 800 mails a second applied; a busy test machine gets a third of it as floor."""
    mails = [
        Raw(p.read_bytes())
        for p in [*files("email/mikel-mail"), *files("email/chatwoot"), *files("email-bounces")]
    ]
    start = time.process_time()
    for raw in mails:
        provider.parse(raw, OWN)
    rate = len(mails) / (time.process_time() - start)
    print(f"\n{rate:.0f} mails a second and core, {len(mails)} mails of the shared sets")
    assert rate > 270


def test_the_caps_are_what_security_says() -> None:
    assert (mime.MAX_DEPTH, mime.MAX_PARTS, mime.MAX_HEADER_BYTES) == (30, 500, 65536)
