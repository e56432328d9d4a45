"""Any app as a channel: documented JSON in and out, signed both ways."""

from sportello.channels.providers.webhook.provider import WebhookChannel

provider = WebhookChannel()
