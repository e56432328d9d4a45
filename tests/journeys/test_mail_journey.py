"""A mail comes in over SMTP, is answered over the API, and the answer's answer lands in the same ticket."""

from __future__ import annotations

import smtplib
import uuid

import pytest

from tests.journeys.client import MAILBOX, Api, api_of, send_mail
from tests.tree import Tree
from tests.waiting import eventually


@pytest.fixture(scope="module")
def api(sportello_server: Tree) -> Api:
    return api_of(sportello_server)


def word() -> str:
    """A word that no other test uses."""
    return f"parola{uuid.uuid4().hex[:12]}"


def test_mail_ticket_reply_threaded_mail_and_back(sportello_server: Tree, api: Api) -> None:
    mark = word()
    sent = send_mail(
        sportello_server,
        sender="Chiara Bellandi <chiara@posta.example>",
        subject=f"Perde acqua {mark}",
        text="Buongiorno, la macchina perde acqua dal gruppo.\n\nGrazie\nChiara",
    )
    ticket = eventually(lambda: api.find(mark))
    assert (ticket["status"], ticket["contact"]["name"]) == ("new", "Chiara Bellandi")
    assert ticket["language"] == "it"

    answer = api.post(f"/tickets/{ticket['number']}/reply", {"text": "Le mandiamo la guarnizione."})
    assert answer["direction"] == "out"
    assert sportello_server.sink is not None
    mail = sportello_server.sink.wait_for(lambda m: mark in str(m["Subject"]))
    assert mail["In-Reply-To"] == sent
    assert sent in str(mail["References"])
    assert str(mail["Subject"]).startswith("Re: ")
    assert "chiara@posta.example" in str(mail["To"])
    assert "Le mandiamo la guarnizione." in mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]

    send_mail(
        sportello_server,
        sender="chiara@posta.example",
        subject=f"Re: Perde acqua {mark}",
        text=f"Perfetto, grazie!\n\nIl giorno 21/11/2026 Bottega ha scritto:\n> {answer['text']}\n",
        to=str(mail["Reply-To"]),
        envelope_to=str(mail["Reply-To"]).strip("<>"),
        In_Reply_To=str(mail["Message-ID"]),
    )
    messages = eventually(
        lambda: ((m := api.messages(ticket["number"])) and len(m) == 3 and m) or None
    )
    assert [m["direction"] for m in messages] == ["in", "out", "in"]
    assert messages[2]["text"].strip() == "Perfetto, grazie!"
    assert "guarnizione" in messages[2]["quoted"]
    delivery = eventually(
        lambda: (
            ((d := api.messages(ticket["number"])[1]["delivery"])["status"] == "sent" and d) or None
        )
    )
    assert delivery["status"] == "sent"


def test_a_stranger_quoting_a_number_gets_a_ticket_of_his_own(
    sportello_server: Tree, api: Api
) -> None:
    mine, his = word(), word()
    send_mail(sportello_server, sender="ada@posta.example", subject=mine, text="Il mio segreto.")
    ticket = eventually(lambda: api.find(mine))
    send_mail(
        sportello_server,
        sender="eve@altrove.example",
        subject=f"Re: [#{ticket['number']}] {mine}",
        text=his,
    )
    other = eventually(lambda: api.find(his))
    assert other["number"] != ticket["number"]
    assert len(api.messages(ticket["number"])) == 1


def test_mail_for_nobody_here_is_refused(sportello_server: Tree) -> None:
    with (
        smtplib.SMTP("127.0.0.1", sportello_server.smtp_port, timeout=15) as smtp,
        pytest.raises(smtplib.SMTPRecipientsRefused),
    ):
        smtp.sendmail(
            "a@x.example", ["somebody@elsewhere.example"], b"Subject: relay\r\n\r\nplease"
        )


def test_the_same_mail_sent_again_after_a_lost_answer_is_one_message(
    sportello_server: Tree, api: Api
) -> None:
    mark = word()
    for _ in range(3):
        send_mail(
            sportello_server,
            sender="ada@posta.example",
            subject=mark,
            text="Una volta sola.",
            message_id=f"<{mark}@posta.example>",
            Date="Sat, 21 Nov 2026 10:00:00 +0100",
        )
    ticket = eventually(lambda: api.find(mark))
    end = word()
    send_mail(sportello_server, sender="ada@posta.example", subject=end, text="fine")
    eventually(lambda: api.find(end))
    assert len(api.messages(ticket["number"])) == 1
    assert len(api.get("/tickets", q=mark)["items"]) == 1


def test_mailbox_is_known_whatever_the_case(sportello_server: Tree, api: Api) -> None:
    mark = word()
    send_mail(
        sportello_server, sender="ada@posta.example", subject=mark, text="ciao", to=MAILBOX.upper()
    )
    assert eventually(lambda: api.find(mark))
