"""Text messages by Vonage."""

from sportello.channels.providers.vonage.provider import Vonage

provider = Vonage()
