"""Which connectors there are: every folder under ``commerce/connectors`` that exposes `connector`."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module

from sportello.commerce import connectors
from sportello.commerce.contract import Connector


class UnknownConnector(LookupError):
    """No connector of that kind is installed."""


@cache
def all_connectors() -> dict[str, Connector]:
    """Kind → connector, in alphabetical order of kind."""
    found: dict[str, Connector] = {}
    for module in sorted(pkgutil.iter_modules(connectors.__path__), key=lambda m: m.name):
        if module.ispkg:
            code: Connector = import_module(f"{connectors.__name__}.{module.name}").connector
            found[code.kind] = code
    return found


def offered() -> list[Connector]:
    """Those that an administrator may choose from."""
    return [code for code in all_connectors().values() if not code.is_internal]


def get(kind: str) -> Connector:
    """The connector of that kind. Raises `UnknownConnector`."""
    try:
        return all_connectors()[kind]
    except KeyError:
        raise UnknownConnector(f"There is no connector of kind “{kind}”.") from None
