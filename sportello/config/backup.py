"""``sportello backup`` and ``restore``: the database by ``pg_dump``, the files and the secret key beside it."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

from sportello.config.database import at_hand
from sportello.config.env import Env
from sportello.core.database.embedded import binaries

_DUMP = "database.dump"
_FILES = "files.tar"
_KEPT = ("files", "secret_key")


def write(env: Env, folder: str) -> int:
    """Write a backup into ``folder``, which must be new or empty."""
    target = Path(folder)
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(target.iterdir()):
        return _refuse(f"{target} is not empty")
    with at_hand(env):
        code = _run(
            "pg_dump",
            "--format=custom",
            "--no-owner",
            f"--dbname={env.dsn}",
            f"--file={target / _DUMP}",
        )
    if code != 0:
        return code
    with tarfile.open(target / _FILES, "w") as archive:
        (target / _FILES).chmod(0o600)  # holds the secret key
        for name in _KEPT:
            if (env.data_dir / name).exists():
                archive.add(env.data_dir / name, name)
    print(f"Backup written to {target}")
    return 0


def bring_back(env: Env, folder: str) -> int:
    """Replace the database and the files by those of a backup. Stop ``serve`` before."""
    source = Path(folder)
    if not (source / _DUMP).exists():
        return _refuse(f"{source} holds no {_DUMP}")
    with at_hand(env):
        code = _run(
            "pg_restore",
            "--clean",
            "--if-exists",
            "--no-owner",
            "--single-transaction",
            f"--dbname={env.dsn}",
            str(source / _DUMP),
        )
    if code != 0:
        return code
    if (source / _FILES).exists():
        shutil.rmtree(env.data_dir / "files", ignore_errors=True)
        with tarfile.open(source / _FILES) as archive:
            archive.extractall(env.data_dir, filter="data")
    print("Restored.")
    return 0


def _run(program: str, *arguments: str) -> int:
    return subprocess.run([str(binaries() / program), *arguments]).returncode


def _refuse(reason: str) -> int:
    print(f"sportello: {reason}", file=sys.stderr)
    return 1
