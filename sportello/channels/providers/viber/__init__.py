"""Viber bots."""

from sportello.channels.providers.viber.provider import Viber

provider = Viber()
