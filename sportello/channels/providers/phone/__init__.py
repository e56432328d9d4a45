"""The telephone: calls that agents write down. No switchboard."""

from sportello.channels.providers.phone.provider import Phone

provider = Phone()
