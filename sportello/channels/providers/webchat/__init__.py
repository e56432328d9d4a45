"""Chat on the company's own site: our widget, our socket, no vendor."""

from sportello.channels.providers.webchat.provider import WebChat

provider = WebChat()
