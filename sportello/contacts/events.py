"""Facts about people. Payloads hold ids and kinds, never names or addresses."""

from __future__ import annotations

from sportello.core.events import declare

CONTACT_CREATED = declare("contact_created", "added the contact")
CONTACT_CHANGED = declare("contact_changed", "changed the contact")
CONTACT_MERGED = declare(
    "contact_merged", "merged another contact into this one", "contact", "into"
)
CONTACT_EXPORTED = declare("contact_exported", "exported the contact's data")
CONTACT_ERASED = declare("contact_erased", "erased the contact's data")
IDENTITY_ADDED = declare("identity_added", "added an address", "identity", "kind")
IDENTITY_REMOVED = declare("identity_removed", "removed an address", "identity", "kind")
IDENTITY_VERIFIED = declare("identity_verified", "proved an address", "identity")
