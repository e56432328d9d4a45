"""Twilio: who signed a call, and the REST API."""
