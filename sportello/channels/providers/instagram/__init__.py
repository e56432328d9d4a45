"""Instagram: direct messages, comments and mentions."""

from sportello.channels.providers.instagram.provider import Instagram

provider = Instagram()
