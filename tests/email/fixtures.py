"""Where the shared mails lie, and small builders for our own."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from sportello.channels.contract import Inbound, Raw
from sportello.channels.providers.email import provider

ROOT = Path(
    os.environ.get(
        "SPORTELLO_FIXTURES", Path(__file__).resolve().parents[3] / "shared" / "fixtures"
    )
)
OWN = {"address": "help@shop.example"}


def folder(name: str) -> Path:
    """A folder of shared mails; skips the test (fails it under CI) where they are not at hand."""
    path = ROOT / name
    if not path.is_dir():
        message = f"{path} is not there: the shared mails lie beside the repository"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return path


def files(name: str) -> Iterator[Path]:
    for path in sorted(folder(name).rglob("*")):
        if (
            path.is_file()
            and not path.name.startswith(".")
            and path.suffix not in (".json", ".png", ".raw", ".md")
        ):
            yield path


def read(raw: bytes, *, settings: Mapping[str, Any] = OWN, **extra: Any) -> Inbound:
    """The one inbound message of a mail."""
    [parsed] = provider.parse(Raw(raw, **extra), settings)
    assert isinstance(parsed, Inbound), parsed
    assert "unreadable" not in parsed.meta
    return parsed


def mail(body: str = "Hello\n", *, html: bool = False, **headers: str) -> bytes:
    """A small mail. Header names with underscores for dashes."""
    fields = {
        "From": "Anna <anna@home.example>",
        "To": "help@shop.example",
        "Message-ID": "<m1@home.example>",
    }
    fields |= {"Content-Type": f"text/{'html' if html else 'plain'}; charset=utf-8"}
    fields |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items() if value)
    return (head + "\r\n" + body).encode()
