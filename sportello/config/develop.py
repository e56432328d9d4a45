"""``bin/dev``: serve, rebuild the front end and start again whenever a source changes."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from sportello.config import frontend
from sportello.config.children import Child, spawned, stop_all
from sportello.config.env import ROOT
from sportello.config.stopping import stop_event

_WATCHED = {".py", ".html", ".txt", ".po", ".ts", ".css", ".json", ".svg"}


def main(arguments: list[str]) -> int:
    import os

    stop = stop_event()
    words = ["serve", *arguments]
    child = Child("sportello", lambda: spawned(words, os.environ, str(ROOT)))
    seen = _state()
    while not stop.is_set():
        if obituary := child.poll(time.monotonic()):
            print(obituary, file=sys.stderr)
        stop.wait(0.7)
        now = _state()
        if now == seen:
            continue
        changed = {path for path, stamp in now.items() if seen.get(path) != stamp}
        seen = now
        if any(path.suffix in {".ts", ".css"} for path in changed):
            _rebuild()
        if any(path.suffix in {".py", ".po", ".html", ".txt"} for path in changed):
            print("A source changed: starting again.", file=sys.stderr)
            stop_all([child], timeout=8)
            child.process, child.not_before, child.pause = None, 0.0, 0.5
    stop_all([child], timeout=8)
    return 0


def _rebuild() -> None:
    try:
        frontend.build(minify=False)
    except (frontend.FrontEndError, subprocess.SubprocessError) as problem:
        print(problem, file=sys.stderr)


def _state() -> dict[Path, int]:
    return dict(_stamps(ROOT / "sportello")) | dict(_stamps(ROOT / "frontend"))


def _stamps(folder: Path) -> Iterator[tuple[Path, int]]:
    for path in folder.rglob("*"):
        if path.suffix in _WATCHED and "dist" not in path.parts and path.is_file():
            yield path, path.stat().st_mtime_ns


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
