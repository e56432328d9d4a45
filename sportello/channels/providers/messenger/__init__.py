"""Messenger: direct messages to a Facebook page."""

from sportello.channels.providers.messenger.provider import Messenger

provider = Messenger()
