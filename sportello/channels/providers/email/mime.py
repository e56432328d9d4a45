"""The MIME tree, from raw bytes, without recursion and without believing anything.

Why not `email.parser`: it recurses (a thousand nested parts end in RecursionError), tests every line
against every open boundary, and costs half of what applying a mail may cost. This splitter finds the
boundaries of a part in one pass and copies nothing but leaf bodies.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from sportello.channels.providers.email.charsets import decode
from sportello.channels.providers.email.headers import as_text, from_base64, params, text_of

MAX_DEPTH = 30
MAX_PARTS = 500
MAX_HEADER_BYTES = 64 * 1024
MAX_ONE_HEADER = 16 * 1024
SCAN_HEADER_BYTES = 4 * 1024 * 1024
"""How far one looks for the end of a header block."""

_FIELD = re.compile(rb"([!-9;-~]{1,100})[ \t]*:[ \t]*")
_BLANK = re.compile(rb"\n[ \t]*\r?\n|\r\r|\n[ \t]*\r?\Z")
_EOL = re.compile(rb"\r\n|\n|\r")


@dataclass(slots=True)
class Part:
    """One node. `body` is still transfer-encoded; `parts` is empty for leaves."""

    headers: list[tuple[str, bytes]]
    body: bytes
    type: str = "text/plain"
    params: dict[str, str] = field(default_factory=dict)
    disposition: str = ""
    filename: str = ""
    content_id: str = ""
    parts: list[Part] = field(default_factory=list)
    first: dict[str, bytes] = field(init=False)
    """The first field of each name: two dozen are asked for, most of which no mail has."""

    def __post_init__(self) -> None:
        self.first = dict(reversed(self.headers))

    def raw(self, name: str) -> bytes:
        """The first field of that (lower-case) name."""
        return self.first.get(name, b"")

    def get(self, name: str) -> str:
        """The first field of that name, decoded."""
        return text_of(self.raw(name))

    def all(self, name: str) -> list[str]:
        """All fields of that name, as they are."""
        if name not in self.first:
            return []
        return [as_text(value) for key, value in self.headers if key == name]

    @property
    def is_multipart(self) -> bool:
        return bool(self.parts)

    def content(self) -> bytes:
        """The bytes of a leaf, transfer encoding undone as far as possible."""
        encoding = as_text(self.raw("content-transfer-encoding")).lower().strip(" ;\"'")
        if encoding.startswith("base64") or encoding == "b":
            return from_base64(self.body)
        if encoding.startswith(("quoted-printable", "quoted printable", "q")):
            return binascii.a2b_qp(self.body)
        if encoding in ("x-uuencode", "uuencode", "uue", "x-uue"):
            blocks = uuencoded(self.body)
            return blocks[0][1] if blocks else self.body
        return self.body

    def text(self) -> str:
        """A text leaf, decoded."""
        data = self.content()
        charset = self.params.get("charset", "")
        if not charset and self.type == "text/html":
            charset = _meta_charset(data)
        return decode(data, charset)


def parse(raw: bytes) -> Part:
    """The tree of a mail. Never raises; at worst one text leaf that holds everything."""
    data = raw.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")
    root = _node(data)
    budget = MAX_PARTS
    stack: list[tuple[Part, int]] = [(root, 0)]
    while stack:
        part, depth = stack.pop()
        if not part.type.startswith("multipart/"):
            continue
        pieces = _pieces(part) if depth < MAX_DEPTH else []
        pieces = pieces[:budget]
        budget -= len(pieces)
        if not pieces:
            _as_leaf(part, depth)
            continue
        default = "message/rfc822" if part.type == "multipart/digest" else "text/plain"
        part.parts = [_node(piece, default) for piece in pieces]
        stack.extend((child, depth + 1) for child in part.parts)
    return root


def walk(root: Part) -> list[Part]:
    """All nodes in the order of the mail."""
    order: list[Part] = []
    stack = [root]
    while stack:
        part = stack.pop()
        order.append(part)
        stack.extend(reversed(part.parts))
    return order


def _as_leaf(part: Part, depth: int) -> None:
    """A multipart without parts: its body is text, or, too deep, something to keep unopened."""
    if depth >= MAX_DEPTH or (depth and b"\n--" in part.body):
        part.type, part.disposition, part.filename = (
            "application/octet-stream",
            "attachment",
            "nested.eml",
        )
    else:
        part.type = "text/plain"


def _node(data: bytes, default: str = "text/plain") -> Part:
    headers, start = split_headers(data)
    part = Part(headers, data[start:], type=default)
    kind, part.params = params(as_text(part.raw("content-type")))
    if "/" in kind:
        part.type = "".join(kind.split())
    elif kind in ("text", "html"):
        part.type = "text/html" if kind == "html" else "text/plain"
    part.disposition, extra = params(as_text(part.raw("content-disposition")))
    part.filename = extra.get("filename", "") or part.params.get("name", "")
    part.content_id = as_text(part.raw("content-id")).strip("<> ")
    return part


def split_headers(data: bytes) -> tuple[list[tuple[str, bytes]], int]:
    """Unfolded fields with lower-case names, and where the body starts."""
    if data[:1] in (b"\n", b"\r"):
        return [], 2 if data[:2] == b"\r\n" else 1
    if not _FIELD.match(data) and not data.startswith((b"From ", b">From ")):
        return [], 0
    end = _BLANK.search(data, 0, SCAN_HEADER_BYTES)
    block, start = (
        (data[: end.start()], end.end()) if end else (data[:SCAN_HEADER_BYTES], len(data))
    )
    lines = _EOL.split(block) if b"\r" in block else block.split(b"\n")
    if end is None:
        lines, start = _without_separator(data, lines, start)
    return _unfold(lines), start


def _without_separator(data: bytes, lines: list[bytes], start: int) -> tuple[list[bytes], int]:
    """No empty line at all: the body starts at the first line that cannot be a header."""
    position = 0
    for number, line in enumerate(lines):
        if number and line and line[:1] not in b" \t" and not _FIELD.match(line):
            return lines[:number], position
        position += len(line) + (2 if data[position + len(line) :].startswith(b"\r\n") else 1)
        if position > MAX_HEADER_BYTES:
            break
    return lines, start


def _unfold(lines: list[bytes]) -> list[tuple[str, bytes]]:
    """A line that is neither field nor continuation is taken for a badly folded continuation."""
    fields: list[tuple[str, list[bytes]]] = []
    for line in lines:
        match = _FIELD.match(line)
        if match:
            fields.append((match[1].decode("ascii").lower(), [line[match.end() :]]))
        elif fields and line.strip():
            fields[-1][1].append(line)
    kept: list[tuple[str, bytes]] = []
    total = 0
    for name, chunks in fields:
        value = chunks[0] if len(chunks) == 1 else b" ".join(chunk.strip() for chunk in chunks)
        if len(value) > MAX_ONE_HEADER:
            value = value[: MAX_ONE_HEADER // 2] + b" , " + value[-MAX_ONE_HEADER // 2 :]
        total += len(name) + len(value)
        if total > MAX_HEADER_BYTES:
            break
        kept.append((name, value))
    return kept


def _pieces(part: Part) -> list[bytes]:
    """The bodies between a multipart's boundaries; a missing last boundary ends with the mail."""
    boundary = part.params.get("boundary", "").rstrip()
    if not boundary or len(boundary) > 200:
        return []
    marker = b"--" + boundary.encode("utf-8", "replace")
    body = part.body
    pieces: list[bytes] = []
    start = -1
    for begin, end, closes in _boundaries(body, marker):
        if start >= 0:
            pieces.append(body[start:begin])
        start = end
        if closes or len(pieces) >= MAX_PARTS:
            start = -1
            if closes:
                break
        else:
            start += 2 if body[start : start + 2] == b"\r\n" else 1
    if start >= 0 and start < len(body):
        pieces.append(body[start:])
    return pieces


_AFTER_MARKER = re.compile(rb"(--)?[ \t]*(?=\r|\n|\Z)")


def _boundaries(body: bytes, marker: bytes) -> Iterator[tuple[int, int, bool]]:
    """(start, end, whether it is the last) of each boundary line, the line break before it included.

    By `bytes.find`: every mail has boundaries of its own, and compiling a pattern costs more than the search.
    """
    at = body.find(marker)
    while at >= 0:
        after = at + len(marker)
        if (at == 0 or body[at - 1] in b"\r\n") and (found := _AFTER_MARKER.match(body, after)):
            begin = max(0, at - (2 if body[max(0, at - 2) : at] == b"\r\n" else 1))
            yield begin, found.end(), bool(found[1])
            after = found.end()
        else:
            after = at + 1
        at = body.find(marker, after)


_META = re.compile(
    rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]{2,40})", re.IGNORECASE
)
_UU = re.compile(
    rb"^begin [0-7]{3,4} ([^\r\n]{1,255})\r?\n((?:[ -`]{0,100}\r?\n)*?)(?:`\r?\n)?end[ \t]*\r?$",
    re.MULTILINE,
)


def _meta_charset(data: bytes) -> str:
    match = _META.search(data, 0, 2048)
    return match[1].decode("ascii") if match else ""


def uuencoded(body: bytes) -> list[tuple[str, bytes, int, int]]:
    """Files uuencoded in a text: (name, bytes, start, end)."""
    if b"begin " not in body:
        return []
    return [
        (decode(match[1]).strip(), _uudecode(match[2]), match.start(), match.end())
        for match in _UU.finditer(body)
    ]


def _uudecode(lines: bytes) -> bytes:
    out = bytearray()
    for line in lines.splitlines():
        if not line:
            continue
        try:
            out += binascii.a2b_uu(line)
        except binascii.Error:
            count = (((line[0] - 32) & 63) * 4 + 5) // 3
            try:
                out += binascii.a2b_uu(line[:count])
            except binascii.Error:
                continue
    return bytes(out)
