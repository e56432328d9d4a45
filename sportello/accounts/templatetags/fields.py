"""``{% load fields %}``: a form field as the house draws it, label above and help below."""

from __future__ import annotations

from typing import Any

from django import forms, template
from django.forms import BoundField
from django.utils.safestring import SafeString

register = template.Library()

_CLASSES: dict[type[forms.Widget], str] = {
    forms.CheckboxInput: "check",
    forms.CheckboxSelectMultiple: "checklist",
    forms.RadioSelect: "checklist",
    forms.Textarea: "input area",
    forms.Select: "input pick",
}


@register.filter
def control(field: BoundField) -> SafeString:
    """The bare control, with the class of its kind and ``mono`` where the field asks for it."""
    widget = field.field.widget
    names = next((c for kind, c in _CLASSES.items() if isinstance(widget, kind)), "input")
    if getattr(field.field, "is_mono", False):
        names += " mono"
    given = widget.attrs.get("class", "")
    return field.as_widget(attrs={"class": f"{names} {given}".strip()})


@register.inclusion_tag("accounts/field.html")
def field(
    bound: BoundField, label: str = "", help: str | None = None, wide: bool = False
) -> dict[str, Any]:
    """Label, control, help, errors. ``label`` and ``help`` replace the form's own words."""
    widget = bound.field.widget
    return {
        "field": bound,
        "label": label or bound.label,
        "help": bound.help_text if help is None else help,
        "wide": wide,
        "key": getattr(bound.field, "vendor_key", ""),
        "is_check": isinstance(widget, forms.CheckboxInput),
        "is_secret": isinstance(widget, forms.PasswordInput),
        "is_group": isinstance(widget, forms.CheckboxSelectMultiple | forms.RadioSelect),
    }
