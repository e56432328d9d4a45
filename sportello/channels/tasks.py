"""Thin jobs."""

from procrastinate.contrib.django import app

from sportello.channels import keys, templates
from sportello.channels.models import Channel
from sportello.core.clock import now


@app.task(name="channels.sync_templates", queue="channels")
def sync_templates(channel_id: int) -> None:
    """Fetch the approved templates of one channel."""
    channel = Channel.objects.filter(pk=channel_id, is_active=True).first()
    if channel is not None:
        templates.sync(channel, now=now())


@app.task(name="channels.ask_expiry", queue="channels")
def ask_expiry(channel_id: int) -> None:
    """Ask until when one channel's key is good."""
    channel = Channel.objects.filter(pk=channel_id, is_active=True).first()
    if channel is not None:
        keys.ask(channel, now=now())
