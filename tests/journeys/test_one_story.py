"""One customer, one problem, six ways of talking: one ticket, read from top to bottom.

She complains under a post, goes on in Messenger, sends the photo by WhatsApp, writes from the office,
telephones, and is answered by SMS because the agent chose it. The providers are the real ones; their
clouds are stand-ins.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import transaction
from django.test import Client

from sportello.channels import queries, secrets
from sportello.channels.models import Channel
from sportello.contacts import privacy
from sportello.contacts.models import Contact, Suggestion
from sportello.core import consumers
from sportello.core.clock import now
from sportello.core.models import Event
from sportello.tickets import actions
from sportello.tickets.inbound import media
from sportello.tickets.models import (
    Belonging,
    Delivery,
    DeliveryState,
    Direction,
    Message,
    PendingMedia,
    Ticket,
)
from sportello.tickets.ways.reachable import reachable
from tests import walk
from tests.providers.meta import test_facebook, test_messages, test_whatsapp
from tests.providers.twilio import test_twilio
from tests.vendors.graph import Graph
from tests.vendors.twilio import TwilioApi
from tests.workspace.conftest import BACKEND

pytestmark = pytest.mark.django_db
PSID = "1254459154682919"
"""Who she is in Messenger: the stand-in tells it with the private answer."""
NUMBER = "+393331234567"


@dataclass
class House:
    """The shop with all its mouths, and what was heard of the log so far."""

    shop: walk.Shop
    graph: Graph
    twilio: TwilioApi
    channels: dict[str, Channel]
    heard: int = 0

    def arrives(self, kind: str, data: Any) -> Message:
        body = data if isinstance(data, bytes) else json.dumps(data).encode()
        message = walk.arrive(self.channels[kind], body, source="webhook")
        self.follow()
        return message

    def follow(self) -> None:
        """What follows from the facts, as the worker's consumers have it."""
        for _round in range(6):
            events = list(Event.objects.filter(pk__gt=self.heard).order_by("pk"))
            if not events:
                return
            self.heard = events[-1].pk
            for consumer in consumers.all_consumers():
                theirs = [e for e in events if not consumer.types or e.type in consumer.types]
                if theirs:
                    with transaction.atomic():
                        consumer.digest(theirs)

    def sent(self) -> Delivery:
        (delivery,) = walk.send_due()
        assert delivery.state == DeliveryState.SENT, delivery.reason
        self.follow()
        return delivery

    @property
    def desk(self) -> Client:
        client = Client()
        client.force_login(self.shop.giulia, backend=BACKEND)
        return client


@pytest.fixture
def house() -> Iterator[House]:
    shop = walk.open_shop()
    with ExitStack() as stack:
        graph, twilio = stack.enter_context(Graph()), stack.enter_context(TwilioApi())
        page = {"page_id": test_facebook.PAGE}
        settings = {
            "facebook": (test_facebook.SETTINGS, graph.url),
            "messenger": (test_messages.SETTINGS | page, graph.url),
            "whatsapp": (test_whatsapp.SETTINGS, graph.url),
            "twilio": (test_twilio.SETTINGS, twilio.url),
        }
        channels = {
            kind: Channel.objects.create(
                provider=kind,
                name=kind.title(),
                brand=shop.brand,
                sealed_settings=secrets.seal(values | {"api_base": base}),
            )
            for kind, (values, base) in settings.items()
        }
        queries.forget()
        yield House(shop, graph, twilio, channels)


def in_messenger(text: str, mid: str) -> dict[str, Any]:
    said = test_messages.words(text, mid)
    entry = said["entry"][0]
    entry["id"], entry["messaging"][0]["recipient"] = test_facebook.PAGE, {"id": test_facebook.PAGE}
    entry["messaging"][0]["sender"] = {"id": PSID}
    return said


def tell(house: House) -> Ticket:
    """The whole story, up to the last answer."""
    giulia = house.shop.giulia
    by: dict[str, Any] = {"actor": house.shop.actor()}

    # Under a post, where everybody reads.
    complaint = test_facebook.comment(
        message="La macchina Aurora Uno perde acqua da una settimana. Vergogna!",
        created_time=int(time.time()), **{"from": {"id": "842", "name": "Ada Neri"}},
    )  # fmt: skip
    post = house.arrives("facebook", complaint)
    ticket = post.ticket

    # In private, by the button below her comment.
    answer = {"message": post.pk, "text": "Ci dispiace molto. Ci lascia un numero? Le chiediamo una foto."}  # fmt: skip
    done = house.desk.post(f"/app/tickets/{ticket.number}/do/answer_in_private", answer)
    assert done.status_code == 200, done.content.decode()
    house.sent()
    said = house.arrives(
        "messenger", in_messenger("Certo: 333 123 4567, ho anche WhatsApp.", "m_ada")
    )
    assert said.ticket_id == ticket.pk
    contact = Contact.objects.get(pk=said.ticket.contact_id)
    edited = house.desk.post(
        f"/app/contacts/{contact.pk}/edit/address", {"address": "333 123 4567"}
    )
    assert edited.status_code == 302
    house.follow()

    actions.reply(ticket=ticket, text="Grazie, ci mandi pure la foto lì.", now=now(), **by)
    house.sent()

    # The photo, by WhatsApp, without a word.
    photo = test_whatsapp.said(
        "image", {"id": "media-1", "mime_type": "image/jpeg"}, timestamp=str(int(time.time()))
    )
    picture = house.arrives("whatsapp", photo)
    media.fetch(PendingMedia.objects.get().pk, now=now())
    assert picture.ticket_id == ticket.pk, "the number is hers, the ticket waits for a photo"

    # From the office: an address that nobody knows, but she signs with her number.
    letter = walk.mail_bytes(
        "Ada Neri <ada.neri@studio-neri.example>",
        "Buongiorno,\n\nvi ho già scritto della macchina Aurora Uno che perde acqua: sono in ufficio, rispondete pure qui.\n\n-- \nAda Neri\nStudio Neri\nTel. 333 123 4567\n",
        subject="Macchina Aurora Uno che perde acqua",
    )  # fmt: skip
    mail = walk.arrive(house.shop.mail, letter)
    house.follow()
    assert mail.ticket_id != ticket.pk, "an unproved mail joins nothing by itself"
    suggestion = Suggestion.objects.get(state="open")
    assert "signature" in {reason["reason"] for reason in suggestion.reasons}
    belonging = Belonging.objects.get(ticket=mail.ticket_id)
    assert belonging.to_id == ticket.pk, "what she writes of is what the other began"
    there, into = f"/app/tickets/{mail.ticket.number}", str(ticket.number)
    assert f"menu/join?to={into}" in house.desk.get(there).content.decode(), "right above the words"
    asked = house.desk.get(f"{there}/menu/join", {"to": into}).content.decode()
    assert "do/join_both" in asked
    joined = house.desk.post(f"{there}/do/join_both", {"into": into})
    assert joined.status_code == 200, joined.content.decode()
    house.follow()

    # On the telephone: the number opens her page, the call is written down.
    pop = house.desk.get("/app/pop", {"phone": NUMBER})
    ticket.refresh_from_db()
    assert pop["Location"] == f"/app/contacts/{ticket.contact_id}"
    call = {"direction": "in", "minutes": "4", "phone": NUMBER, "text": "Mandiamo il corriere mercoledì."}  # fmt: skip
    assert house.desk.post(f"/app/tickets/{ticket.number}/do/log_call", call).status_code == 200

    # The last answer, by SMS because Giulia chose it.
    way = next(w for w in reachable(ticket, now=now()) if w.mouth.id == house.channels["twilio"].pk)
    assert way.is_open
    assert way.identity.address == NUMBER
    actions.reply(
        ticket=ticket, text="Il corriere passa mercoledì tra le 9 e le 12.", channel=house.channels["twilio"],
        bridge=True, then="solved", now=now(), **by,
    )  # fmt: skip
    delivery = house.sent()
    update = urlencode({"MessageSid": delivery.external_id, "MessageStatus": "delivered", "AccountSid": "AC"})  # fmt: skip
    walk.accept(house.channels["twilio"], update.encode(), source="webhook")
    assert giulia.pk == ticket.messages.filter(direction="out").latest("pk").agent_id
    return Ticket.objects.get(pk=ticket.pk)


def test_six_ways_of_talking_are_one_ticket_from_top_to_bottom(house: House) -> None:
    ticket = tell(house)
    assert Ticket.objects.filter(merged_into=None).count() == 1
    assert Contact.objects.count() == 1
    told = [
        (m.channel.provider if m.channel else m.nature, m.direction)
        for m in ticket.messages.select_related("channel").order_by("created_at", "pk")
    ]
    assert told == [
        ("facebook", "in"),
        ("messenger", "out"),
        ("messenger", "in"),
        ("messenger", "out"),
        ("whatsapp", "in"),
        ("email", "in"),
        ("phone", "in"),
        ("twilio", "out"),
    ]
    (sms,) = [c for c in house.twilio.calls if c.path.endswith("/Messages.json")]
    assert sms.form["To"] == NUMBER
    assert sms.form["Body"].endswith("Il corriere passa mercoledì tra le 9 e le 12.")
    switched = Event.objects.get(type="channel_switched", ticket_id=ticket.pk)
    assert switched.payload["reason"] == "chosen"
    page = house.desk.get(f"/app/tickets/{ticket.number}").content.decode()
    places = [page.index(words) for words in ("Vergogna!", "ho anche WhatsApp", "sono in ufficio", "Mandiamo il corriere", "tra le 9 e le 12")]  # fmt: skip
    assert places == sorted(places), "read from top to bottom"
    profile = house.desk.get(f"/app/contacts/{ticket.contact_id}").content.decode()
    for known in ("+39 333 123 4567", "ada.neri@studio-neri.example"):
        assert known in profile


def test_she_gets_her_data_and_a_year_later_is_forgotten(house: House) -> None:
    ticket = tell(house)
    contact = ticket.contact
    by: dict[str, Any] = {"actor": house.shop.actor()}
    data = json.dumps(privacy.export(contact=contact, now=now(), **by), default=str)
    for known in ("Vergogna!", "ho anche WhatsApp", "sono in ufficio", NUMBER, "studio-neri.example"):  # fmt: skip
        assert known in data
    messages = Message.objects.count()
    privacy.erase(contact=contact, now=now() + timedelta(days=365), **by)
    assert Message.objects.count() == messages, "the counts stay"
    words = "\n".join(Message.objects.values_list("text", flat=True))
    assert not words.strip()
    again = json.dumps(privacy.export(contact=contact, now=now(), **by), default=str)
    for gone in ("Vergogna", "WhatsApp", "ufficio", "333", "neri"):
        assert gone not in again
    assert Ticket.objects.filter(messages__direction=Direction.OUT).exists()
    assert Event.objects.filter(type="channel_switched").exists(), "that it happened stays"
