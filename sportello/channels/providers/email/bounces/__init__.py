"""Mails that say that a mail did not arrive: standard reports, and the many that are not."""

from sportello.channels.providers.email.bounces.reading import Bounce, read
from sportello.channels.providers.email.bounces.reasons import Report

__all__ = ["Bounce", "Report", "read"]
