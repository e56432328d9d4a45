"""A card, an IBAN or a tax code in a file that a customer sent shuts it; who may look under covers opens it, written down."""

from __future__ import annotations

from datetime import timedelta
from email.message import EmailMessage
from io import BytesIO

import pytest
from django.test import Client
from django.urls import reverse

from sportello.accounts.models import Agent, Role
from sportello.channels.models import SpoolItem
from sportello.core import retention
from sportello.core.clock import now
from sportello.core.files import save
from sportello.core.models import AuditEntry, Blob
from sportello.tickets.confidential import documents
from sportello.tickets.models import Attachment
from tests.settings.conftest import BACKEND
from tests.walk import MAILBOX, Shop, agent, arrive, open_shop

IBAN, CARD, TAX = "IT60 X054 2811 1010 0000 0123 456", "4111 1111 1111 1111", "RSSMRA85T10A562S"


def pdf(words: str) -> bytes:
    """One page that says so, as small as a PDF can be."""
    stream = f"BT /F1 12 Tf 40 700 Td ({words}) Tj ET".encode()
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out, places = BytesIO(b""), []
    out.write(b"%PDF-1.4\n")
    for number, part in enumerate(parts, start=1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, part))
    start = out.tell()
    out.write(
        b"xref\n0 6\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % p for p in places)
    )
    out.write(b"trailer << /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % start)
    return out.getvalue()


@pytest.fixture
def shop(db: None) -> Shop:
    return open_shop()


def sent(shop: Shop, content: bytes, name: str, kind: str) -> Attachment:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "Ada <ada@home.example>", MAILBOX, "Rimborso"
    mail["Message-ID"] = f"<{name}@home.example>"
    mail.set_content("In allegato i dati.")
    main, _, sub = kind.partition("/")
    mail.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return arrive(shop.mail, mail.as_bytes()).attachments.get()


def as_agent(who: Agent) -> Client:
    client = Client()
    client.force_login(who, backend=BACKEND)
    return client


@pytest.mark.parametrize(
    ("content", "name", "kind", "found"),
    [
        (f"IBAN: {IBAN}".encode(), "dati.txt", "text/plain", ["iban"]),
        (f"nome;carta\nAda;{CARD}\n".encode("utf-16"), "dati.csv", "text/csv", ["card"]),
        (f"<p>CF <b>{TAX[:8]}{TAX[8:]}</b></p>".encode(), "dati.html", "text/html", ["tax_code"]),
        (pdf(f"Bonifico su {IBAN}, carta {CARD}"), "dati.pdf", "application/pdf", ["card", "iban"]),
        (pdf("Scontrino BA-20418"), "scontrino.pdf", "application/pdf", []),
        (b"%PDF-1.4 broken", "rotto.pdf", "application/pdf", []),
        (b"\x89PNG\r\n\x1a\n\x00" + CARD.encode(), "foto.png", "image/png", []),
        (b"IT60 X054 2811 1010 0000 0123 457", "sbagliato.txt", "text/plain", []),
    ],
)  # fmt: skip
def test_what_a_file_holds(db: None, content: bytes, name: str, kind: str, found: list[str]) -> None:  # fmt: skip
    file = save(content, name=name, content_type=kind)
    assert documents.kinds_in(file) == found
    assert Blob.objects.get(pk=file.blob_id).kinds == found


def test_a_shut_file_is_opened_by_right_and_written_down(shop: Shop) -> None:
    hangs = sent(shop, pdf(f"IBAN {IBAN}"), "iban.pdf", "application/pdf")
    ticket = hangs.message.ticket
    ways = [
        reverse("workspace:attachment", args=[ticket.number, hangs.pk]),
        reverse("workspace:picture", args=[ticket.number, hangs.pk]),
        f"/files/{hangs.file.key}",
        f"/files/{hangs.file.key}?size=thumb",
        reverse("workspace:raw", args=[ticket.number, hangs.message_id]),
    ]
    for way in ways:
        assert as_agent(shop.giulia).get(way).status_code in {403, 404}, way
    page = as_agent(shop.giulia).get(f"/app/tickets/{ticket.number}").content.decode()
    assert "iban.pdf" in page
    assert ways[0] not in page
    assert not AuditEntry.objects.filter(action="covered.file").exists()
    boss = as_agent(agent("boss", Role.SUPERVISOR))
    for way in (ways[0], ways[2], ways[4]):
        assert boss.get(way).status_code == 200, way
    assert AuditEntry.objects.filter(action="covered.file").count() == 2
    assert ways[0] in boss.get(f"/app/tickets/{ticket.number}").content.decode()


def test_an_open_file_is_everybodys_who_sees_the_ticket(shop: Shop) -> None:
    hangs = sent(shop, b"Ordine BA-20418", "ordine.txt", "text/plain")
    way = reverse("workspace:attachment", args=[hangs.message.ticket.number, hangs.pk])
    assert as_agent(shop.giulia).get(way).status_code == 200
    assert not AuditEntry.objects.filter(action="covered.file").exists()


def test_nobody_has_to_open_it_for_it_to_be_shut_and_erased_in_time(shop: Shop) -> None:
    hangs = sent(shop, f"carta {CARD}".encode(), "carta.txt", "text/plain")
    clean = sent(shop, b"niente", "niente.txt", "text/plain")
    documents.look_into_new(now())
    assert Blob.objects.get(pk=hangs.file.blob_id).kinds == ["card"]
    rule = next(rule for rule in retention.rules() if rule.name == "covered_files")
    assert rule.clear(now() - timedelta(days=1), 100) == 0
    assert rule.clear(now() + timedelta(days=1), 100) == 1
    assert list(Attachment.objects.all()) == [clean]
    assert not Blob.objects.filter(pk=hangs.file.blob_id).exists()
    assert not SpoolItem.objects.filter(pk=hangs.message.spool_id).exists(), (
        "the raw mail had it, too"
    )


def test_an_agent_is_warned_before_it_leaves(shop: Shop) -> None:
    number = sent(shop, b"x", "x.txt", "text/plain").message.ticket.number
    given = BytesIO(f"IBAN {IBAN}".encode())
    given.name = "nostro.txt"
    answer = as_agent(shop.giulia).post(
        reverse("workspace:upload", args=[number]), {"file": given}, headers={"accept-language": "en"}
    )  # fmt: skip
    assert "IBAN" in answer.json()["warning"]
