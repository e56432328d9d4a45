"""Fax: a gateway's mail becomes a message of the number that sent it; answers leave as PDF to the gateway."""

from __future__ import annotations

import uuid
from email.message import EmailMessage
from typing import Any

import pypdfium2
import pytest

from sportello.channels import queries
from sportello.channels.contract import (
    Address,
    Failed,
    File,
    Inbound,
    Outbound,
    Raw,
    Refused,
    Sent,
    Status,
    StatusUpdate,
    Unreadable,
)
from sportello.channels.models import Channel
from sportello.channels.providers.fax import provider, sheet
from sportello.core import mailout
from sportello.core.submission import Submission
from sportello.intake.smtp import channel_of
from tests import walk
from tests.providers.conformance import GARBAGE, impatient
from tests.providers.paper.sheets import sheet as paper

SETTINGS: dict[str, Any] = {
    "address": "fax@shop.example",
    "gateways": "in@gate.example\nother.example",
    "send_to": "{number}@send.gate.example",
}


def mail(
    subject: str = "Fax", text: str = "", sender: str = "in@gate.example", pages: bytes | None = b"", **headers: str
) -> bytes:  # fmt: skip
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, "fax@shop.example", subject
    message["Message-ID"] = f"<{uuid.uuid4()}@gate.example>"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    if pages is not None:
        message.add_attachment(pages or paper(), maintype="application", subtype="octet-stream")
    return message.as_bytes()


def parsed(body: bytes) -> Any:
    [found] = provider.parse(Raw(body, source="smtp"), SETTINGS)
    return found


@pytest.mark.parametrize(
    ("subject", "text", "sender", "number"),
    [
        ("Fax da +39 0583 123456", "", "in@gate.example", "+390583123456"),
        ("Nuovo fax", "Ricevuto il 22/11/2026.\nMittente: 0583/123456", "in@gate.example", "0583123456"),
        ("New fax", "2 pages\nFrom: 0039 0583 123 456", "in@gate.example", "+390583123456"),
        ("Fax", "", "390583123456@other.example", "390583123456"),
        ("Fax from anonymous", "", "in@gate.example", ""),
    ],
)  # fmt: skip
def test_the_number_is_found_where_gateways_write_it(
    subject: str, text: str, sender: str, number: str
) -> None:
    fax = parsed(mail(subject, text, sender))
    assert isinstance(fax, Inbound)
    assert (fax.sender.kind, fax.sender.address if number else "") == (
        "phone" if number else "fax",
        number,
    )
    assert fax.files[0].content_type == "application/pdf"


def test_only_the_gateways_are_believed_and_mails_without_pages_are_parked() -> None:
    for body in (
        mail(sender="in@gate.example.evil.example"),
        mail(sender="x@gate.example"),
        mail(pages=None),
        mail(pages=b"MZ a program"),
        *GARBAGE,
    ):
        assert provider.envelope(Raw(body)).external_ids
        with pytest.raises(Unreadable):
            provider.parse(Raw(body), SETTINGS)
    with pytest.raises(Refused):
        provider.verify(Raw(mail()), SETTINGS)


@pytest.mark.parametrize(
    ("subject", "status"),
    [("Fax sent successfully", Status.DELIVERED), ("Transmission failed: busy", Status.FAILED)],
)
def test_a_report_names_the_answer(subject: str, status: Status) -> None:
    report = parsed(mail(subject, pages=None, In_Reply_To="<ours@shop.example>"))
    assert isinstance(report, StatusUpdate)
    assert (report.external_id, report.status) == ("ours@shop.example", status)


def answer(**more: Any) -> Outbound:
    given = {
        "text": "È pronto (può venire).",
        "message_id": "ours@shop.example",
        "subject": "Re: Fax",
    }
    return Outbound(
        idempotency_key="1", recipient=Address("phone", "+390583123456"), **(given | more)
    )


def test_an_answer_leaves_as_pdf_to_the_gateway(monkeypatch: pytest.MonkeyPatch) -> None:
    left: list[tuple[EmailMessage, list[str]]] = []

    def submit(message: EmailMessage, *, recipients: list[str], **_more: Any) -> Any:
        left.append((message, recipients))
        return Submission(accepted=True)

    monkeypatch.setattr(mailout, "submit", submit)
    extra = File("listino.pdf", "application/pdf", paper())
    assert provider.send(answer(files=(extra,)), SETTINGS, impatient()) == Sent("ours@shop.example")
    message, to = left[0]
    assert to == ["390583123456@send.gate.example"]
    first, second = message.iter_attachments()
    assert second.get_filename() == "listino.pdf"
    document = pypdfium2.PdfDocument(first.get_payload(decode=True))
    assert document[0].get_textpage().get_text_range().strip() == "È pronto (può venire)."
    silent = SETTINGS | {"send_to": ""}
    assert isinstance(provider.send(answer(), silent, impatient()), Failed)


def test_long_answers_have_several_pages_and_odd_letters_do_no_harm() -> None:
    text = "\n".join(f"riga {n} \\ ( ) 漢字 \x00" for n in range(120)) + "x" * 500
    document = pypdfium2.PdfDocument(sheet.pdf(text))
    assert len(document) == 3
    assert "riga 119" in document[2].get_textpage().get_text_range()
    assert len(pypdfium2.PdfDocument(sheet.pdf(""))) == 1


def test_a_fax_walks_to_a_ticket_of_its_number(db: None) -> None:
    shop = walk.open_shop()
    plain = {name: SETTINGS[name] for name in ("address", "gateways", "send_to")}
    channel = Channel.objects.create(
        provider="fax", name="Fax", brand=shop.brand, plain_settings=plain
    )
    queries.forget()
    reached = channel_of("fax@shop.example", queries.mail_receivers())
    assert reached
    assert reached.id == channel.pk
    assert channel_of("fax@shop.example", queries.mail_channels()) is None
    body = mail("Fax da +39 0583 123456")
    message = walk.arrive(channel, body)
    assert message.thread
    assert message.thread.identity.address == "+390583123456"
    assert message.attachments.get().content_type == "application/pdf"
    assert walk.arrive(channel, body).pk == message.pk
