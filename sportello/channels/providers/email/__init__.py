"""Electronic mail."""

from sportello.channels.providers.email.provider import EmailProvider

provider = EmailProvider()
