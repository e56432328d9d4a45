"""RCS by Google's RCS for Business."""

from sportello.channels.providers.rcs.provider import Rcs

provider = Rcs()
