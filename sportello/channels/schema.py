"""A provider's declared settings, applied: what a form or the API hands in becomes typed values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from sportello.channels.contract import FieldKind, Setting


class Declares(Protocol):
    """Code of a vendor that says which settings it needs: a provider, a connector."""

    @property
    def settings(self) -> Sequence[Setting]: ...


class BadSettings(ValueError):
    """Some values cannot be used: `errors` maps the setting's name to a sentence for people."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {why}" for name, why in errors.items()))
        self.errors = dict(errors)


def secret_names(provider: Declares) -> frozenset[str]:
    """Names of the settings that are encrypted, never shown, logged or audited."""
    return frozenset(s.name for s in provider.settings if s.kind is FieldKind.SECRET)


def clean(
    provider: Declares, values: Mapping[str, Any], *, kept_secrets: frozenset[str] = frozenset()
) -> tuple[dict[str, Any], dict[str, Any]]:
    """(plain, secret) values of the right types. Raises `BadSettings`.

    A blank secret named in `kept_secrets` is left out of the result: the stored one stays.
    Names that the provider does not declare are refused.
    """
    declared = {setting.name: setting for setting in provider.settings}
    errors = {
        name: _("This provider has no such setting.") for name in values if name not in declared
    }
    plain: dict[str, Any] = {}
    secret: dict[str, Any] = {}
    for name, setting in declared.items():
        raw = values.get(name, setting.default)
        if setting.kind is FieldKind.SECRET and name in kept_secrets and _is_blank(raw):
            continue
        try:
            value = clean_one(setting, raw)
        except ValueError as error:
            errors[name] = str(error)
            continue
        if value is not None:
            (secret if setting.kind is FieldKind.SECRET else plain)[name] = value
    if errors:
        raise BadSettings(errors)
    return plain, {name: value for name, value in secret.items() if value}


def clean_one(setting: Setting, raw: Any) -> Any:
    """One value. Raises `ValueError` with a sentence for people."""
    if setting.kind is FieldKind.BOOLEAN:
        return raw if isinstance(raw, bool) else str(raw).lower() in {"1", "true", "on", "yes"}
    if setting.kind is FieldKind.LINES:
        return _lines(setting, raw)
    text = "" if raw is None else str(raw).strip()
    if not text:
        if setting.required:
            raise ValueError(_("This is needed."))
        return None if setting.kind is FieldKind.NUMBER else ""
    if "\x00" in text or (setting.kind is not FieldKind.TEXT and "\n" in text):
        raise ValueError(_("This holds characters that cannot be used here."))
    check = _CHECKS.get(setting.kind)
    return check(setting, text) if check else text


def _is_blank(raw: Any) -> bool:
    return raw is None or not str(raw).strip()


def _lines(setting: Setting, raw: Any) -> list[str]:
    lines = raw.splitlines() if isinstance(raw, str) else list(raw or [])
    kept = [str(line).strip() for line in lines if str(line).strip()]
    if setting.required and not kept:
        raise ValueError(_("At least one line is needed."))
    return kept


def _number(setting: Setting, text: str) -> int:
    if not text.lstrip("-").isdecimal():
        raise ValueError(_("This must be a whole number."))
    return int(text)


def _url(setting: Setting, text: str) -> str:
    try:
        parts = urlsplit(text)
        usable = parts.scheme in {"http", "https", "smtp", "smtps"} and bool(parts.hostname)
    except ValueError:
        usable = False
    if not usable:
        raise ValueError(_("This must be a full address, such as https://example.org."))
    return text


def _email(setting: Setting, text: str) -> str:
    try:
        validate_email(text)
    except ValidationError:
        raise ValueError(_("This must be an e-mail address, such as help@example.org.")) from None
    return text.lower()


def _choice(setting: Setting, text: str) -> str:
    if text not in {value for value, label in setting.choices}:
        raise ValueError(_("Choose one of the listed values."))
    return text


_CHECKS = {
    FieldKind.NUMBER: _number,
    FieldKind.URL: _url,
    FieldKind.EMAIL: _email,
    FieldKind.CHOICE: _choice,
}
