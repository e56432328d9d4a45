"""Facts about people. Payloads hold ids and kinds, never names or addresses."""

from __future__ import annotations

from sportello.core.events import declare

CONTACT_CREATED = declare("contact_created", "added the contact")
CONTACT_CHANGED = declare("contact_changed", "changed the contact")
CONTACT_MERGED = declare(
    "contact_merged", "merged another contact into this one", "contact", "into", "merge"
)
CONTACT_UNMERGED = declare(
    "contact_unmerged", "took a merge of contacts back", "contact", "into", "merge"
)
CONTACTS_SUGGESTED = declare(
    "contacts_suggested", "noticed that two contacts may be one person", "suggestion", "other"
)
SUGGESTION_DISMISSED = declare(
    "suggestion_dismissed", "said that two contacts are not one person", "suggestion", "other"
)
CONTACT_EXPORTED = declare("contact_exported", "exported the contact's data")
CONTACT_ERASED = declare("contact_erased", "erased the contact's data")
CONSENT_NOTED = declare("consent_noted", "noted a consent", "consent", "purpose", "given")
IDENTITY_ADDED = declare("identity_added", "added an address", "identity", "kind")
IDENTITY_REMOVED = declare("identity_removed", "removed an address", "identity", "kind")
IDENTITY_VERIFIED = declare("identity_verified", "proved an address", "identity")
IDENTITY_CLAIMED = declare(
    "identity_claimed", "named an address that is not proved", "identity", "kind"
)
IDENTITY_DOUBTED = declare(
    "identity_doubted",
    "noticed that an address does not tell one person",
    "identity",
    "kind",
    "doubt",
)
IDENTITY_ASKED = declare("identity_asked", "asked to confirm an address", "identity", "way")
IDENTITY_CLEARED = declare(
    "identity_cleared",
    "said that an address tells one person after all",
    "identity",
    "kind",
    "doubt",
)
ORGANIZATION_SAVED = declare("organization_saved", "saved an organization", "organization")
