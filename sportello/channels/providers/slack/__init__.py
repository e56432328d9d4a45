"""Slack, for business customers: shared channels and direct messages."""

from sportello.channels.providers.slack.provider import Slack

provider = Slack()
