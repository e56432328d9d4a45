"""A ticket's lines of talk, one per channel and stranger, and who else is on them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from sportello.channels.models import Channel
from sportello.contacts.models import Identity
from sportello.tickets.models.ticket import Ticket


class Thread(models.Model):
    """One line of talk of a ticket on one channel: a mail chain, a chat session, a comment tree."""

    id = models.BigAutoField(primary_key=True)
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="threads")
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, db_index=False)
    identity = models.ForeignKey(Identity, on_delete=models.SET_NULL, null=True)
    external_ref = models.TextField(db_default="")
    is_open = models.BooleanField(db_default=True)
    is_public = models.BooleanField(db_default=False)
    """Strangers read along: no window there, and what is private is said on another thread."""
    window_until = models.DateTimeField(null=True)
    """Until when the channel takes any answer; see `ways.windows`."""
    last_message_at = models.DateTimeField()
    created_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(
                fields=["channel", "identity", "-id"],
                condition=Q(is_open=True),
                name="thread_open_talk",
            ),
            models.Index(
                fields=["channel", "external_ref"], condition=~Q(external_ref=""), name="thread_ref"
            ),
        ]


class Participant(models.Model):
    """Somebody else on a thread: gets copies of its mails (Cc) or speaks there; has no right to see the rest."""

    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="participants")
    address = models.CharField(max_length=320)
    name = models.CharField(max_length=200, blank=True)
    added_by = models.CharField(max_length=64)
    """``agent:<id>`` when an agent added or accepted him, ``mail`` when seen in a Cc, ``talk`` when he spoke."""
    is_active = models.BooleanField(default=True)
    """Gets copies and may answer. A Cc of an unproved mail starts out inactive."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["thread", "address"], name="participant_once")
        ]
