"""The real process tree on free ports, as a test sees it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from sportello.core.database.confinement import dies_with_parent
from tests.database import alone
from tests.sink import MailSink, free_port

ROOT = Path(__file__).resolve().parents[1]


@dataclass
class Tree:
    """``python -m sportello serve`` with a data directory of its own."""

    data_dir: Path
    sink: MailSink | None = None
    demo: bool = True
    port: int = field(default_factory=free_port)
    smtp_port: int = field(default_factory=free_port)
    extra: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    _tokens: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def log(self) -> str:
        return (self.data_dir / "serve.log").read_text("utf-8", "replace")

    @property
    def environ(self) -> dict[str, str]:
        """The environment of every command against this tree; the embedded database, whatever the tests use."""
        ours = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("SPORTELLO_")
            and name not in {"DATABASE_URL", "REDIS_URL", "EMAIL_URL"}
        }
        return ours | {
            "SPORTELLO_PORT": str(self.port),
            "SPORTELLO_SMTP_PORT": str(self.smtp_port),
            "SPORTELLO_DATA_DIR": str(self.data_dir),
            "SPORTELLO_DEMO": "1" if self.demo else "0",
            "SPORTELLO_ALLOW_NETWORKS": "127.0.0.0/8",
            **({"EMAIL_URL": self.sink.url} if self.sink else {}),
            **self.extra,
        }

    def start(self, *, ready: bool = True) -> None:
        """Start it; with ``ready`` wait until ``/readyz`` says so."""
        if not self.data_dir.exists() and (stock := os.environ.get("TESTS_STOCK")):
            shutil.copytree(_stocked(Path(stock), demo=self.demo), self.data_dir)
        self.data_dir.mkdir(parents=True, exist_ok=True)
        with (self.data_dir / "serve.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "sportello", "serve"],
                env=self.environ,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=dies_with_parent(signal.SIGTERM),
            )
        if ready:
            self.wait_until_ready()

    def wait_until_ready(self, *, timeout: float = 120) -> None:
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            assert self.process is not None
            if self.process.poll() is not None:
                break
            with suppress(OSError, urllib.error.URLError):
                if urllib.request.urlopen(f"{self.url}/readyz", timeout=2).status == 200:
                    return
            time.sleep(0.05)
        raise AssertionError(f"the tree is not ready:\n{self.log[-4000:]}")

    def stop(self, *, timeout: float = 10) -> int:
        """SIGTERM; returns the exit code."""
        assert self.process is not None
        self.process.terminate()
        return self.process.wait(timeout)

    def command(self, *words: str) -> str:
        """Run a ``sportello`` command against this tree and return what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "sportello", *words],
            env=self.environ,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def token(self, email: str = "admin@bottega-aurora.example") -> str:
        """An API token of a demo agent; the same when asked again."""
        if email not in self._tokens:
            self._tokens[email] = self.command("token", email)
        return self._tokens[email]


def _stocked(stock: Path, *, demo: bool) -> Path:
    """A data directory with its tables, or with the demo company in it: made by whoever is first, copied by the others."""
    ready = stock / ("demo" if demo else "tables")
    with alone(stock / f"{ready.name}.making"):
        if not ready.exists():
            tree = Tree(data_dir=stock / f"{ready.name}.moving-in", demo=demo)
            shutil.rmtree(tree.data_dir, ignore_errors=True)  # left by one that did not come up
            if demo:
                shutil.copytree(_stocked(stock, demo=False), tree.data_dir)
                try:
                    tree.start(ready=False)
                    tree.wait_until_ready(timeout=240)
                finally:
                    tree.stop(timeout=30)
            else:
                tree.command("migrate")
            tree.data_dir.rename(ready)
        return ready


def part_of(process: psutil.Process) -> str:
    """What a process of the tree does: ``web``, ``worker``, ``mail``, ``nursery``; else its program."""
    try:
        words = " ".join(process.cmdline()).split()
    except psutil.NoSuchProcess:  # gone by now, or a zombie that nobody has looked at yet
        return ""
    ours = any(word == "sportello" for word in words)
    return words[-1] if ours else Path(words[0]).name if words else ""
