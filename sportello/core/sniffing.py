"""What bytes really are, as far as their beginning tells: a declared type is only a hint."""

from __future__ import annotations

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"OggS", "audio/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"#!AMR", "audio/amr"),
    (b"fLaC", "audio/flac"),
    (b"PK\x03\x04", "application/zip"),
    (b"MZ", "application/x-msdownload"),
    (b"\x7fELF", "application/x-executable"),
)
_RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}
_MARKUP = (b"<!doctype html", b"<html", b"<script", b"<?xml", b"<svg")
_CONTAINERS = frozenset(("application/zip",))
"""Office documents are zip files: what is declared says more."""
_PLAYED = ("image/", "audio/", "video/")


def sniffed(content: bytes) -> str:
    """The type that the first bytes tell; empty: they tell nothing."""
    start = content[:64]
    if start[:4] == b"RIFF":
        return _RIFF.get(start[8:12], "")
    if start[4:8] == b"ftyp":
        return "audio/mp4" if start[8:12] in (b"M4A ", b"M4B ") else "video/mp4"
    if start.lstrip().lower().startswith(_MARKUP):
        return "text/html"
    return next((kind for magic, kind in _MAGIC if start.startswith(magic)), "")


def true_type(content: bytes, declared: str) -> str:
    """The declared type, unless the bytes contradict it: a picture that is a page or a program is neither."""
    kind = declared.partition(";")[0].strip().lower() or "application/octet-stream"
    found = sniffed(content)
    if not found or found == kind or found in _CONTAINERS:
        return kind
    if kind == "application/octet-stream":
        return found
    if kind.startswith(_PLAYED):
        return found if found.startswith(_PLAYED) else "application/octet-stream"
    return kind
