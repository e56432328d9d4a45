"""Who the site says the visitor is: a claim, or a fact when the site's back end signed it."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class SignedIdentity:
    """What ``Sportello("identify", {…})`` brought, judged against the channel's secret."""

    user_id: str = ""
    email: str = ""
    name: str = ""
    signed: bool = False
    """True when the signature covers `subject`. An address beside a signed user id stays a claim."""

    @property
    def subject(self) -> str:
        """What the signature is made over: the user id when there is one, else the e-mail address."""
        return self.user_id or self.email


class BadSignature(ValueError):
    """A signature came that does not fit: the site's set-up is wrong, or somebody tries."""


def sign(secret: str, subject: str) -> str:
    """What the site's back end computes: HMAC-SHA256 over the user id or e-mail address, in hex."""
    return hmac.new(secret.encode(), subject.encode(), hashlib.sha256).hexdigest()


def judge(claim: Mapping[str, Any] | None, secret: str) -> SignedIdentity | None:
    """Read a claim. Raises `BadSignature` for a signature that is wrong or cannot be checked."""
    if not claim:
        return None
    user_id, email = _text(claim.get("user_id"), 200), _text(claim.get("email"), 254)
    read = SignedIdentity(user_id, email.lower(), _text(claim.get("name"), 200))
    signature = claim.get("hmac")
    if not signature:
        return read
    subject = user_id or email
    if not isinstance(signature, str) or not secret or not subject:
        raise BadSignature
    if not hmac.compare_digest(sign(secret, subject).encode(), signature.strip().lower().encode()):
        raise BadSignature
    return SignedIdentity(read.user_id, read.email, read.name, signed=True)


def _text(value: object, limit: int) -> str:
    return " ".join(value.split())[:limit] if isinstance(value, str) else ""
