"""A shop that exists only here: the demo company's, and the one that other tests use. It does what it is told."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sportello.commerce.contract import (
    Act,
    Check,
    Connector,
    Done,
    FieldKind,
    Outcome,
    Raw,
    Refused,
    Request,
    Setting,
    Settings,
    Unreadable,
    said,
)
from sportello.commerce.records import OrderRecord, Record
from sportello.commerce.wire import facts
from sportello.commerce.wire.values import same

if TYPE_CHECKING:
    from sportello.core.net import Net


class Fake(Connector):
    kind = "fake"
    name = "Demo shop"
    has_webhook = True
    acts = frozenset(Act)
    is_internal = True
    settings = (Setting("secret", "Secret", FieldKind.SECRET, required=True),)
    guide = ("A shop of the demo company: nothing leaves this installation.",)

    def verify(self, raw: Raw, settings: Settings) -> None:
        if not same(raw.headers.get("x-secret", ""), str(settings.get("secret") or "")):
            raise Refused("The secret does not fit.")

    def parse(self, raw: Raw, settings: Settings) -> list[Record]:
        try:
            told = json.loads(raw.body)
        except (ValueError, RecursionError) as error:
            raise Unreadable("Not JSON.") from error
        every = told if isinstance(told, list) else [told]
        if not all(isinstance(one, dict) for one in every):
            raise Unreadable("Not facts.")
        return [record for one in every for record in facts.records(one)]

    def act(self, request: Request, settings: Settings, net: Net) -> Outcome:
        now = datetime.now(UTC)
        match request.act:
            case Act.REFUND:
                sum_ = request.refunded + (request.amount or 0)
                payment = "refunded" if sum_ >= request.total else "partly_refunded"
                after = OrderRecord(request.order, now, payment=payment, refunded=sum_)
            case Act.CANCEL:
                after = OrderRecord(request.order, now, state="cancelled")
            case Act.RESEND:
                return Done(request.idempotency_key)
        return Done(request.idempotency_key, (after,))

    def check(self, settings: Settings, net: Net) -> list[Check]:
        return [Check(said("Demo shop"), True, said("Nothing leaves this installation."))]


connector = Fake()
