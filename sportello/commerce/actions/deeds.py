"""Asking a shop to refund, cancel or send again: noted first, done by a job, settled by what the shop says."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from sportello.commerce import jobs
from sportello.commerce.contract import Act
from sportello.commerce.events import ORDER_ACT_ASKED
from sportello.commerce.models import Deed, Order
from sportello.commerce.money import is_amount, places
from sportello.commerce.queries import acts_on
from sportello.core import audit
from sportello.core.actors import Actor
from sportello.core.events import record


class ActRefused(ValueError):
    """The shop is not asked; the message says why."""


def ask(
    *,
    order: Order,
    act: Act,
    actor: Actor,
    now: datetime,
    amount: Decimal | None = None,
    reason: str = "",
    ticket_id: int | None = None,
) -> Deed:
    """Note the deed and have it done. Raises `ActRefused`.

    Whether the actor may is asked by the operation; whether the order allows it, here.
    """
    with transaction.atomic():
        rows = Order.objects.select_for_update(no_key=True, of=("self",))
        order = rows.select_related("connection", "contact").get(pk=order.pk)
        if act not in acts_on(order):
            raise ActRefused(_("The shop cannot do this with this order."))
        if act is Act.REFUND:
            amount = _refundable(order, amount)
        try:
            with transaction.atomic():
                deed = Deed.objects.create(
                    order=order,
                    kind=act.value,
                    ticket_id=ticket_id,
                    amount=amount if act is Act.REFUND else None,
                    reason=" ".join(reason.replace("\x00", "").split())[:300],
                    actor=str(actor),
                    due_at=now,
                    asked_at=now,
                )
        except IntegrityError:
            raise ActRefused(_("The shop is being asked this already.")) from None
        said = {"amount": [None, str(amount)]} if deed.amount is not None else {}
        audit.note(actor, f"order.{act.value}", order.number, said)
        payload: dict[str, Any] = {"order": order.pk, "deed": deed.pk, "act": act.value}
        payload |= {"amount": float(deed.amount)} if deed.amount is not None else {}
        record(
            ORDER_ACT_ASKED,
            ticket_id=ticket_id,
            contact_id=order.contact_id,
            actor=actor,
            now=now,
            payload=payload,
        )
        transaction.on_commit(lambda: jobs.act_later(deed.pk))
    return deed


def _refundable(order: Order, amount: Decimal | None) -> Decimal:
    left = order.total - order.refunded
    wanted = left if amount is None else amount
    if not is_amount(wanted, order.currency):
        raise ActRefused(
            _("Give the amount with at most %(n)d decimals.") % {"n": places(order.currency)}
        )
    if not 0 < wanted <= left:
        raise ActRefused(_("There is not as much left to refund."))
    return wanted
