"""Text messages by Twilio."""

from sportello.channels.providers.twilio.provider import Twilio

provider = Twilio()
