"""Forms about the daily work: saved replies, tags, custom fields."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from sportello.automation.models import SavedReply
from sportello.automation.placeholders import KNOWN, unknown
from sportello.contacts.models import ProfileField
from sportello.core.fields import CompanyField
from sportello.tickets.models import CustomField, Tag
from sportello.workspace.settings.forms.company import languages


class ReplyForm(forms.ModelForm[SavedReply]):
    language = forms.ChoiceField(
        label=_("Language"),
        choices=lambda: [("", _now("Every language")), *languages()],
        required=False,
    )

    class Meta:
        model = SavedReply
        fields = ("title", "shortcut", "text", "language", "team", "brand")
        labels: ClassVar = {
            "title": _("Title"),
            "shortcut": _("Shortcut"),
            "text": _("Text"),
            "team": _("Team"),
            "brand": _("Brand"),
        }
        help_texts: ClassVar = {"shortcut": _("Called in the composer with a slash, as /refund.")}
        widgets: ClassVar = {"text": forms.Textarea(attrs={"rows": 8})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["team"].empty_label = _("Every team")  # type: ignore[attr-defined]
        self.fields["brand"].empty_label = _("Every brand")  # type: ignore[attr-defined]
        listed = ", ".join("{{" + name + "}}" for name in KNOWN)
        self.fields["text"].help_text = _now("Filled in when used: %(names)s.") % {"names": listed}

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        for name in unknown(text):
            raise forms.ValidationError(
                _now("Nothing is called %(name)s."), params={"name": "{{" + name + "}}"}
            )
        return text


class TagForm(forms.ModelForm[Tag]):
    class Meta:
        model = Tag
        fields = ("name", "description")
        labels: ClassVar = {"name": _("Name"), "description": _("What it is for")}

    def clean_name(self) -> str:
        name: str = " ".join(self.cleaned_data["name"].lower().split())
        if "," in name:
            raise forms.ValidationError(_now("A comma cannot be part of a tag."))
        return name


TICKET = "ticket"


def belongs_to() -> list[tuple[str, str]]:
    """What a field can be about."""
    return [(TICKET, _now("Tickets")), *((str(v), str(n)) for v, n in ProfileField.Of.choices)]


class _FieldForm[Field: CompanyField](forms.ModelForm[Field]):
    of = forms.ChoiceField(label=_("Belongs to"), choices=belongs_to, required=False)
    choices = forms.CharField(
        label=_("Choices"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("One a line, for fields of type choice."),
    )

    class Meta:
        fields = ("label", "of", "key", "type", "choices", "position")
        labels: ClassVar = {
            "label": _("Label"),
            "key": _("Key"),
            "type": _("Type"),
            "position": _("Position"),
        }
        help_texts: ClassVar = {"key": _("Its name in the API. It cannot change later.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["choices"] = "\n".join(self.instance.choices)
            self.fields["key"].disabled = self.fields["of"].disabled = True

    def clean_choices(self) -> list[str]:
        lines = (line.strip() for line in self.cleaned_data["choices"].splitlines())
        return list(dict.fromkeys(line[:100] for line in lines if line))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("type") == CompanyField.FieldType.CHOICE and not cleaned.get("choices"):
            self.add_error("choices", _now("At least one choice is needed."))
        return cleaned


class FieldForm(_FieldForm[CustomField]):
    class Meta(_FieldForm.Meta):
        model = CustomField


class ProfileFieldForm(_FieldForm[ProfileField]):
    class Meta(_FieldForm.Meta):
        model = ProfileField

    def clean_key(self) -> str:
        key: str = self.cleaned_data["key"]
        twins = ProfileField.objects.filter(of=self.data.get("of"), key=key)
        if not self.instance.pk and twins.exists():
            raise forms.ValidationError(_now("There is a field with this key already."))
        return key
