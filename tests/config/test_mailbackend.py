"""The platform's own mails go out by the operator's relay."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.mail import EmailMessage

from sportello.config.mailbackend import RelayBackend
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


def test_without_a_relay_nothing_is_said_to_have_been_sent(settings: Any) -> None:
    settings.EMAIL_URL = ""
    assert (
        RelayBackend(alias="default").send_messages([EmailMessage("A", "b", to=["g@x.example"])])
        == 0
    )
