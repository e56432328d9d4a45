"""Text messages by CM.com."""

from sportello.channels.providers.cm.provider import Cm

provider = Cm()
