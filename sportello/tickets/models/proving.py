"""Addresses that are asked to prove themselves."""

from __future__ import annotations

from django.db import models

from sportello.contacts.models import Contact
from sportello.tickets.models.ticket import Ticket


class Proving(models.Model):
    """A link sent to a claimed address: opening it and pressing the button proves the address."""

    token_hash = models.CharField(max_length=64, unique=True)
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE)
    kind = models.CharField(max_length=24, default="email")
    address = models.CharField(max_length=320)
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
