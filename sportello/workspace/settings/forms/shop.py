"""The forms of a connection to a shop: its settings, its fields, its tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from sportello.accounts.models import Brand
from sportello.channels import schema, secrets
from sportello.commerce import mapping
from sportello.commerce.contract import Connector, FieldKind
from sportello.commerce.models import Connection
from sportello.workspace.settings.forms.channel import PREFIX, make_field


class ShopForm(forms.Form):
    """Name, brand, and one field per declared setting. Stored secrets are never sent."""

    shop_name = forms.CharField(
        label=_("Name of the connection"), max_length=100, help_text=_("Only colleagues see it.")
    )
    brand = forms.ModelChoiceField(
        label=_("Brand"), queryset=Brand.objects.order_by("name"), empty_label=None
    )

    def __init__(
        self, *args: Any, code: Connector, connection: Connection | None = None, **kwargs: Any
    ) -> None:
        self.code = code
        sealed = bytes(connection.sealed_settings) if connection else b""
        self.stored = frozenset(secrets.unseal(sealed))
        plain = connection.plain_settings if connection else {}
        initial: dict[str, Any] = {"shop_name": _now(code.name)}
        if connection:
            initial = {"shop_name": connection.name, "brand": connection.brand_id}
        super().__init__(*args, **{"initial": initial} | kwargs)
        for setting in code.settings:
            kept = setting.name in self.stored
            options: dict[str, Any] = {
                "label": _now(setting.label),
                "help_text": _now(setting.help) if setting.help else "",
                "required": setting.required and not kept and setting.kind is not FieldKind.BOOLEAN,
                "initial": plain.get(setting.name, setting.default),
            }
            field = make_field(setting, options, kept)
            field.is_mono = setting.kind in {FieldKind.SECRET, FieldKind.URL}  # type: ignore[attr-defined]
            self.fields[PREFIX + setting.name] = field

    @property
    def usual(self) -> list[BoundField]:
        return [self[PREFIX + s.name] for s in self.code.settings if not s.advanced]

    @property
    def advanced(self) -> list[BoundField]:
        return [self[PREFIX + s.name] for s in self.code.settings if s.advanced]

    @property
    def advanced_has_errors(self) -> bool:
        return any(field.errors for field in self.advanced)

    @property
    def settings(self) -> dict[str, Any]:
        """The connector's settings as typed, by their own names."""
        return {s.name: self.cleaned_data.get(PREFIX + s.name) for s in self.code.settings}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        try:
            schema.clean(self.code, self.settings, kept_secrets=self.stored)
        except schema.BadSettings as bad:
            for name, why in bad.errors.items():
                if PREFIX + name in self.fields and PREFIX + name not in self.errors:
                    self.add_error(PREFIX + name, why)
        return cleaned


class PathForm(forms.Form):
    """Our fields, each with the path where it stands in theirs."""

    def __init__(self, *args: Any, known: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in mapping.FIELDS:
            attrs = {"list": "paths", "autocomplete": "off", "spellcheck": "false"}
            self.fields[name] = forms.CharField(
                label=_now(label),
                max_length=300,
                required=False,
                initial=known.get(name, ""),
                widget=forms.TextInput(attrs=attrs),
            )
            self.fields[name].is_mono = True  # type: ignore[attr-defined]

    @property
    def paths(self) -> dict[str, str]:
        return {name: path for name, path in self.cleaned_data.items() if path}


class ColumnForm(forms.Form):
    """Our fields, each with the column of the table that holds it."""

    def __init__(
        self, *args: Any, columns: Sequence[str], known: dict[str, str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", "–"), *((column, column) for column in columns if column)]
        guesses = guessed(columns) | known
        for name, label in mapping.FIELDS:
            if name != "lines":
                self.fields[name] = forms.ChoiceField(
                    label=_now(label), choices=choices, required=False, initial=guesses.get(name)
                )

    @property
    def columns(self) -> dict[str, str]:
        return {name: column for name, column in self.cleaned_data.items() if column}


GUESSES = {
    "number": ("order", "order number", "number", "ordine", "numero", "numero ordine", "n. ordine"),
    "state": ("status", "state", "stato"),
    "payment": ("payment", "pagamento", "payment status"),
    "placed_at": ("date", "data", "order date", "data ordine", "created at"),
    "total": ("total", "totale", "amount", "importo"),
    "currency": ("currency", "valuta"),
    "email": ("email", "e-mail", "mail"),
    "phone": ("phone", "telefono", "cellulare"),
    "name": ("name", "customer", "cliente", "nome"),
    "tracking_number": ("tracking", "tracking number", "lettera di vettura"),
    "carrier": ("carrier", "corriere"),
    "store": ("store", "shop", "negozio"),
    "line_name": ("product", "prodotto", "article", "articolo", "descrizione"),
    "line_sku": ("sku", "codice", "codice articolo"),
    "line_quantity": ("quantity", "qty", "quantità", "qta"),
    "line_price": ("price", "prezzo", "unit price", "prezzo unitario"),
}


def guessed(columns: Sequence[str]) -> dict[str, str]:
    """Which column probably holds which field, by its name."""
    by_name = {column.strip().lower().replace("_", " "): column for column in columns}
    found: dict[str, str] = {}
    for field, names in GUESSES.items():
        for name in names:
            if name in by_name:
                found[field] = by_name[name]
                break
    return found
