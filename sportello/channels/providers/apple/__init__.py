"""Apple Messages for Business, for who is his own messaging service provider."""

from sportello.channels.providers.apple.provider import Apple

provider = Apple()
