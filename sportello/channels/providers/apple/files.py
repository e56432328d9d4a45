"""Attachments: they lie encrypted at Apple, AES-256 in counter mode, with the key in the message."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from sportello.channels.contract import File, Settings
from sportello.channels.providers.apple import trust
from sportello.channels.vendors.calls import Reply, base, call
from sportello.channels.vendors.shapes import address, at, key, peek
from sportello.core.net import Broken

if TYPE_CHECKING:
    from sportello.core.net import Net

API = "https://mspgw.push.apple.com"
MOST = 100 * 1024 * 1024
LONGEST = 4000
NAMES = ("url", "owner", "signature-base64", "key")


def reference(attachment: dict[str, Any]) -> str:
    """All that is needed to fetch it later, as one text."""
    return json.dumps({name: _text(attachment.get(name)) for name in NAMES})


def _text(value: object) -> str:
    """Apple's names of files are longer than ids."""
    return value[:LONGEST] if isinstance(value, str) else ""


def crypt(content: bytes, hexadecimal: str) -> bytes:
    """Encrypts and decrypts; the key has a ``00`` in front. Raises `ValueError` for what is no key."""
    raw = bytes.fromhex(hexadecimal)
    raw = raw[1:] if len(raw) == 33 else raw
    if len(raw) != 32:
        raise ValueError("no key of 256 bits")
    work = Cipher(algorithms.AES(raw), modes.CTR(bytes(16))).encryptor()
    return work.update(content) + work.finalize()


def fetch(media_ref: str, settings: Settings, net: Net) -> bytes:
    """Raises `NetError`."""
    told = peek(media_ref.encode("utf-8", "replace"))
    names = {"url": "url", "owner": "owner", "signature": "signature-base64"}
    headers = {name: _text(told.get(source)) for name, source in names.items()}
    if not all(value.isascii() and value.isprintable() for value in headers.values()):
        raise Broken("Apple's description of this file cannot be read.")
    reply = _ask(settings, net, "preDownload", headers)
    url = address(reply.data.get("download-url"))
    if not url:
        raise Broken(f"Apple does not give this file (HTTP {reply.status}).")
    answer = net.http.get(url, max_bytes=MOST, timeout=60.0)
    if answer.status_code != 200:
        raise Broken(f"Apple does not give this file (HTTP {answer.status_code}).")
    try:
        return crypt(answer.content, _text(told.get("key")))
    except ValueError as error:
        raise Broken("Apple's key for this file cannot be read.") from error


def room_for(size: int, settings: Settings, net: Net) -> Reply:
    """Where so many encrypted bytes may be put. Raises `NetError`."""
    return _ask(settings, net, "preUpload", {"size": str(size)})


def put(file: File, settings: Settings, net: Net) -> dict[str, str] | Reply:
    """The attachment as a message names it, or Apple's refusal. Nobody sees it yet. Raises `NetError`."""
    password = "00" + secrets.token_hex(32)
    content = crypt(file.content, password)
    room = room_for(len(content), settings, net)
    url, place = (address(room.data.get(name)) for name in ("upload-url", "mmcs-url"))
    if not (url and place):
        return room
    done = call(net, "POST", url, content=content, timeout=60.0)
    checksum = key(at(done.data, "singleFile", "fileChecksum"))
    if not checksum:
        return done
    return {
        "name": file.name,
        "mimeType": file.content_type,
        "size": str(len(content)),
        "key": password,
        "url": place,
        "owner": _text(room.data.get("mmcs-owner")),
        "signature-base64": checksum,
    }


def _ask(settings: Settings, net: Net, method: str, told: dict[str, str]) -> Reply:
    """Apple's reference names the headers plainly, its tutorial with ``MMCS-``: both are sent."""
    headers = {"authorization": trust.bearer(settings), "source-id": str(settings.get("business_id") or "")}  # fmt: skip
    headers |= told | {f"mmcs-{name}": value for name, value in told.items()}
    return call(net, "GET", f"{base(settings, API)}/v1/{method}", headers=headers)
