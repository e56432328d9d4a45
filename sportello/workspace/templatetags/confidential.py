"""``{% load confidential %}``: covered data in words, and a person's consents and rights."""

from __future__ import annotations

from typing import Any

from django import template

from sportello.contacts.models import Contact
from sportello.tickets.confidential import documents, words
from sportello.workspace.privacy_block import block

register = template.Library()
register.filter("kind_name", words.kind_name)
register.filter("kind_names", words.kind_names)
register.filter("shut_kinds", documents.shut)
register.filter("field_name", words.field_name)
register.filter("field_names", words.field_names)


@register.inclusion_tag("workspace/contacts/privacy.html", takes_context=True)
def privacy(context: Any, contact: Contact) -> dict[str, Any]:
    """Consents and data rights of a contact, with the forms that change them: place it on any page."""
    request = context["request"]
    return {
        "privacy": block(contact, request.user),
        "request": request,
        "csrf_token": context["csrf_token"],
    }
