"""ClamAV's INSTREAM: bytes to the scanner that the operator named, its verdict back."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterable

from sportello.core.net.errors import Broken, NetError, TimedOut, Unreachable
from sportello.core.net.judge import Judge, dial

CHUNK = 64 * 1024
LONGEST_ANSWER = 1024


class TooLargeToScan(NetError):
    """More than the scanner takes (``StreamMaxLength``)."""


def find(judge: Judge, where: str, content: Iterable[bytes], *, timeout: float = 30.0) -> str:
    """What the scanner found by name; empty: nothing. `where` is ``host:port`` or a socket's path.

    Raises `NetError`: the scanner is away, or did not say.
    """
    try:
        with _connect(judge, where, timeout) as clamd:
            clamd.sendall(b"zINSTREAM\0")
            for piece in content:
                clamd.sendall(struct.pack("!I", len(piece)) + piece)
            clamd.sendall(struct.pack("!I", 0))
            return _judged(_answer(clamd))
    except TimeoutError as error:
        raise TimedOut("The virus scanner took too long.") from error
    except (BrokenPipeError, ConnectionResetError):
        # clamd hangs up in the middle of what is too large for it
        raise TooLargeToScan("The file is larger than the virus scanner takes.") from None
    except OSError as error:
        raise Unreachable(f"The virus scanner does not answer: {error}") from error


def _connect(judge: Judge, where: str, timeout: float) -> socket.socket:
    if where.startswith("/"):
        local = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            local.settimeout(timeout)
            local.connect(where)
        except OSError:
            local.close()
            raise
        return local
    host, _, port = where.rpartition(":")
    return dial(judge.addresses(host, int(port), frozenset((int(port),))), int(port), timeout)


def _answer(clamd: socket.socket) -> str:
    said = b""
    while len(said) < LONGEST_ANSWER and not said.endswith(b"\0"):
        piece = clamd.recv(LONGEST_ANSWER)
        if not piece:
            break
        said += piece
    return said.rstrip(b"\0\n").decode("utf-8", "replace")


def _judged(said: str) -> str:
    """``stream: OK``, ``stream: Eicar-Signature FOUND``, ``INSTREAM size limit exceeded. ERROR``."""
    if said == "stream: OK":
        return ""
    if said.endswith(" FOUND"):
        return said.removeprefix("stream: ").removesuffix(" FOUND") or "?"
    if "size limit" in said:
        raise TooLargeToScan("The file is larger than the virus scanner takes.")
    raise Broken(f"The virus scanner said: {said[:200] or 'nothing'}")
