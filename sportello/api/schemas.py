"""Shapes that many calls share. What comes in forbids every field that is not named."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

BIGGEST = 2**63 - 1
DEEPEST = 40
MOST_DATA = 65_536

Id = Annotated[int, Field(ge=1, le=BIGGEST)]
Number = Annotated[int, Field(ge=1, le=BIGGEST, description="The ticket's number.")]
Limit = Annotated[int, Field(ge=1, le=100)]
Line = Annotated[str, Field(max_length=500)]
Text = Annotated[str, Field(max_length=200_000)]


def _in_utc(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("A time needs its zone, like 2026-11-21T09:00:00Z.")
    try:
        return value.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("This time is out of range.") from error


Moment = Annotated[datetime, AfterValidator(_in_utc)]


def _small(value: dict[str, Any]) -> dict[str, Any]:
    if len(json.dumps(value)) > MOST_DATA:
        raise ValueError(f"This may have up to {MOST_DATA} characters as JSON.")
    return value


Data = Annotated[dict[str, Any], AfterValidator(_small)]


class In(BaseModel):
    """What a client sends."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _storable(cls, data: Any) -> Any:
        check_storable(data)
        return data


def check_storable(data: Any, depth: int = 0) -> None:
    """PostgreSQL keeps neither NUL nor halves of surrogate pairs. Raises `ValueError`."""
    if depth > DEEPEST:
        raise ValueError("This is nested too deeply.")
    if isinstance(data, str):
        if "\x00" in data or any("\ud800" <= c <= "\udfff" for c in data):
            raise ValueError("Text holds a character that cannot be stored.")
    elif isinstance(data, dict):
        for key, value in data.items():
            check_storable(key)
            check_storable(value, depth + 1)
    elif isinstance(data, list):
        for value in data:
            check_storable(value, depth + 1)
    elif isinstance(data, float) and not -1e308 < data < 1e308:
        raise ValueError("A number is out of range.")


class Out(BaseModel):
    """What we answer: only what is named leaves."""


class Ref(In):
    """Names a row by its id."""

    id: Id


class Named(Out):
    id: int
    name: str


class Page[T](Out):
    items: list[T]
    next_cursor: str | None


class Paged(In):
    limit: Limit = 50
    cursor: str = ""
