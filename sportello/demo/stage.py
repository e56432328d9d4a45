"""The stage of the demo: who takes part, and how a step of a story is played through the real walk."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from sportello.accounts.models import Agent, Team
from sportello.channels import spool
from sportello.channels.contract import Raw
from sportello.channels.models import Channel, SpoolTodo
from sportello.channels.providers.email.compose import compose, recipients
from sportello.contacts.models import Contact
from sportello.core import files, outbox
from sportello.core.actors import SYSTEM, Actor
from sportello.core.alone import Alone
from sportello.core.events import record_many
from sportello.core.models import SentMail
from sportello.demo import elsewhere, letters
from sportello.demo.script import (
    Bounce,
    Chat,
    Do,
    Elsewhere,
    Mail,
    Note,
    Phoned,
    Reply,
    Seen,
    Step,
    Story,
)
from sportello.tickets import actions, applier
from sportello.tickets.inbound import statuses
from sportello.tickets.models import Delivery, DeliveryState, Message, Ticket
from sportello.tickets.outbound.rendering import render


@dataclass
class Stage:
    """Rows that the stories name, and the tickets they have become so far."""

    agents: dict[str, Agent]
    teams: dict[str, Team]
    boxes: dict[str, Channel]
    contacts: dict[str, Contact]
    tickets: dict[str, Ticket] = field(default_factory=dict)
    _waiting: list[tuple[Story, spool.SpoolItem]] = field(default_factory=list)
    _alone: Alone = field(default_factory=lambda: Alone(applier.APPLIER_LOCK))

    def play(self, stories: Iterable[Story]) -> None:
        """All steps of all stories in the order of time.

        What came in is applied before its own story goes on, and until then gathers in a batch.
        """
        steps = [(step, story) for story in stories for step in story.steps]
        for step, story in sorted(steps, key=lambda pair: pair[0].at):
            self._play(step, story)
        self._apply()
        self._alone.release()

    def actor(self, name: str) -> Actor:
        return Actor.agent(self.agents[name].pk) if name else SYSTEM

    def ticket(self, key: str) -> Ticket:
        """The ticket that a story has become; what still waits in the mail is applied for it."""
        if key not in self.tickets:
            self._apply()
        return self.tickets[key]

    def _play(self, step: Step, story: Story) -> None:
        if any(waiting is story for waiting, _ in self._waiting):
            self._apply()
        match step:
            case Elsewhere() | Mail() | Chat() | Bounce() | Seen():
                self._accept(story, step)
            case Phoned():
                self.tickets[story.key] = actions.open_ticket(
                    contact=self.contacts[story.who],
                    subject=story.subject,
                    text=step.text,
                    actor=self.actor(step.by),
                    now=step.at,
                )
            case Reply() | Note() | Do():
                self._act(story, step)

    def _accept(self, story: Story, step: Elsewhere | Mail | Chat | Bounce | Seen) -> None:
        if isinstance(step, Mail | Bounce) and story.key in self.tickets:
            last = self._last_message(story)
        else:
            last = None
        channel = self.boxes[step.box if isinstance(step, Elsewhere) else story.box]
        raw: Raw = (
            elsewhere.raw_of(step, story)
            if isinstance(step, Elsewhere)
            else letters.raw_of(step, story, channel, last=last, read=self._answers(story, step))
        )
        envelope = channel.code.envelope(raw)
        item = spool.SpoolItem(channel.pk, envelope.order_key, envelope.external_ids, raw, step.at)
        self._waiting.append((story, item))

    def _last_message(self, story: Story) -> Message | None:
        said = Message.objects.filter(ticket=self.tickets[story.key]).exclude(external_id=None)
        return said.select_related("thread__channel", "agent").order_by("-pk").first()

    def _answers(self, story: Story, step: Step) -> Sequence[str]:
        if not isinstance(step, Seen):
            return ()
        sent = Delivery.objects.filter(
            message__ticket=self.tickets[story.key], state=DeliveryState.SENT
        )
        return list(sent.values_list("external_id", flat=True))

    def _apply(self) -> None:
        """Spool what came in and let the applier have it: ours, or the one of a worker that runs already."""
        if not self._waiting:
            return
        waiting, self._waiting = self._waiting, []
        ids = spool.store([item for _, item in waiting])
        if self._alone.held():
            applier.drain_all()
        while SpoolTodo.objects.filter(pk__in=ids).exists():
            time.sleep(0.02)
        made = dict(Message.objects.filter(spool__in=ids).values_list("spool_id", "ticket_id"))
        tickets = Ticket.objects.in_bulk(made.values())
        for (story, _), item_id in zip(waiting, ids, strict=True):
            if item_id in made:
                self.tickets.setdefault(story.key, tickets[made[item_id]])

    def _act(self, story: Story, step: Reply | Note | Do) -> None:
        ticket, actor = self.ticket(story.key), self.actor(step.by)
        match step:
            case Reply():
                self._answer(ticket, actor, step)
            case Note():
                mentions = [self.agents[name].pk for name in step.mentions]
                actions.note(
                    ticket=ticket, actor=actor, now=step.at, text=step.text, mentions=mentions
                )
            case Do():
                step.deed(self, ticket, actor, step.at)

    def _answer(self, ticket: Ticket, actor: Actor, step: Reply) -> None:
        """The answer and its leaving in one transaction: no worker finds it waiting, no relay is asked."""
        with transaction.atomic():
            keys = [
                files.save(
                    f.content, name=f.name, content_type=f.content_type, owner=str(actor)
                ).key
                for f in step.files
            ]
            message = actions.reply(
                ticket=ticket,
                actor=actor,
                now=step.at,
                text=step.text,
                html=step.html,
                files=keys,
                then=step.then,
                channel=self.boxes[step.box] if step.box else None,
                bridge=bool(step.box),
            )
            for delivery in Delivery.objects.filter(message=message, state=DeliveryState.QUEUED):
                leave(delivery, now=step.at)


def leave(delivery: Delivery, *, now: datetime) -> None:
    """The demo's customers do not exist: mails stay in the outbox, whatever relay there is; the rest goes nowhere."""
    delivery.state, delivery.attempts, delivery.settled_at = DeliveryState.SENT, 1, now
    delivery.external_id = (
        _to_outbox(delivery, now=now)
        if delivery.channel.provider == "email"
        else f"demo-{delivery.pk}"
    )
    delivery.save(update_fields=["state", "attempts", "external_id", "settled_at"])
    record_many([statuses.changed(delivery)], now=now)


def _to_outbox(delivery: Delivery, *, now: datetime) -> str:
    """Returns the mail's id."""
    outbound, channel = render(delivery), delivery.channel
    before = SentMail.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    outbox.keep(
        compose(outbound, channel.settings),
        sender=str(channel.settings["address"]),
        recipients=recipients(outbound),
    )
    SentMail.objects.filter(pk__gt=before).update(created_at=now)
    return outbound.message_id
