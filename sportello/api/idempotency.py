"""``Idempotency-Key``: the same POST is done once, however often it is sent.

The key's row is written in the very transaction that does the work: either both stay or neither,
and a second call with the same key waits at the unique index until the first has committed.
Refusals are not kept: nothing has happened, the same key may try again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.http import HttpResponse

from sportello.api.models import IdempotencyKey
from sportello.api.problems import Problem, invalid
from sportello.channels import secrets
from sportello.core.sweeps import sweep

KEPT = timedelta(hours=24)

_FORGET = "DELETE FROM api_idempotencykey WHERE token_hash = %s AND key = %s AND created_at < %s"
_CLAIM = """
INSERT INTO api_idempotencykey (token_hash, key, fingerprint, status, body, created_at)
VALUES (%s, %s, %s, 0, '', %s) ON CONFLICT (token_hash, key) DO NOTHING RETURNING id
"""
_KEEP = "UPDATE api_idempotencykey SET status = %s, body = %s WHERE id = %s"


def check_key(key: str) -> None:
    if not 1 <= len(key) <= 255 or not key.isascii() or not key.isprintable():
        raise invalid("Idempotency-Key", "The key is 1 to 255 printable ASCII characters.")


def fingerprint(method: str, path: str, body: bytes) -> str:
    return hashlib.sha256(b"\n".join([method.encode(), path.encode(), body])).hexdigest()


def once(
    *, token_hash: str, key: str, mark: str, now: datetime, run: Callable[[], HttpResponse]
) -> HttpResponse:
    """`run` it, unless it was done: then the kept answer. Raises a 409 for the key of another call."""
    check_key(key)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_FORGET, [token_hash, key, now - KEPT])
        cursor.execute(_CLAIM, [token_hash, key, mark, now])
        claimed = cursor.fetchone()
        if claimed is None:
            return _replay(token_hash, key, mark)
        response = run()
        if response.status_code >= 400:
            transaction.set_rollback(True)
            return response
        kept = secrets.seal({"body": response.content.decode()}).decode()
        cursor.execute(_KEEP, [response.status_code, kept, claimed[0]])
    return response


def _replay(token_hash: str, key: str, mark: str) -> HttpResponse:
    kept = IdempotencyKey.objects.get(token_hash=token_hash, key=key)
    if kept.fingerprint != mark:
        raise Problem(409, "This Idempotency-Key was used for another call.")
    response = HttpResponse(
        body_of(kept), status=kept.status, content_type="application/json; charset=utf-8"
    )
    response["Idempotent-Replayed"] = "true"
    return response


def body_of(kept: IdempotencyKey) -> str:
    """Sealed while it is kept: a new webhook's answer holds its secret."""
    return str(secrets.unseal(kept.body.encode()).get("body", ""))


@sweep("api.idempotency", every=600.0)
def forget_old(now: datetime) -> None:
    """Answers older than a day are not repeated any more."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM api_idempotencykey WHERE created_at < %s", [now - KEPT])
