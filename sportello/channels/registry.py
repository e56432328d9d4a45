"""Which providers there are: every folder under ``channels/providers`` that exposes `provider`."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module

from sportello.channels import providers
from sportello.channels.contract import Provider


class UnknownProvider(LookupError):
    """No provider of that kind is installed."""


@cache
def all_providers() -> dict[str, Provider]:
    """Kind → provider, in alphabetical order of kind."""
    found: dict[str, Provider] = {}
    for module in sorted(pkgutil.iter_modules(providers.__path__), key=lambda m: m.name):
        if module.ispkg:
            provider: Provider = import_module(f"{providers.__name__}.{module.name}").provider
            found[provider.kind] = provider
    return found


def offered() -> list[Provider]:
    """Those that an administrator may choose from."""
    return [provider for provider in all_providers().values() if not provider.is_internal]


def get(kind: str) -> Provider:
    """The provider of that kind. Raises `UnknownProvider`."""
    try:
        return all_providers()[kind]
    except KeyError:
        raise UnknownProvider(f"There is no provider of kind “{kind}”.") from None
