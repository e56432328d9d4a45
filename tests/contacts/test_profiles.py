"""Names that a vendor tells when asked: for new people, once, and nothing that is known is overwritten."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from sportello.channels import queries, secrets
from sportello.channels.models import Channel
from sportello.contacts import profiles
from sportello.contacts.models import Contact, Identity, Proof
from sportello.core import consumers
from sportello.core.clock import now
from sportello.core.models import Event
from sportello.core.net import Net
from tests import walk
from tests.providers.slack import test_slack
from tests.vendors.slack import WebApi

pytestmark = pytest.mark.django_db

HERE = (ipaddress.ip_network("127.0.0.0/8"),)
JOBS = ProcrastinateJob.objects.filter(task_name="contacts.learn_profile")


@pytest.fixture
def cloud() -> Iterator[WebApi]:
    with WebApi() as cloud:
        cloud.people["U1"] = {"real_name": "Ada\nLovelace", "email": "Ada@Engine.example"}
        yield cloud


@pytest.fixture
def channel(cloud: WebApi) -> Channel:
    made = Channel.objects.create(
        provider="slack", name="Slack", brand=walk.open_shop().brand,
        sealed_settings=secrets.seal(test_slack.SETTINGS | {"api_base": cloud.url}),
    )  # fmt: skip
    queries.forget()
    return made


def write(channel: Channel, ts: str = "1.1", **event: object) -> Identity:
    """A direct message, whose event tells no name; then what follows from it."""
    body = test_slack.body(channel="D1", channel_type="im", ts=ts, text="Ciao", **event)
    walk.arrive(channel, body, source="webhook")
    wanted = next(c for c in consumers.all_consumers() if c.name == "contacts.profiles")
    while consumers.step(wanted):
        pass
    return Identity.objects.get(kind="slack")


def learn(identity: Identity) -> Contact:
    profiles.learn(identity.pk, now=now(), net=Net(HERE))
    return Contact.objects.get(pk=identity.contact_id)


def test_a_new_person_is_asked_for_once_and_gets_a_name(channel: Channel, cloud: WebApi) -> None:
    identity = write(channel)
    assert JOBS.count() == 1
    contact = learn(identity)
    assert contact.name == "Ada Lovelace"
    identity.refresh_from_db()
    assert identity.display == "Ada Lovelace"
    asked = len(cloud.calls)
    learn(identity)
    assert len(cloud.calls) == asked, "who has a name is not asked for again"


def test_the_mail_address_is_the_vendors_word_and_proves_nothing(channel: Channel) -> None:
    contact = learn(write(channel))
    mail = contact.identities.get(kind="email")
    assert (mail.address, mail.proof) == ("ada@engine.example", Proof.CLAIMED)


def test_what_an_agent_wrote_stays(channel: Channel) -> None:
    identity = write(channel)
    Contact.objects.filter(pk=identity.contact_id).update(name="La contessa")
    assert learn(identity).name == "La contessa"


def test_a_name_in_the_event_itself_asks_nobody(channel: Channel) -> None:
    write(channel, user_profile={"real_name": "Ada Lovelace"})
    assert JOBS.count() == 0


def test_a_vendor_who_is_away_or_does_not_know_leaves_all_as_it_was(channel: Channel, cloud: WebApi) -> None:  # fmt: skip
    identity = write(channel)
    cloud.people.clear()
    before = Event.objects.count()
    assert learn(identity).name == ""
    Channel.objects.update(sealed_settings=secrets.seal(test_slack.SETTINGS | {"api_base": "http://127.0.0.1:9"}))  # fmt: skip
    assert learn(identity).name == ""
    assert Event.objects.count() == before


def test_who_was_erased_meanwhile_is_not_brought_back(channel: Channel) -> None:
    identity = write(channel)
    Identity.objects.filter(pk=identity.pk).delete()
    profiles.learn(identity.pk, now=now(), net=Net(HERE))
    assert not Identity.objects.filter(kind__in=["slack", "email"]).exists()
