"""WhatsApp Cloud API: Meta's own, without a middleman."""

from sportello.channels.providers.whatsapp.provider import WhatsApp

provider = WhatsApp()
