"""A program that uses the public API, and a customer with a mail client."""

from __future__ import annotations

import smtplib
import time
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

import httpx2

from tests.tree import Tree

MAILBOX = "assistenza@bottega-aurora.example"


@dataclass
class Api:
    """`/api/v1` with a token."""

    url: str
    token: str

    def call(self, method: str, path: str, *, expect: int | None = None, **options: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"} | options.pop("headers", {})
        response = httpx2.request(
            method, f"{self.url}/api/v1{path}", headers=headers, timeout=15, **options
        )
        assert expect is None or response.status_code == expect, response.text
        return response.json() if response.content else None

    def get(self, path: str, **params: Any) -> Any:
        return self.call("GET", path, expect=200, params=params)

    def post(self, path: str, body: dict[str, Any], *, expect: int = 201) -> Any:
        return self.call("POST", path, expect=expect, json=body)

    def messages(self, number: int) -> list[dict[str, Any]]:
        return list(self.get(f"/tickets/{number}/messages")["items"])

    def find(self, words: str) -> dict[str, Any] | None:
        """The ticket whose text has these words."""
        items = self.get("/tickets", q=words)["items"]
        return items[0] if items else None


def api_of(tree: Tree, email: str = "giulia@bottega-aurora.example") -> Api:
    return Api(tree.url, tree.token(email))


def send_mail(
    tree: Tree,
    *,
    sender: str,
    subject: str,
    text: str,
    to: str = MAILBOX,
    envelope_to: str | None = None,
    message_id: str = "",
    **headers: str,
) -> str:
    """Send a mail to the house's own SMTP receiver; returns its Message-ID."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message["Message-ID"] = message_id or f"<{time.time_ns()}@customer.example>"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    with smtplib.SMTP("127.0.0.1", tree.smtp_port, timeout=15) as smtp:
        smtp.send_message(message, from_addr=sender, to_addrs=[envelope_to or to])
    return str(message["Message-ID"])
