"""Why a verb of writing says no."""

from __future__ import annotations

from django.utils.translation import gettext as _

from sportello.tickets.models import Message


class Unreachable(Exception):
    """The contact cannot be reached on that channel; the message says why."""


class Empty(ValueError):
    """Nothing to send: neither words nor files."""


class TooLate(Exception):
    """It has left already and cannot be taken back."""


class Crossed(Exception):
    """A colleague answered since the writer last looked. Nothing was sent."""

    def __init__(self, message: Message) -> None:
        super().__init__(_("A colleague has answered in the meantime."))
        self.message = message
