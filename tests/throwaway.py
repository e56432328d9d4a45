"""``python -m tests.throwaway …``: pytest with a throw-away PostgreSQL that was there before the settings were read."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from sportello.core.database.confinement import dies_with_parent
from sportello.core.database.embedded import EmbeddedPostgres

FOREIGN = (
    "SPORTELLO_URL",
    "EMAIL_URL",
    "REDIS_URL",
    "SPORTELLO_PORT",
    "PYTHONDONTWRITEBYTECODE",  # every process of every tree would compile the house anew
)
"""What a shell may have set and no test wants."""


def main(arguments: list[str]) -> int:
    with tempfile.TemporaryDirectory(prefix="sportello-test-") as folder:
        data_dir = Path(folder)
        with EmbeddedPostgres(data_dir, durable=False, max_connections=120) as server:
            environ = os.environ | {
                "DATABASE_URL": server.conninfo,
                "SPORTELLO_DATA_DIR": str(data_dir / "data"),
                "SPORTELLO_SECRET_KEY": "only-for-tests",
                "SPORTELLO_ALLOW_NETWORKS": "127.0.0.0/8",
                "TESTS_STOCK": str(data_dir / "stock"),
                "DJANGO_ALLOW_ASYNC_UNSAFE": "1",
            }
            for name in FOREIGN:
                environ.pop(name, None)
            process = subprocess.Popen(
                [sys.executable, "-m", "pytest", *arguments],
                env=environ,
                preexec_fn=None if sys.stdin.isatty() else dies_with_parent(signal.SIGTERM),
            )
            while True:
                try:
                    return process.wait()
                except KeyboardInterrupt:
                    process.send_signal(signal.SIGINT)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
