"""Secret tokens that let a mail join a ticket: in the reply address and in our own Message-ID.

A token names a thread (``t``) or an agent's notification (``a<agent>.t``) and carries 128 bits of
HMAC-SHA256, in lower-case base 32 because mail systems change the case of addresses. It is compared
whole and in constant time: no other length, no old format.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass

from django.conf import settings

_TOKEN = re.compile(
    r"(?:a(?P<agent>[0-9a-z]+)-)?t(?P<thread>[0-9a-z]+)-(?P<mac>[a-z2-7]{26})", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Claim:
    """What a genuine token says."""

    thread_id: int
    agent_id: int | None = None


def _mac(thread_id: int, agent_id: int | None, key: str) -> str:
    text = f"mail:{thread_id}:{agent_id or ''}"
    digest = hmac.new(
        b"sportello-mail-token:" + key.encode(), text.encode(), hashlib.sha256
    ).digest()
    return base64.b32encode(digest[:16]).decode().rstrip("=").lower()


def _base36(number: int) -> str:
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    text = ""
    while True:
        number, rest = divmod(number, 36)
        text = digits[rest] + text
        if not number:
            return text


def issue(thread_id: int, agent_id: int | None = None) -> str:
    """The token of a thread; with `agent_id`, the one only that agent's notifications carry."""
    prefix = "" if agent_id is None else f"a{_base36(agent_id)}-"
    return f"{prefix}t{_base36(thread_id)}-{_mac(thread_id, agent_id, settings.SECRET_KEY)}"


def judge(candidate: str) -> Claim | None:
    """What the token says when it is genuine and whole, else None. Case does not matter."""
    match = _TOKEN.fullmatch(candidate.lower()) if len(candidate) <= 80 else None
    if match is None:
        return None
    thread_id = int(match["thread"], 36)
    agent_id = int(match["agent"], 36) if match["agent"] else None
    keys = [str(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    genuine = any(hmac.compare_digest(match["mac"], _mac(thread_id, agent_id, key)) for key in keys)
    canonical = candidate.lower().rsplit("-", 1)[0] == (
        ("" if agent_id is None else f"a{_base36(agent_id)}-") + f"t{_base36(thread_id)}"
    )
    return Claim(thread_id, agent_id) if genuine and canonical else None


def judge_any(candidates: tuple[str, ...]) -> Claim | None:
    """The first genuine claim. Message ids are ``<token>.<random>``."""
    for candidate in candidates:
        claim = judge(candidate.partition(".")[0])
        if claim is not None:
            return claim
    return None


_IN_ADDRESS = re.compile(r"\+(?:a[0-9a-z]+-)?t[0-9a-z]+-[a-z2-7]{26}@", re.IGNORECASE)
_IN_ID = re.compile(r"(?:a[0-9a-z]+-)?t[0-9a-z]+-[a-z2-7]{26}(?=\.)", re.IGNORECASE)


def masked(text: str) -> str:
    """An address or a Message-ID without the secret by which answers find their ticket."""
    return _IN_ID.sub("…", _IN_ADDRESS.sub("@", text))


def message_id(thread_id: int, domain: str) -> str:
    """A fresh Message-ID, without angle brackets, that carries the thread's token."""
    return f"{issue(thread_id)}.{secrets.token_hex(8)}@{domain}"


def reply_address(address: str, thread_id: int, agent_id: int | None = None) -> str:
    """``assistenza+<token>@…``: an answer to it finds its thread."""
    local, _, domain = address.rpartition("@")
    return f"{local}+{issue(thread_id, agent_id)}@{domain}"
