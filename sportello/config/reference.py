"""``python -m sportello.config.reference [--check]``: writes ``docs/reference`` from what the code declares.

With ``--check`` nothing is written; the exit code is 1 when a page differs from the code.
"""

from __future__ import annotations

import argparse
import dataclasses
import importlib
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path

from sportello.config.env import ROOT, Env

PAGES = ROOT / "docs" / "reference"
_NOTE = "<!-- Written by `python -m sportello.config.reference`. Do not edit. -->"

VARIABLES: dict[str, tuple[str, str]] = {
    "SPORTELLO_URL": ("`http://localhost:8000`", "Public base address. With `https://` cookies are secure and HSTS is sent."),
    "SPORTELLO_HOST": ("`127.0.0.1`", "Address on which the web port listens."),
    "SPORTELLO_PORT": ("`8000`", "Web port: pages, API, webhooks, sockets."),
    "SPORTELLO_SMTP_HOST": ("`SPORTELLO_HOST`", "Address on which the mail receiver listens."),
    "SPORTELLO_SMTP_PORT": ("`2525`", "Port of the mail receiver."),
    "SPORTELLO_SMTP_NAME": ("host name", "Name that the mail receiver says in its greeting."),
    "SPORTELLO_SMTP_CERT": ("", "Certificate file: the mail receiver offers STARTTLS."),
    "SPORTELLO_SMTP_KEY": ("", "Key file of that certificate."),
    "SPORTELLO_DATA_DIR": ("`var`", "Data directory: embedded database, files, secret key."),
    "SPORTELLO_DEMO": ("`1`", "`0` leaves the demo company out and refuses the demo's password."),
    "SPORTELLO_DEBUG": ("`0`", "Django's debug pages and readable front-end code. Never in production."),
    "SPORTELLO_SECRET_KEY": ("made once", "Signs sessions and mail tokens, seals channel secrets. Default: `secret_key` in the data directory."),
    "SPORTELLO_FILES_URL": ("", "Another origin for files, on another registrable domain."),
    "SPORTELLO_TIMEZONE": ("`Europe/Rome`", "Zone used before the company has chosen one."),
    "SPORTELLO_INTAKE_RATE": ("`0`", "Webhook requests a second that one channel may send, in each web process; more get 429. 0 is no limit."),
    "SPORTELLO_TRUSTED_PROXIES": ("`0`", "How many proxies in front are believed about client address and TLS."),
    "SPORTELLO_ALLOW_NETWORKS": ("", "Private networks (CIDRs) that outgoing calls may reach all the same."),
    "DATABASE_URL": ("embedded", "PostgreSQL 16 or newer, as a libpq URL. Empty: the embedded server."),
    "REDIS_URL": ("", "Redis or Valkey for pokes between nodes and for the cache."),
    "SPORTELLO_SCANS": ("`scans` in the data directory", "Where the folders of scanned letters lie, one for each letter channel."),
    "SPORTELLO_CLAMAV": ("", "ClamAV's clamd, `host:port` or the path of its socket. Every file is scanned; infected ones are locked up. Empty: no scanning."),
    "SSL_CERT_FILE": ("", "File with certificate authorities (PEM) that mail servers and web services are believed by, besides the system's."),
    "SSL_CERT_DIR": ("", "The same as a folder prepared with `openssl rehash`."),
    "EMAIL_URL": ("", "Relay for outgoing mail, `smtp://user:password@host:port`. Empty: mail stays in the outbox."),
}  # fmt: skip
"""Variable → (default, meaning). `undescribed` finds those that the code reads and this table forgot."""


def main(argv: Sequence[str] | None = None) -> int:
    """Write the pages, or check them. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m sportello.config.reference")
    parser.add_argument("--check", action="store_true", help="write nothing, compare")
    options = parser.parse_args(argv)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sportello.config.settings")
    import django
    from django.utils import translation

    django.setup()
    with translation.override("en"):
        pages = {name: write() for name, write in _WRITERS.items()}
    stale = [name for name, text in pages.items() if _read(PAGES / name) != text]
    if not options.check:
        PAGES.mkdir(parents=True, exist_ok=True)
        for name in stale:
            (PAGES / name).write_text(pages[name], "utf-8")
        print(f"{len(stale)} of {len(pages)} pages written.")
        return 0
    for name in stale:
        print(f"docs/reference/{name} is out of date: python -m sportello.config.reference")
    for name in undescribed():
        print(f"{name} is read by the code and not described in sportello/config/reference.py")
    return 1 if stale or undescribed() else 0


def _read(path: Path) -> str:
    return path.read_text("utf-8") if path.exists() else ""


def events() -> str:
    """Every declared fact, its payload, and who follows it."""
    from sportello.core.consumers import all_consumers
    from sportello.core.events import event_types

    _know_all()
    followers = sorted(all_consumers(), key=lambda c: c.name)
    rows = [
        (
            f"`{kind.name}`",
            kind.sentence,
            _codes(sorted(kind.payload)),
            _codes(c.name for c in followers if not c.types or kind.name in c.types),
        )
        for _, kind in sorted(event_types().items())
    ]
    return _page(
        "Events",
        "Facts in the log, past tense. Payloads hold ids, enums and numbers, never what people wrote. Sockets and "
        "`GET /api/v1/events` read all of them by id; the last column names the consumers in the worker.",
        _table(("event", "said of whoever did it", "payload", "consumers"), rows),
    )


def _know_all() -> None:
    """Rooms declare their facts and consumers when these modules are imported."""
    for name in ("events", "subscribers"):
        for path in sorted((ROOT / "sportello").glob(f"*/{name}.py")):
            importlib.import_module(f"sportello.{path.parent.name}.{name}")


def operations() -> str:
    """What rules, macros, the API and bulk actions may do."""
    from sportello.core.operations import all_operations

    rows = [
        (
            f"`{op.name}`",
            op.label,
            _codes(f"{f.name}: {f.type}" for f in dataclasses.fields(op.params)),
            "yes" if op.writes_to_customer else "",
        )
        for _, op in sorted(all_operations().items())
    ]
    return _page(
        "Operations",
        "Each is one file in a room's `operations/`. Those of the last column are refused to light agents.",
        _table(("operation", "label", "parameters", "needs the right to answer"), rows),
    )


def providers() -> str:
    """Providers and what each can do."""
    from sportello.channels.contract import Capabilities
    from sportello.channels.registry import offered

    shown = offered()
    names = [f.name for f in dataclasses.fields(Capabilities)]
    matrix = _table(
        ("capability", *(p.name for p in shown)),
        [(_words(n), *(_ability(n, getattr(p.capabilities, n)) for p in shown)) for n in names],
    )
    parts = [matrix]
    for provider in shown:
        rows = [
            (
                f"`{s.name}`",
                s.label,
                str(s.kind) + (", required" if s.required else ""),
                _said(s.default),
                s.help,
            )
            for s in provider.settings
        ]
        parts.append(
            f"## {provider.name} (`{provider.kind}`)\n\nIdentity: `{provider.identity_kind}`.\n\n"
            + _table(("setting", "label", "type", "default", "help"), rows)
        )
    return _page(
        "Providers",
        "What each provider can do. An empty cell means that the provider cannot be told.",
        "\n\n".join(parts),
    )


def environment() -> str:
    """What the operator sets by environment."""
    rows = [
        (f"`{name}`", default, meaning) for name, (default, meaning) in sorted(VARIABLES.items())
    ]
    return _page(
        "Environment variables",
        "Process settings. All others are in the settings pages, with an audit trail.",
        _table(("variable", "default", "meaning"), rows),
    )


def commands() -> str:
    """The command line."""
    from sportello.config.cli import _parser

    rows = []
    for action in _parser()._actions:
        if isinstance(action, argparse._SubParsersAction):
            helps = {choice.dest: choice.help or "" for choice in action._choices_actions}
            for name, sub in action.choices.items():
                words = " ".join(_argument(a) for a in sub._actions if _is_told(a))
                rows.append(
                    (f"`sportello {name}{' ' if words else ''}{words}`", helps.get(name, ""))
                )
    return _page(
        "Commands",
        "The console script is `.venv/bin/sportello`; `python -m sportello` is the same. Every command finds the "
        "embedded database by `SPORTELLO_DATA_DIR`, or starts it for as long as it needs it.",
        _table(("command", "does"), rows),
    )


def undescribed() -> list[str]:
    """Variables that the code reads and `VARIABLES` does not know."""
    pattern = re.compile(
        r"(?:environ(?:\.get)?[\[(]|_port\(environ, |_flag\(environ, )\s*f?\"((?:SPORTELLO_|REDIS_|DATABASE_|EMAIL_)[A-Z_]+)\""
    )
    used: set[str] = set()
    for path in sorted((ROOT / "sportello").rglob("*.py")):
        used |= set(pattern.findall(path.read_text("utf-8")))
    return sorted(used - VARIABLES.keys())


def _is_told(action: argparse.Action) -> bool:
    return action.dest != "help" and action.help is not argparse.SUPPRESS


def _argument(action: argparse.Action) -> str:
    if action.option_strings:
        value = "" if action.nargs == 0 else f" {action.dest.upper()}"
        return f"[{action.option_strings[0]}{value}]"
    return f"[{action.dest} …]" if action.nargs in {"*", argparse.REMAINDER} else f"<{action.dest}>"


def _ability(name: str, value: object) -> str:
    match value:
        case bool():
            return "yes" if value else ""
        case int() if name == "max_file_bytes" and value:
            return f"{value // (1024 * 1024)} MB"
        case int():
            return f"{value:,}" if value else ""
        case timedelta():
            return f"{value.total_seconds() / 3600:g} h"
        case _:
            return ""


def _words(name: str) -> str:
    return (
        name.replace("_", " ")
        .replace("max file bytes", "largest file")
        .replace("max text", "longest text")
    )


def _said(value: object) -> str:
    return "" if value in ("", None) else f"`{value}`"


def _codes(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _page(title: str, lead: str, body: str) -> str:
    return f"{_NOTE}\n# {title}\n\n{lead}\n\n{body}\n"


def fields_without_variable() -> Iterator[str]:
    """Fields of `Env` whose variable is not described."""
    known = {name.removeprefix("SPORTELLO_").lower() for name in VARIABLES}
    for field in dataclasses.fields(Env):
        if field.name not in known:
            yield field.name


def api() -> str:
    """The calls of `/api/v1`."""
    from sportello.api import reference

    return f"{_NOTE}\n{reference.page()}"


_WRITERS: dict[str, Callable[[], str]] = {
    "events.md": events,
    "operations.md": operations,
    "providers.md": providers,
    "environment.md": environment,
    "commands.md": commands,
    "api.md": api,
}

if __name__ == "__main__":
    sys.exit(main())
