"""The whole tree with the demo: how much memory, how long until it is ready."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import psutil

from bench.row import Options, Row
from tests.tree import Tree, part_of

PARTS = ("serve", "nursery", "web", "worker", "mail")


def footprint(options: Options) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="sportello-bench-") as folder:
        tree = Tree(data_dir=Path(folder) / "var")
        tree.start()
        try:
            time.sleep(5)
            assert tree.process is not None
            root = psutil.Process(tree.process.pid)
            parts: dict[str, float] = {}
            for process in [root, *root.children(recursive=True)]:
                name = part_of(process)
                name = name if name in PARTS else "postgres"
                parts[name] = parts.get(name, 0.0) + process.memory_full_info().pss / 1e6
        finally:
            tree.stop()
    total = sum(parts.values())
    return [
        Row(
            "footprint",
            "≤ 300",
            total,
            "MB PSS",
            ok=total <= 300,
            notes=[", ".join(f"{k} {v:.0f}" for k, v in parts.items())],
        )
    ]


def start(options: Options) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="sportello-bench-") as folder:
        tree = Tree(data_dir=Path(folder) / "var")
        first = _seconds(tree)
        again = min(_seconds(tree) for _ in range(2))
    return [
        Row(
            "start",
            "≤ 5",
            again,
            "s",
            "the first start, with migrations and demo",
            first,
            ok=again <= 5,
        )
    ]


def _seconds(tree: Tree) -> float:
    began = time.monotonic()
    tree.start()
    took = time.monotonic() - began
    tree.stop()
    return took
