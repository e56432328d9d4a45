"""A stream of customers who write until they are told that it was taken: the measure of “nothing is lost”."""

from __future__ import annotations

import http.client
import json
import smtplib
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from email.message import EmailMessage
from typing import Any

from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

from sportello.channels.providers.fake.provider import sign

SECRET = "s3cret"
GIVE_UP = 90.0
"""Seconds after which a customer who gets no answer fails the test."""


class Customer(threading.Thread):
    """Sends numbered messages one after the other; each again and again until it is acknowledged."""

    def __init__(self, name: str, stop: threading.Event, *, port: int, pause: float = 0.03) -> None:
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
        with suppress(
            OSError, EOFError, http.client.HTTPException, smtplib.SMTPException, WebSocketException
        ):
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


class Broken(Webhook):
    """A vendor whose payloads our parser cannot read."""

    def say(self, key: str) -> bool:
        return self.post(webhook_body(key, self.name, "explode")) == 200


class Chat(Customer):
    """A visitor on the site: says it again, under the same id, until the socket acknowledges it."""

    def __init__(self, name: str, stop: threading.Event, *, port: int, channel: str) -> None:
        super().__init__(name, stop, port=port, pause=0.4)
        self.channel = channel
        self._known: dict[str, str | None] = {"visitor": None, "token": None}
        self._socket: ClientConnection | None = None

    def say(self, key: str) -> bool:
        try:
            if self._socket is None:
                self._socket = self._come()
            said = {"id": str(uuid.uuid5(uuid.NAMESPACE_OID, key)), "text": f"Numero {key}"}
            self._socket.send(json.dumps({"say": said}))
            return bool(self._answer("ack")["id"] == said["id"])
        except BaseException:
            if self._socket is not None:
                self._socket.close_socket()
            self._socket = None
            raise

    def _come(self) -> ClientConnection:
        socket = connect(
            f"ws://localhost:{self.port}/ws/chat/{self.channel}",
            origin=f"http://localhost:{self.port}",  # type: ignore[arg-type]
            subprotocols=["sportello.1"],  # type: ignore[list-item]
            open_timeout=10,
            legacy=True,
        )
        self._socket = socket
        page = {"url": "https://shop.example/", "title": "Shop"}
        socket.send(
            json.dumps({"hello": {**self._known, "after": 0, "language": "it", "page": page}})
        )
        welcome = self._answer("welcome")
        self._known["visitor"] = welcome["visitor"]
        self._known["token"] = welcome.get("token") or self._known["token"]
        return socket

    def _answer(self, name: str) -> dict[str, Any]:
        """The next frame of that name. Raises `TimeoutError` when there is none for ten seconds."""
        assert self._socket is not None
        end = time.monotonic() + 10
        while True:
            frame = json.loads(self._socket.recv(timeout=max(0.0, end - time.monotonic())))
            if name in frame:
                found: dict[str, Any] = frame[name]
                return found


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
