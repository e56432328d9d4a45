"""The platform's own mails go out by the operator's relay."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.mail import EmailMessage

from sportello.config.mailbackend import RelayBackend
from sportello.core.models import SentMail
from tests.sink import MailSink


def test_a_reset_leaves_by_the_relay(
    mail_sink: MailSink, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EMAIL_URL", mail_sink.url)
    settings.EMAIL_URL = mail_sink.url
    message = EmailMessage(
        "Città", "Ecco il collegamento.", "Sportello <no-reply@here.example>", ["g@x.example"]
    )
    assert RelayBackend(alias="default").send_messages([message]) == 1
    assert mail_sink.wait_for(lambda mail: mail["Subject"] == "Città")["To"] == "g@x.example"


@pytest.mark.django_db
def test_without_a_relay_the_mail_stays_in_the_outbox(settings: Any) -> None:
    settings.EMAIL_URL = ""
    assert (
        RelayBackend(alias="default").send_messages([EmailMessage("A", "b", to=["g@x.example"])])
        == 1
    )
    kept = SentMail.objects.get()
    assert (kept.subject, kept.recipients) == ("A", ["g@x.example"])
