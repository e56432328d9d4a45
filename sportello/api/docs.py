"""``/api/docs``: the description as a page of our own, drawn from the schema."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from sportello.api.problems import TYPES

METHODS = ("get", "post", "patch", "delete")


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    type: str
    required: bool
    about: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    method: str
    path: str
    anchor: str
    summary: str
    about: str
    parameters: tuple[Field, ...]
    body: tuple[Field, ...]
    answers: tuple[tuple[str, tuple[Field, ...]], ...]


@dataclass(frozen=True, slots=True)
class Group:
    name: str
    calls: tuple[Call, ...]


def docs(request: HttpRequest) -> HttpResponse:
    context = {"groups": groups(), "problems": sorted(TYPES.items())}
    return render(request, "api/docs.html", context)


@cache
def groups() -> tuple[Group, ...]:
    """The calls by noun, in the order in which they are put together."""
    from sportello.api.api import api

    schema: Any = api.get_openapi_schema()
    found: dict[str, list[Call]] = {}
    for path, operations in schema["paths"].items():
        for method in METHODS:
            if method in operations:
                call = _call(schema, method, path, operations[method])
                found.setdefault(operations[method]["tags"][0], []).append(call)
    return tuple(Group(name, tuple(calls)) for name, calls in found.items())


def _call(schema: Any, method: str, path: str, operation: Any) -> Call:
    body = operation.get("requestBody", {}).get("content", {})
    shape: Any = next((content["schema"] for content in body.values()), {})
    parameters = tuple(
        Field(
            p["name"],
            _type(schema, p["schema"]),
            p.get("required", False),
            p["schema"].get("description", ""),
        )
        for p in operation.get("parameters", [])
        if p["in"] == "query"
    )
    return Call(
        method=method.upper(),
        path=path,
        anchor=operation["operationId"].removeprefix("sportello_api_routers_"),
        summary=operation.get("summary", ""),
        about=operation.get("description", ""),
        parameters=parameters,
        body=_fields(schema, shape),
        answers=tuple(
            (
                str(status),
                _fields(
                    schema, next(iter(answer.get("content", {"": {}}).values())).get("schema", {})
                ),
            )
            for status, answer in operation["responses"].items()
        ),
    )


def _resolved(schema: Any, shape: Any) -> Any:
    if "$ref" in shape:
        return schema["components"]["schemas"][shape["$ref"].rsplit("/", 1)[1]]
    for one in shape.get("anyOf", []):
        if "$ref" in one:
            return _resolved(schema, one)
    return shape


def _fields(schema: Any, shape: Any) -> tuple[Field, ...]:
    found = _resolved(schema, shape)
    required = set(found.get("required", []))
    return tuple(
        Field(name, _type(schema, part), name in required, part.get("description", ""))
        for name, part in found.get("properties", {}).items()
    )


def _type(schema: Any, shape: Any) -> str:
    """``string``, ``list of Ticket``, ``new | open | …``."""
    if "$ref" in shape:
        target = _resolved(schema, shape)
        if "properties" not in target:
            return _type(schema, target)
        inner = ", ".join(target["properties"])
        return f"{{{inner}}}"
    if "anyOf" in shape:
        return " or ".join(dict.fromkeys(_type(schema, one) for one in shape["anyOf"]))
    if "enum" in shape:
        return " | ".join(str(value) for value in shape["enum"] if value != "")
    if shape.get("type") == "array":
        return f"list of {_type(schema, shape.get('items', {}))}"
    if shape.get("format") in {"date-time", "binary"}:
        return {"date-time": "time", "binary": "file"}[shape["format"]]
    return str(shape.get("type", "any"))
