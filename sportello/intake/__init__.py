"""Doors for what comes in: webhooks, SMTP receiver, IMAP."""
