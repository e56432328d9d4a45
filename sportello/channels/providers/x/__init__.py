"""X: direct messages, mentions, replies and quotes."""

from sportello.channels.providers.x.provider import X

provider = X()
