"""The outbox: answers for who may answer there, everything for administrators, nothing that opens a door."""

from __future__ import annotations

from email.message import EmailMessage
from typing import Any

import pytest
from django.core.mail import EmailMessage as SystemMail

from sportello.core import outbox
from sportello.core.models import SentMail
from sportello.tickets.models import Delivery, Message
from tests.walk import arrive, mail_bytes, send_due
from tests.workspace.conftest import Desk

HOSTILE = "<p>Ciao</p><script>alert(1)</script><img src='http://evil.example/x'>"


def _answer(desk: Desk, place: str) -> SentMail:
    url = f"/app/tickets/{desk.tickets[place].number}/answer"
    sent = desk.client("administrator").post(url, {"kind": "reply", "text": "Arriva domani"})
    assert sent.status_code == 200
    send_due()
    return SentMail.objects.latest("pk")


@pytest.fixture
def mails(desk: Desk, settings: Any) -> dict[str, SentMail]:
    settings.EMAIL_URL = ""
    settings.MAILERS = {"default": {"BACKEND": "sportello.config.mailbackend.RelayBackend"}}
    found = {"public": _answer(desk, "public"), "secret": _answer(desk, "secret")}
    invitation = SystemMail("Invito", "https://x/accounts/invitation/t0ken", to=["a@x.example"])
    outbox.keep(invitation.message(), sender="no-reply@localhost", recipients=["a@x.example"])
    found["invitation"] = SentMail.objects.latest("pk")
    posing = EmailMessage()
    posing["Subject"], posing["Message-ID"] = "Reset", "<unknown@shop.example>"
    posing.set_content(HOSTILE, subtype="html")
    outbox.keep(posing, sender=desk.shop.mail.plain_settings["address"], recipients=["b@x.example"])
    found["unknown"] = SentMail.objects.latest("pk")
    return found


MAY = {
    "administrator": {"public", "secret", "invitation", "unknown"},
    "agent": {"public"},
    "member": {"secret"},
    "elsewhere": set(),
    "light": None,
    "nothing": None,
}


@pytest.mark.parametrize("demo", [True, False])
@pytest.mark.parametrize("who", MAY)
def test_who_reads_which_mail(
    desk: Desk,
    mails: dict[str, SentMail],
    who: str,
    demo: bool,
    settings: Any,
) -> None:
    from allauth.mfa.models import Authenticator

    settings.SPORTELLO_DEMO = demo
    Authenticator.objects.create(user=desk.agents["administrator"], type="totp", data={})
    client, may = desk.client(who), MAY[who]
    page = client.get("/app/outbox")
    assert page.status_code == (403 if may is None else 200)
    for name, mail in mails.items():
        for end in ("", "/html", "/eml"):
            answer = client.get(f"/app/outbox/{mail.pk}{end}")
            if may is None:
                assert answer.status_code == 403
            elif name not in may:
                assert answer.status_code == 404, (who, name, end)
            elif end != "/html" or name == "unknown":
                assert answer.status_code == 200, (who, name, end)
        if may is not None:
            assert (f'href="/app/outbox/{mail.pk}"' in page.content.decode()) is (name in may)


def test_a_link_that_proves_an_address_is_no_answer(desk: Desk, mails: dict[str, SentMail]) -> None:
    Delivery.objects.filter(message__ticket=desk.tickets["public"]).update(
        options={"content": "neutral"}
    )
    assert desk.client("agent").get(f"/app/outbox/{mails['public'].pk}").status_code == 404


def test_the_customers_own_message_id_opens_nothing(desk: Desk, settings: Any) -> None:
    """Somebody sends a mail under the Message-ID of a system mail: it stays hidden."""
    settings.EMAIL_URL = ""
    message = arrive(desk.shop.mail, mail_bytes(message_id="guessed@shop.example"))
    assert Message.objects.filter(pk=message.pk, external_id__startswith="guessed").exists()
    system = EmailMessage()
    system["Message-ID"] = "<guessed@shop.example>"
    outbox.keep(system, sender=desk.shop.mail.plain_settings["address"], recipients=["b@x.example"])
    mail = SentMail.objects.get()
    assert desk.client("agent").get(f"/app/outbox/{mail.pk}").status_code == 404


def test_a_mail_is_shown_in_a_frame_that_runs_nothing(
    desk: Desk,
    mails: dict[str, SentMail],
    settings: Any,
) -> None:
    client, mail = desk.client("administrator"), mails["unknown"]
    page = client.get(f"/app/outbox/{mail.pk}").content.decode()
    assert 'sandbox="allow-popups"' in page
    assert "alert(1)" not in page
    policy = client.get(f"/app/outbox/{mail.pk}/html")["Content-Security-Policy"]
    assert "sandbox" in policy
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "img-src data:" in policy
    eml = client.get(f"/app/outbox/{mail.pk}/eml")
    assert eml.content == bytes(mail.raw)
    assert eml["Content-Disposition"].startswith("attachment")
    settings.EMAIL_URL = "smtp://relay"
    assert client.get("/app/outbox").status_code == 404
    assert "/app/outbox" not in client.get("/app/contacts").content.decode()
