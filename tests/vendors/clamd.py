"""A stand-in of clamd: speaks INSTREAM, finds EICAR's test words, refuses what is too large."""

from __future__ import annotations

import socketserver
import struct
import threading
from types import TracebackType
from typing import Self

EICAR = b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE"


class Clamd:
    """``with Clamd() as clamd:`` then ``clamd.where``. `scanned` holds what it was shown."""

    def __init__(self, *, limit: int = 1_000_000) -> None:
        self.scanned: list[bytes] = []
        self.limit = limit
        self.answer: bytes | None = None
        """Said instead of a verdict."""
        clamd = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                if self.rfile.read(10) != b"zINSTREAM\0":
                    self.wfile.write(b"UNKNOWN COMMAND\0")
                    return
                content = b""
                while size := struct.unpack("!I", self.rfile.read(4))[0]:
                    content += self.rfile.read(size)
                    if len(content) > clamd.limit:
                        self.wfile.write(b"INSTREAM size limit exceeded. ERROR\0")
                        return
                clamd.scanned.append(content)
                found = b"stream: Eicar-Signature FOUND\0" if EICAR in content else b"stream: OK\0"
                self.wfile.write(clamd.answer or found)

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )

    @property
    def where(self) -> str:
        return f"127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
