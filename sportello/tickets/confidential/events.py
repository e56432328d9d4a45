"""Facts about covered data and secure forms. Payloads hold ids and kinds, never a value."""

from sportello.core.events import declare

ORIGINAL_REVEALED = declare("original_revealed", "looked at covered data", "message")
SECURE_FORM_SENT = declare("secure_form_sent", "asked for data by a secure form", "form", "fields")
SECURE_FORM_ANSWERED = declare(
    "secure_form_answered", "filled in the secure form", "form", "fields"
)
SECURE_FORM_WITHDRAWN = declare("secure_form_withdrawn", "withdrew the secure form", "form")
SECURE_FORM_READ = declare("secure_form_read", "read the answers of a secure form", "form")
