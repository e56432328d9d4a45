"""By which channels a customer can be answered, what an answer elsewhere begins with, and why it went there."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from sportello.channels import queries, templates
from sportello.channels.actions import Price, create_channel
from sportello.channels.contract import Template, TemplateUse
from sportello.channels.models import Channel
from sportello.contacts.consents import note_consent
from sportello.contacts.models import Contact, Identity
from sportello.core import files
from sportello.core.clock import now
from sportello.core.models import Event, StoredFile
from sportello.tickets import actions
from sportello.tickets.models import Delivery, DeliveryState, Draft, Message, Thread, Ticket
from sportello.tickets.outbound.failures import Trouble, trouble_of, worth_trying
from sportello.tickets.outbound.rendering import render
from sportello.tickets.ways import switching
from sportello.tickets.ways.reachable import Consent, Shut, Way, reachable
from tests import walk

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> walk.Shop:
    return walk.open_shop()


@pytest.fixture
def ticket(shop: walk.Shop) -> Ticket:
    """Ada wrote a mail; we know her proved number, too."""
    ticket = walk.arrive(shop.mail, walk.mail_bytes(subject="Re: Tazza rotta")).ticket
    identity(ticket, "phone", "+390551234567", proof="verified")
    return ticket


def identity(ticket: Ticket, kind: str, address: str, **more: object) -> Identity:
    return Identity.objects.create(contact_id=ticket.contact_id, kind=kind, address=address, **more)


def text_messages(shop: walk.Shop) -> Channel:
    made = create_channel(
        provider="twilio", name="SMS", brand=shop.brand, price=Price(Decimal("0.07")),
        settings={"account_sid": "AC1", "auth_token": "t", "from_number": "+39055"},
    )  # fmt: skip
    queries.forget()
    return made


def whatsapp(shop: walk.Shop) -> Channel:
    made = create_channel(
        provider="whatsapp", name="WhatsApp", brand=shop.brand,
        settings={"phone_number_id": "1", "access_token": "t", "app_secret": "s", "verify_token": "v"},
    )  # fmt: skip
    templates.keep(made, [Template("ready", "it", "Ordine {{1}} pronto, {{2}}.", 2)], now=now())
    queries.forget()
    return made


def ways(ticket: Ticket) -> dict[str, Way]:
    return {way.mouth.name: way for way in reachable(ticket, now=now())}


def answer(shop: walk.Shop, ticket: Ticket, channel: Channel, **more: object) -> Message:
    more = {"text": "Arriva domani."} | more
    return actions.reply(
        ticket=ticket,
        actor=shop.actor(),
        now=now(),
        channel=channel,
        **more,  # type: ignore[arg-type]
    )


def switches(ticket: Ticket) -> list[tuple[int, str]]:
    found = Event.objects.filter(type="channel_switched", ticket_id=ticket.pk).order_by("id")
    return [(event.payload["channel"], event.payload["reason"]) for event in found]


def test_a_proved_number_is_a_way_though_the_ticket_came_by_mail(
    shop: walk.Shop, ticket: Ticket
) -> None:
    text_messages(shop)
    found = ways(ticket)
    assert list(found) == ["Help", "SMS"], "the customer's own channel first"
    assert found["SMS"].is_open
    assert found["SMS"].thread is None
    assert found["SMS"].mouth.cost == Decimal("0.07")


def test_channels_of_another_brand_and_those_turned_off_are_no_ways(
    shop: walk.Shop, ticket: Ticket
) -> None:
    channel = text_messages(shop)
    Channel.objects.filter(pk=channel.pk).update(is_active=False)
    queries.forget()
    assert list(ways(ticket)) == ["Help"]


def test_when_we_got_through_last_counts_over_all_tickets_of_the_person(
    shop: walk.Shop, ticket: Ticket
) -> None:
    walk.send_due()
    assert ways(ticket)["Help"].arrived_at is None
    message = answer(shop, ticket, shop.mail)
    message.deliveries.update(state=DeliveryState.DELIVERED)
    other = walk.arrive(shop.mail, walk.mail_bytes(subject="Another thing")).ticket
    assert other.pk != ticket.pk
    assert ways(other)["Help"].arrived_at == message.deliveries.get().created_at


def test_who_said_stop_is_shown_and_not_written_to(shop: walk.Shop, ticket: Ticket) -> None:
    channel = text_messages(shop)
    Identity.objects.filter(kind="phone").update(opted_out_at=now())
    assert ways(ticket)["SMS"].shut is Shut.OPTED_OUT
    assert not ways(ticket)["SMS"].usable
    with pytest.raises(actions.Unreachable):
        answer(shop, ticket, channel)


def test_before_the_customer_wrote_there_only_a_template_may_go(
    shop: walk.Shop, ticket: Ticket
) -> None:
    channel = whatsapp(shop)
    identity(ticket, "whatsapp", "390551234567", proof="verified")
    way = ways(ticket)["WhatsApp"]
    assert (way.shut, way.by_template, way.templates) == (Shut.WINDOW, True, 1)
    with pytest.raises(actions.Unreachable, match="WhatsApp"):
        answer(shop, ticket, channel)
    use = TemplateUse("ready", "it", ("A-17", "Ada"))
    message = answer(shop, ticket, channel, text="", template=use)
    assert message.text == "Ordine A-17 pronto, Ada."
    outbound = render(message.deliveries.get())
    assert outbound.template == use


@pytest.mark.parametrize("values", [(), ("A-17",), ("A-17", " "), ("A-17", "Ada", "x")])
def test_a_template_leaves_whole_or_not_at_all(
    shop: walk.Shop, ticket: Ticket, values: tuple[str, ...]
) -> None:
    channel = whatsapp(shop)
    identity(ticket, "whatsapp", "390551234567", proof="verified")
    with pytest.raises(actions.Empty):
        answer(shop, ticket, channel, text="", template=TemplateUse("ready", "it", values))


def test_a_template_nobody_approved_does_not_leave(shop: walk.Shop, ticket: Ticket) -> None:
    channel = whatsapp(shop)
    identity(ticket, "whatsapp", "390551234567", proof="verified")
    with pytest.raises(actions.Unreachable):
        answer(shop, ticket, channel, text="", template=TemplateUse("other", "it", ()))


def test_an_open_window_tells_when_it_shuts(shop: walk.Shop, ticket: Ticket) -> None:
    channel = whatsapp(shop)
    who = identity(ticket, "whatsapp", "390551234567", proof="verified")
    until = now() + timedelta(hours=3)
    Thread.objects.create(
        ticket=ticket, channel=channel, identity=who, window_until=until, last_message_at=now(), created_at=now()
    )  # fmt: skip
    way = ways(ticket)["WhatsApp"]
    assert way.is_open
    assert way.closes_at == until
    assert reachable(ticket, now=until + timedelta(seconds=1))[-1].shut is Shut.WINDOW


def test_going_on_elsewhere_is_a_fact_with_its_reason_once(shop: walk.Shop, ticket: Ticket) -> None:
    channel = text_messages(shop)
    message = answer(shop, ticket, channel, bridge=True)
    first, rest = message.text.split("\n\n")
    assert '"Tazza rotta"' in first, "without Re:, in quotes that cost a text message nothing"
    assert rest == "Arriva domani."
    again = answer(shop, ticket, channel, bridge=True)
    assert again.text == "Arriva domani.", "the customer has been told"
    assert switches(ticket) == [(channel.pk, "chosen")]
    assert message.meta["switch"] == "chosen"


def test_the_bridge_speaks_the_tickets_language(shop: walk.Shop, ticket: Ticket) -> None:
    text_messages(shop)
    mouth = ways(ticket)["SMS"].mouth
    ticket.language = "en"
    assert switching.bridge(ticket, mouth) == 'Shop: here we go on about "Tazza rotta".'
    ticket.language = "it"
    assert (
        switching.bridge(ticket, mouth)
        == 'Shop: continuiamo qui la conversazione su "Tazza rotta".'
    )


def test_the_subject_is_not_told_in_public(shop: walk.Shop, ticket: Ticket) -> None:
    mouth = ways(ticket)["Help"].mouth
    provider = type("Public", (type(mouth.provider),), {})()
    provider.capabilities = replace(mouth.provider.capabilities, public=True)
    assert "Tazza" not in switching.bridge(ticket, replace(mouth, provider=provider))


def test_ones_own_bridge_or_none(shop: walk.Shop, ticket: Ticket) -> None:
    channel = text_messages(shop)
    plain = answer(shop, ticket, channel)
    assert plain.text == "Arriva domani."
    other = walk.arrive(shop.mail, walk.mail_bytes(sender="bob@x.example")).ticket
    identity(other, "phone", "+390557654321", proof="verified")
    mine = answer(shop, other, channel, bridge="Ciao, ti scriviamo qui.")
    assert mine.text == "Ciao, ti scriviamo qui.\n\nArriva domani."


def test_on_the_customers_own_channel_nothing_leads_over(shop: walk.Shop, ticket: Ticket) -> None:
    message = answer(shop, ticket, shop.mail, bridge="Ciao")
    assert message.text == "Arriva domani."
    assert switches(ticket) == []


def test_an_answer_that_is_taken_back_switched_nothing(shop: walk.Shop, ticket: Ticket) -> None:
    channel = text_messages(shop)
    message = answer(shop, ticket, channel, undo_seconds=10)
    assert switches(ticket) == []
    actions.undo_send(message=message, actor=shop.actor(), now=now())
    assert switches(ticket) == []


def test_a_held_answer_switches_when_it_leaves(shop: walk.Shop, ticket: Ticket) -> None:
    answer(shop, ticket, shop.mail)  # the customer's own channel is no switch
    first = walk.arrive(shop.fake, walk.fake_body(("1", "ada", "ciao"))).ticket
    identity(first, "email", "ada@else.example", proof="verified")
    answer(shop, first, shop.mail, undo_seconds=10)
    assert switches(first) == []
    walk.send_due()
    assert switches(first) == [(shop.mail.pk, "chosen")]
    assert Event.objects.get(type="channel_switched").actor == str(shop.actor())


def test_a_shut_window_and_a_failed_answer_are_reasons(shop: walk.Shop, ticket: Ticket) -> None:
    channel = text_messages(shop)
    failed = answer(shop, ticket, shop.mail)
    failed.deliveries.update(state=DeliveryState.FAILED, reason="550 5.1.1 user unknown")
    message = answer(shop, ticket, channel, instead_of=failed.pk)
    assert switches(ticket) == [(channel.pk, "failed")]
    assert message.meta["instead_of"] == failed.pk


def test_a_shut_window_is_a_reason(shop: walk.Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    day = replace(shop.fake.code.capabilities, reply_window=timedelta(hours=24))
    monkeypatch.setattr(type(shop.fake.code), "capabilities", day)
    ticket = walk.arrive(shop.fake, walk.fake_body(("1", "ada", "ciao"))).ticket
    identity(ticket, "email", "ada@home.example", proof="verified")
    Thread.objects.filter(ticket=ticket).update(window_until=now() - timedelta(hours=1))
    assert next(iter(ways(ticket).values())).shut is Shut.WINDOW
    answer(shop, ticket, shop.mail)
    assert switches(ticket) == [(shop.mail.pk, "window")]


def test_to_an_address_that_was_only_typed_goes_a_line_and_a_link(shop: walk.Shop) -> None:
    ticket = walk.arrive(shop.fake, walk.fake_body(("1", "ada", "ciao"))).ticket
    identity(ticket, "email", "ada@home.example", proof="claimed")
    assert ways(ticket)["Help"].is_neutral
    message = answer(shop, ticket, shop.mail, text="Il codice è 4711.")
    outbound = render(message.deliveries.get())
    assert "4711" not in outbound.text
    assert "/proof/" in outbound.text
    token = outbound.text.split("/proof/")[1].split()[0]
    actions.prove_address(token=token, now=now())
    later = answer(shop, ticket, shop.mail, text="Il codice è 4712.")
    assert "4712" in render(later.deliveries.get()).text


def test_the_page_behind_the_link_shows_the_answer_that_was_held_back(
    shop: walk.Shop, client
) -> None:  # type: ignore[no-untyped-def]
    ticket = walk.arrive(shop.fake, walk.fake_body(("1", "ada", "ciao"))).ticket
    identity(ticket, "email", "ada@home.example", proof="claimed")
    message = answer(shop, ticket, shop.mail, text="Il codice è 4711.")
    answer(shop, ticket, shop.fake, text="Altrove: 4712.")
    link = "/proof/" + render(message.deliveries.get()).text.split("/proof/")[1].split()[0]
    assert "4711" not in client.get(link).content.decode()
    page = client.post(link).content.decode()
    assert "4711" in page
    assert "4712" not in page


def test_buttons_where_there_are_some_else_a_numbered_list(shop: walk.Shop, ticket: Ticket) -> None:
    titles = ["Sì, grazie", " No ", "Sì, grazie"]
    mail = answer(shop, ticket, shop.mail, html="<p>Va bene?</p>", text="Va bene?", choices=titles)
    outbound = render(mail.deliveries.get())
    assert outbound.quick_replies == ()
    assert "Va bene?\n1. Sì, grazie\n2. No" in outbound.text
    assert outbound.text.index("2. No") < outbound.text.index("-- ")
    assert "<ol><li>Sì, grazie</li><li>No</li></ol>" in outbound.html
    chat = walk.arrive(shop.fake, walk.fake_body(("1", "bob", "ciao"))).ticket
    fewer = answer(shop, chat, shop.fake, choices=titles)
    assert render(fewer.deliveries.get()).text.endswith("1. Sì, grazie\n2. No")
    can = whatsapp(shop)
    who = identity(chat, "whatsapp", "1", proof="verified")
    Thread.objects.create(
        ticket=chat, channel=can, identity=who, window_until=now() + timedelta(hours=1), last_message_at=now(), created_at=now()
    )  # fmt: skip
    outbound = render(answer(shop, chat, can, choices=titles).deliveries.get())
    assert [q.title for q in outbound.quick_replies] == ["Sì, grazie", "No"]
    assert outbound.text == "Arriva domani."


def test_buttons_alone_are_no_answer(shop: walk.Shop, ticket: Ticket) -> None:
    with pytest.raises(actions.Empty):
        answer(shop, ticket, shop.mail, text="", choices=["Sì"])


def test_what_a_channel_does_not_take_is_refused_by_name(shop: walk.Shop, ticket: Ticket) -> None:
    channel = text_messages(shop)
    kept = files.save(
        b"PK", name="conti.zip", content_type="application/zip", owner=str(shop.actor())
    )
    with pytest.raises(actions.Unreachable, match=r"conti\.zip"):
        answer(shop, ticket, channel, files=[kept.key])
    many = [
        files.save(
            bytes([n]), name=f"{n}.jpg", content_type="image/jpeg", owner=str(shop.actor())
        ).key
        for n in range(11)
    ]
    with pytest.raises(actions.Unreachable, match="10"):
        answer(shop, ticket, channel, files=many)
    assert not Message.objects.filter(channel=channel).exists()


def test_a_failed_answer_goes_elsewhere_with_its_files(shop: walk.Shop, ticket: Ticket) -> None:
    channel = text_messages(shop)
    kept = files.save(b"jpeg", name="a.jpg", content_type="image/jpeg", owner=str(shop.actor()))
    failed = answer(shop, ticket, shop.mail, text="Ecco la foto", files=[kept.key], choices=["Sì"])
    with pytest.raises(actions.TooLate):
        actions.elsewhere(message=failed, actor=shop.actor(), now=now())
    failed.deliveries.update(state=DeliveryState.FAILED, reason="mailbox full")
    draft = actions.elsewhere(message=failed, actor=shop.actor(), now=now())
    assert (draft.channel_id, draft.text, draft.choices) == (channel.pk, "Ecco la foto", ["Sì"])
    assert draft.file_keys != [kept.key], "the failed one keeps its own"
    sent = answer(
        shop, ticket, channel, text=draft.text, files=draft.file_keys, instead_of=draft.instead_of
    )
    assert sent.attachments.get().file.blob_id == failed.attachments.get().file.blob_id
    assert switches(ticket) == [(channel.pk, "failed")]
    assert not Draft.objects.exists()
    assert StoredFile.objects.get(key=kept.key).bound


def test_without_another_way_nothing_is_promised(shop: walk.Shop) -> None:
    ticket = walk.arrive(shop.mail, walk.mail_bytes()).ticket
    failed = answer(shop, ticket, shop.mail)
    failed.deliveries.update(state=DeliveryState.FAILED)
    with pytest.raises(actions.Unreachable):
        actions.elsewhere(message=failed, actor=shop.actor(), now=now())


def test_an_undone_template_comes_back_as_a_template(shop: walk.Shop, ticket: Ticket) -> None:
    channel = whatsapp(shop)
    identity(ticket, "whatsapp", "390551234567", proof="verified")
    use = TemplateUse("ready", "it", ("A-17", "Ada"))
    message = answer(shop, ticket, channel, text="", template=use, undo_seconds=10)
    draft = actions.undo_send(message=message, actor=shop.actor(), now=now())
    assert draft is not None
    assert draft.text == ""
    assert draft.template == {"name": "ready", "language": "it", "values": ["A-17", "Ada"]}


@pytest.mark.parametrize(
    ("reason", "trouble", "again"),
    [
        ("550 5.1.1 <x@y>: Recipient address rejected: User unknown in virtual mailbox table", Trouble.GONE, False),
        ("This number is unknown or no longer in use.", Trouble.GONE, False),
        ("452 4.2.2 The email account is over quota", Trouble.FULL, True),
        ("554 5.7.1 Message rejected as spam", Trouble.REFUSED, True),
        ("More than 24 hours since the customer wrote: WhatsApp takes only an approved template now.", Trouble.WINDOW, False),
        ("This person has opted out with STOP. Only they can take it back.", Trouble.OPTED_OUT, False),
        ("552 5.3.4 Message size exceeds fixed limit", Trouble.LARGE, False),
        ("The channel is off.", Trouble.CHANNEL, True),
        ("The telephone is off or out of reach.", Trouble.AWAY, True),
        ("Something odd happened", Trouble.OTHER, True),
    ],
)  # fmt: skip
def test_vendors_words_become_reasons_people_understand(
    reason: str, trouble: Trouble, again: bool
) -> None:
    assert trouble_of(reason) is trouble
    assert worth_trying(reason) is again


def test_nothing_is_sent_by_looking(shop: walk.Shop, ticket: Ticket) -> None:
    before = Delivery.objects.count()
    reachable(ticket, now=now())
    assert Delivery.objects.count() == before


def test_a_no_to_service_messages_shuts_the_ways_he_does_not_use_himself(
    shop: walk.Shop, ticket: Ticket
) -> None:
    channel = text_messages(shop)
    contact = Contact.objects.get(pk=ticket.contact_id)
    word = {"contact": contact, "purpose": "service", "source": "agent", "actor": shop.actor()}
    note_consent(**word, given=False, channel_kind="phone", now=now())
    assert ways(ticket)["SMS"].shut is Shut.REFUSED
    with pytest.raises(actions.Unreachable):
        answer(shop, ticket, channel)
    note_consent(**word, given=False, channel_kind="", now=now())
    assert ways(ticket)["Help"].is_open, "he wrote there himself"
    note_consent(**word, given=True, channel_kind="phone", now=now())
    assert ways(ticket)["SMS"].consent is Consent.GIVEN
    answer(shop, ticket, channel)
