"""The operations registry: what a rule, a macro, the assistant, the API or a bulk action may do.

One file per operation under a room's ``operations/``; each is declared with its name, its label and
a frozen dataclass of parameters, from which forms and the API derive their schema.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sportello.core.actors import Actor


class Run(Protocol):
    """Do it to one ticket. Runs its own transaction and records its own events."""

    def __call__(self, *, ticket: Any, actor: Actor, now: datetime, params: Any) -> Any: ...


@dataclass(frozen=True, slots=True)
class Operation:
    name: str
    label: str
    params: type
    run: Run
    writes_to_customer: bool = False
    """True when the customer sees it: refused to light agents."""


class UnknownOperation(LookupError):
    """No operation of that name."""


_registry: dict[str, Operation] = {}


def operation[F: Callable[..., Any]](
    *, name: str, label: str, params: type, writes_to_customer: bool = False
) -> Callable[[F], F]:
    """Declare the decorated function as an operation."""

    def register(run: F) -> F:
        _registry[name] = Operation(name, label, params, run, writes_to_customer)
        return run

    return register


def get(name: str) -> Operation:
    """Raises `UnknownOperation`."""
    try:
        return _registry[name]
    except KeyError:
        raise UnknownOperation(name) from None


def all_operations() -> Mapping[str, Operation]:
    return _registry
