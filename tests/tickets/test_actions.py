"""What agents do: answer, take back, note, merge, split, and who may."""

from __future__ import annotations

from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest

from sportello.accounts.models import Grant, Role, Team
from sportello.channels.models import Channel
from sportello.core import files
from sportello.core.clock import now
from sportello.core.models import Event, SentMail
from sportello.tickets import actions, timers
from sportello.tickets.models import Delivery, Draft, Message, Ticket
from tests import walk

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> walk.Shop:
    return walk.open_shop()


@pytest.fixture
def ticket(shop: walk.Shop) -> Ticket:
    return walk.arrive(shop.mail, walk.mail_bytes()).ticket


def test_an_answer_opens_a_new_ticket_and_takes_it(shop: walk.Shop, ticket: Ticket) -> None:
    actions.reply(ticket=ticket, actor=shop.actor(), now=now(), text="On its way.")
    ticket.refresh_from_db()
    assert (ticket.status, ticket.assignee_id, ticket.waiting_since) == (
        "open",
        shop.giulia.pk,
        None,
    )
    assert ticket.last_author == "agent"


def test_an_answer_held_for_undo_comes_back_as_draft(shop: walk.Shop, ticket: Ticket) -> None:
    uploaded = files.save(
        b"pdf", name="label.pdf", content_type="application/pdf", owner=str(shop.actor())
    )
    message = actions.reply(
        ticket=ticket,
        actor=shop.actor(),
        now=now(),
        text="Oops",
        undo_seconds=10,
        then="solved",
        files=[uploaded.key],
    )
    assert message.deliveries.get().state == "held"
    draft = actions.undo_send(message=message, actor=shop.actor(), now=now())
    assert draft is not None
    assert (draft.text, draft.file_keys) == ("Oops", [uploaded.key])
    assert not Delivery.objects.exists()
    ticket.refresh_from_db()
    assert ticket.waiting_since is not None
    assert ticket.last_author == "contact"


def test_the_chosen_ending_takes_effect_when_it_leaves(shop: walk.Shop, ticket: Ticket) -> None:
    message = actions.reply(
        ticket=ticket, actor=shop.actor(), now=now(), text="Done.", undo_seconds=10, then="solved"
    )
    ticket.refresh_from_db()
    assert ticket.status == "open"
    Delivery.objects.update(due_at=now() - timedelta(seconds=1))
    walk.send_due()
    ticket.refresh_from_db()
    assert ticket.status == "solved"
    assert message.deliveries.get().state == "sent"
    with pytest.raises(actions.TooLate):
        actions.undo_send(message=message, actor=shop.actor(), now=now())


def test_two_answers_that_cross_are_stopped_once(shop: walk.Shop, ticket: Ticket) -> None:
    seen = ticket.messages.latest("pk").pk
    actions.reply(ticket=ticket, actor=shop.actor(), now=now(), text="From Giulia.")
    with pytest.raises(actions.Crossed):
        actions.reply(
            ticket=ticket,
            actor=shop.actor(shop.marco),
            now=now(),
            text="From Marco.",
            seen_message_id=seen,
        )
    assert Message.objects.filter(direction="out").count() == 1


def test_an_upload_of_another_agent_is_not_attached(shop: walk.Shop, ticket: Ticket) -> None:
    foreign = files.save(
        b"x", name="x", content_type="text/plain", owner=str(shop.actor(shop.marco))
    )
    message = actions.reply(
        ticket=ticket, actor=shop.actor(), now=now(), text="See file.", files=[foreign.key]
    )
    assert not message.attachments.exists()


def test_light_agents_and_foreign_teams_do_not_answer(shop: walk.Shop, ticket: Ticket) -> None:
    light = walk.agent("light", Role.LIGHT)
    with pytest.raises(actions.NotAllowed):
        actions.reply(ticket=ticket, actor=shop.actor(light), now=now(), text="x")
    private = Team.objects.create(name="Private", slug="private", is_private=True)
    actions.assign(ticket=ticket, actor=shop.actor(), now=now(), team=private)
    with pytest.raises(actions.NotAllowed):
        actions.reply(ticket=ticket, actor=shop.actor(), now=now(), text="x")


def test_who_was_deactivated_does_not_answer_any_more(shop: walk.Shop, ticket: Ticket) -> None:
    Grant.objects.filter(agent=shop.giulia).delete()
    with pytest.raises(actions.NotAllowed):
        actions.reply(ticket=ticket, actor=shop.actor(), now=now(), text="x")


def test_a_formatted_answer_leaves_with_its_signature(shop: walk.Shop, ticket: Ticket) -> None:
    message = actions.reply(
        ticket=ticket, actor=shop.actor(), now=now(), html="<p>Hi <b>Ada</b> &lt;3</p>"
    )
    walk.send_due()
    assert message.deliveries.get().state == "sent"
    raw = message_from_bytes(bytes(SentMail.objects.get().raw), policy=default)
    html = raw.get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert "<b>Ada</b>" in html
    assert "Giulia, Shop" in html


def test_what_cannot_be_written_out_fails_with_a_reason(
    shop: walk.Shop, ticket: Ticket, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = actions.reply(ticket=ticket, actor=shop.actor(), now=now(), text="Hi")
    monkeypatch.setattr("sportello.tickets.outbound.delivering.render", lambda delivery: 1 / 0)
    walk.send_due()
    assert message.deliveries.get().state == "failed"


def test_a_colleague_who_may_not_see_it_is_not_told(shop: walk.Shop, ticket: Ticket) -> None:
    private = Team.objects.create(name="Private", slug="private", is_private=True)
    Grant.objects.create(agent=shop.giulia, role=Role.AGENT, team=private)
    actions.assign(ticket=ticket, actor=shop.actor(), now=now(), team=private)
    actions.note(
        ticket=ticket, actor=shop.actor(), now=now(), text="@Marco", mentions=[shop.marco.pk]
    )
    assert not ticket.followers.exists()
    with pytest.raises(actions.NotAllowed):
        actions.note(ticket=ticket, actor=shop.actor(shop.marco), now=now(), text="me too")
    with pytest.raises(actions.NotAllowed):
        actions.retag(ticket=ticket, actor=shop.actor(shop.marco), now=now(), add=["x"])


def test_scripts_in_an_answer_do_not_leave(shop: walk.Shop, ticket: Ticket) -> None:
    html = "<p>Hi <b>Ada</b></p><script>alert(1)</script><style>*{}</style><img src=x onerror=alert(1)>"
    message = actions.reply(ticket=ticket, actor=shop.actor(), now=now(), html=html)
    assert "script" not in message.html
    assert "onerror" not in message.html
    assert "Hi" in message.text


def test_merged_tickets_take_later_answers(shop: walk.Shop, ticket: Ticket) -> None:
    other = walk.arrive(
        shop.mail, walk.mail_bytes(subject="Again", message_id="again@home.example")
    ).ticket
    actions.merge(ticket=other, into=ticket, actor=shop.actor(), now=now())
    later = walk.arrive(shop.mail, walk.mail_bytes(text="later", References="<again@home.example>"))
    assert later.ticket_id == ticket.pk
    other.refresh_from_db()
    assert (other.status, other.merged_into_id) == ("closed", ticket.pk)
    with pytest.raises(actions.CannotMerge):
        actions.merge(ticket=ticket, into=ticket, actor=shop.actor(), now=now())


def test_a_message_can_be_split_off(shop: walk.Shop, ticket: Ticket) -> None:
    first = ticket.messages.get()
    ref = str(first.external_id)
    second = walk.arrive(
        shop.mail, walk.mail_bytes(text="By the way, an invoice?", References=f"<{ref}>")
    )
    own = actions.split(
        ticket=ticket, message=second, actor=shop.actor(), now=now(), subject="Invoice"
    )
    assert list(own.messages.all()) == [second]
    assert list(ticket.messages.all()) == [first]


def test_a_busy_channel_is_tried_again_and_a_gone_person_is_a_failure(shop: walk.Shop) -> None:
    for address, state in (
        ("busy", "queued"),
        ("gone", "failed"),
        ("silent", "unknown"),
        ("ada", "sent"),
    ):
        ticket = walk.arrive(shop.fake, walk.fake_body((address, address, "hi"))).ticket
        message = actions.reply(ticket=ticket, actor=shop.actor(), now=now(), text="hello")
        walk.send_due()
        assert message.deliveries.get().state == state, address


def test_what_was_being_sent_when_the_worker_died_is_unknown_not_sent_again(
    shop: walk.Shop, ticket: Ticket
) -> None:
    message = actions.reply(ticket=ticket, actor=shop.actor(), now=now(), text="Hello")
    Delivery.objects.update(state="sending", due_at=now() - timedelta(minutes=10))
    timers.go_on_delivering(now())
    delivery = message.deliveries.get()
    assert delivery.state == "unknown"
    assert not walk.send_due()
    actions.retry_delivery(delivery=delivery, actor=shop.actor(), now=now())
    walk.send_due()
    assert SentMail.objects.count() == 1


def test_snoozed_tickets_wake(shop: walk.Shop, ticket: Ticket) -> None:
    actions.snooze(ticket=ticket, actor=shop.actor(), now=now(), until=now() + timedelta(hours=1))
    timers.wake_snoozed(now() + timedelta(hours=2))
    ticket.refresh_from_db()
    assert ticket.snoozed_until is None
    assert Event.objects.latest("pk").type == "ticket_woken"


def test_a_mentioned_colleague_follows(shop: walk.Shop, ticket: Ticket) -> None:
    actions.note(
        ticket=ticket, actor=shop.actor(), now=now(), text="@Marco look", mentions=[shop.marco.pk]
    )
    assert ticket.followers.get().agent_id == shop.marco.pk
    assert ticket.messages.filter(direction="note").count() == 1


def test_reading_moves_nobody_elses_mark(shop: walk.Shop, ticket: Ticket) -> None:
    from sportello.tickets.models import ReadMark

    actions.mark_read(ticket=ticket, agent=shop.giulia, now=now())
    assert list(ReadMark.objects.values_list("agent_id", flat=True)) == [shop.giulia.pk]


def test_drafts_are_kept_per_agent_and_empty_ones_go(shop: walk.Shop, ticket: Ticket) -> None:
    actions.save_draft(ticket=ticket, agent=shop.giulia, now=now(), text="half a sen")
    actions.save_draft(ticket=ticket, agent=shop.marco, now=now(), text="other")
    actions.save_draft(ticket=ticket, agent=shop.giulia, now=now(), text=" ")
    assert [d.agent_id for d in Draft.objects.all()] == [shop.marco.pk]


def test_an_off_channel_and_an_unknown_address_say_so(shop: walk.Shop, ticket: Ticket) -> None:
    with pytest.raises(actions.Unreachable, match="non ha un indirizzo"):
        actions.reply(ticket=ticket, actor=shop.actor(), now=now(), text="x", channel=shop.fake)
    Channel.objects.filter(pk=shop.fake.pk).update(is_active=False)
    with pytest.raises(actions.Unreachable, match="spento"):
        actions.reply(
            ticket=ticket,
            actor=shop.actor(),
            now=now(),
            text="x",
            channel=Channel.objects.get(pk=shop.fake.pk),
        )


def test_undo_is_not_for_a_colleague(shop: walk.Shop, ticket: Ticket) -> None:
    message = actions.reply(ticket=ticket, actor=shop.actor(), now=now(), text="x", undo_seconds=10)
    with pytest.raises(actions.TooLate):
        actions.undo_send(message=message, actor=shop.actor(shop.marco), now=now())
