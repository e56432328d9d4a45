"""Thin jobs."""

from procrastinate.contrib.django import app

from sportello.contacts import profiles
from sportello.core.clock import now


@app.task(name="contacts.learn_profile", queue="channels")
def learn_profile(identity_id: int) -> None:
    """Ask the vendor who somebody is."""
    profiles.learn(identity_id, now=now())
