"""Telegram bots."""

from sportello.channels.providers.telegram.provider import Telegram

provider = Telegram()
