"""Make a ticket of something that was only monitored."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from sportello.accounts.models import Agent
from sportello.channels.models import SpoolTodo
from sportello.core import live
from sportello.core.actors import Actor
from sportello.tickets.inbound.monitoring import channels_of
from sportello.tickets.locking import NotAllowed
from sportello.tickets.models import Monitored


def open_monitored(*, monitored: Monitored, actor: Actor, now: datetime) -> Monitored:
    """Put its raw original back on the applier's list: it becomes a ticket like any other. Raises `NotAllowed`."""
    with transaction.atomic():
        agent = None
        if actor.agent_id is not None:
            agent = Agent.objects.filter(pk=actor.agent_id, is_active=True).first()
            if agent is None or monitored.channel_id not in {m.id for m in channels_of(agent)}:
                raise NotAllowed(_("This agent may not answer here."))
        rows = Monitored.objects.select_for_update(no_key=True, of=("self",))
        row = rows.select_related("item").get(pk=monitored.pk)
        if row.wanted_at is None:
            row.wanted_by, row.wanted_at = agent, now
            row.save(update_fields=["wanted_by", "wanted_at"])
        todo = SpoolTodo(
            item_id=row.item_id, channel_id=row.item.channel_id, order_key=row.item.order_key
        )
        SpoolTodo.objects.bulk_create([todo], ignore_conflicts=True)
        transaction.on_commit(lambda: live.poke("spool"))
    return row
