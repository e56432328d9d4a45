"""LINE official accounts."""

from sportello.channels.providers.line.provider import Line

provider = Line()
