"""Files that messages came with, as far as they lie under an address that whoever knows it may open."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from sportello.channels.contract import File
from sportello.core.net import Broken

if TYPE_CHECKING:
    from sportello.core.net import Net

MOST = 100 * 1024 * 1024
"""Bytes, where the vendor allows no fewer."""


def fetched(file: File, net: Net, *, of: str, most: int = MOST) -> File:
    """The file with its bytes. Raises `NetError`; `Broken` when the vendor does not give it."""
    return dataclasses.replace(file, content=download(net, file.media_ref, of=of, most=most))


def download(
    net: Net, url: str, *, of: str, most: int = MOST, redirects: int = 3, **options: Any
) -> bytes:
    """What lies there; `of` names the vendor in what an agent reads. Raises as `fetched`."""
    answer = net.http.get(url, redirects=redirects, max_bytes=most, timeout=60.0, **options)
    if answer.status_code != 200:
        raise Broken(f"{of} does not give this file (HTTP {answer.status_code}).")
    return answer.content
