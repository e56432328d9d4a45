"""A stream of customers who write until they are told that it was taken: the measure of “nothing is lost”."""

from __future__ import annotations

import http.client
import json
import smtplib
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from email.message import EmailMessage

from sportello.channels.providers.fake.provider import sign

SECRET = "s3cret"
GIVE_UP = 90.0
"""Seconds after which a customer who gets no answer fails the test."""


class Customer(threading.Thread):
    """Sends numbered messages one after the other; each again and again until it is acknowledged."""

    def __init__(self, name: str, stop: threading.Event, *, port: int, pause: float = 0.01) -> None:
        super().__init__(name=name, daemon=True)
        self.ended, self.port, self.pause = stop, port, pause
        self.acknowledged: list[str] = []
        self.attempts = 0
        self.problem = ""

    def run(self) -> None:
        for number in self._numbers():
            key = f"{self.name}-{number:05d}"
            began = time.monotonic()
            while not self._said(key):
                if time.monotonic() - began > GIVE_UP:
                    self.problem = f"{key} was not taken within {GIVE_UP} s"
                    return
                time.sleep(0.05)
            self.acknowledged.append(key)

    def _numbers(self) -> Iterator[int]:
        number = 0
        while not self.ended.wait(self.pause):
            yield number
            number += 1

    def _said(self, key: str) -> bool:
        self.attempts += 1
        with suppress(OSError, http.client.HTTPException, smtplib.SMTPException):
            return self.say(key)
        return False

    def say(self, key: str) -> bool:
        """Send once; true when it was acknowledged."""
        raise NotImplementedError


class Webhook(Customer):
    """A vendor that delivers one customer's messages; at least once, like all of them."""

    def __init__(self, name: str, stop: threading.Event, *, port: int, channel: str) -> None:
        super().__init__(name, stop, port=port)
        self.channel = channel
        self._connection: http.client.HTTPConnection | None = None

    def say(self, key: str) -> bool:
        return self.post(webhook_body(key, self.name)) == 200

    def post(self, body: bytes) -> int:
        """The status of one delivery."""
        try:
            if self._connection is None:
                self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
            headers = {
                "x-fake-signature": sign(body, SECRET),
                "content-type": "application/json",
            }
            self._connection.request("POST", f"/intake/{self.channel}", body, headers)
            answer = self._connection.getresponse()
            answer.read()
            return answer.status
        except BaseException:
            if self._connection is not None:
                self._connection.close()
            self._connection = None
            raise


class Mail(Customer):
    """A mail server that keeps what it could not deliver."""

    def __init__(self, name: str, stop: threading.Event, *, port: int, mailbox: str) -> None:
        super().__init__(name, stop, port=port)
        self.mailbox = mailbox
        self._smtp: smtplib.SMTP | None = None

    def say(self, key: str) -> bool:
        try:
            if self._smtp is None:
                self._smtp = smtplib.SMTP("127.0.0.1", self.port, timeout=70)
            sender = f"{self.name}@customers.example"
            return not self._smtp.sendmail(sender, [self.mailbox], mail_bytes(key, sender))
        except BaseException:
            if self._smtp is not None:
                self._smtp.close()
            self._smtp = None
            raise


def webhook_body(key: str, sender: str, text: str = "") -> bytes:
    """One message for the fake provider's channel."""
    said = {"id": key, "from": sender, "name": sender.title(), "text": text or f"Numero {key}"}
    return json.dumps({"messages": [said]}).encode()


def mail_bytes(key: str, sender: str) -> bytes:
    """A small plain mail that bears `key` as its id."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, "help@shop.example", f"Ordine {key}"
    mail["Message-ID"] = f"<{key}@customers.example>"
    mail.set_content(f"Buongiorno, vi scrivo per {key}.\n")
    return mail.as_bytes()
