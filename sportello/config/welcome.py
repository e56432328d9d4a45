"""What ``serve`` prints when it is ready, and the way in for the first person. No Django here."""

from __future__ import annotations

import os
from contextlib import suppress

import psycopg

from sportello.config.env import ROOT, Env


def greeting(env: Env) -> str:
    """Where to click, and how to sign in."""
    lines = ["", f"Sportello is ready (process {os.getpid()}).", "", f"  Workspace  {env.url}/app"]
    if env.demo:
        lines += [
            f"  Shop       {env.url}/demo/shop      the chat bubble, as a customer",
            f"  Mail       assistenza@bottega-aurora.example, by SMTP on port {env.smtp_port}",
            "",
            "  Log in as  admin@  giulia@  marco@  sara@bottega-aurora.example",
            "  Password   aurora-demo",
        ]
    elif _nobody_yet(env):
        lines += [
            "",
            "  Nobody can sign in yet. In another terminal:",
            f"  {_place(env)}.venv/bin/sportello invite you@company.example",
            "  It prints a link that makes you the administrator.",
        ]
    return "\n".join([*lines, "", "  Ctrl-C stops it.", ""])


def _nobody_yet(env: Env) -> bool:
    with suppress(psycopg.Error), psycopg.connect(env.dsn, connect_timeout=5) as connection:
        row = connection.execute("SELECT EXISTS (SELECT FROM accounts_agent)").fetchone()
        return row is not None and not row[0]
    return False


def _place(env: Env) -> str:
    """The variables that the other terminal needs to find the same installation."""
    words = []
    if env.data_dir != ROOT / "var":
        inside = env.data_dir.is_relative_to(ROOT)
        words.append(
            f"SPORTELLO_DATA_DIR={env.data_dir.relative_to(ROOT) if inside else env.data_dir}"
        )
    if os.environ.get("DATABASE_URL"):
        words.append("DATABASE_URL=…")
    if env.port != 8000 and not os.environ.get("SPORTELLO_URL"):
        words.append(f"SPORTELLO_PORT={env.port}")
    return "".join(f"{word} " for word in words)
