"""``python -m bench [row …] [--json FILE|-] [--tickets N] [--sockets N] [--data-dir DIR]``"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import sys
import time
import traceback
from pathlib import Path

from bench.row import Options, Row, table

ROWS = {
    "intake": "bench.intake",
    "end_to_end": "bench.end_to_end",
    "chat_echo": "bench.chat_echo",
    "sockets": "bench.sockets",
    "inbox": "bench.size",
    "search": "bench.size",
    "profile": "bench.size",
    "commerce": "bench.commerce",
    "which_ticket": "bench.which_ticket.row",
    "resolution": "bench.which_ticket.row",
    "browser": "bench.weight",
    "widget": "bench.weight",
    "footprint": "bench.tree",
    "start": "bench.tree",
    "peers": "bench.peers",
}
"""Row → the module whose function of that name measures it."""


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="bin/bench", description="Measures what DESIGN section 6 promises."
    )
    parser.add_argument("rows", nargs="*", metavar="row", help=", ".join(ROWS))
    parser.add_argument(
        "--json", metavar="FILE", help="write the figures there; - for standard output"
    )
    parser.add_argument(
        "--tickets", type=int, default=50_000, help="size of the database of inbox and search"
    )
    parser.add_argument("--sockets", type=int, default=2_000, help="how many idle visitors to hold")
    parser.add_argument(
        "--data-dir", default="", help="a generated database to measure inbox and search on"
    )
    said = parser.parse_args(arguments)
    if unknown := set(said.rows) - set(ROWS):
        parser.error(f"no such row: {', '.join(sorted(unknown))}")
    options = Options(said.tickets, said.sockets, said.data_dir)
    began, rows = time.monotonic(), list[Row]()
    for name in said.rows or list(ROWS):
        print(f"measuring {name} …", file=sys.stderr, flush=True)
        rows += _measure(name, options)
    print(table(rows), file=sys.stderr if said.json == "-" else sys.stdout)
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    print(
        f"{os.cpu_count()} cores, load {load}, {time.monotonic() - began:.0f} s in all",
        file=sys.stderr,
    )
    if said.json:
        text = json.dumps({"rows": [row.as_json() for row in rows]}, indent=1, ensure_ascii=False)
        if said.json == "-":
            print(text)
        else:
            Path(said.json).write_text(text + "\n", "utf-8")
    return 0


def _measure(name: str, options: Options) -> list[Row]:
    """A row that cannot be measured takes no other down."""
    try:
        rows: list[Row] = getattr(importlib.import_module(ROWS[name]), name)(options)
    except Exception as error:
        traceback.print_exc()
        return [Row(name, "", None, "", notes=[f"could not be measured: {error!r}"[:300]])]
    return rows


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
