"""An answer as a PDF of A4 pages in Courier: one of the fonts that every reader and every fax gateway has.

Written by hand because there is so little of it. Letters outside of Windows-1252 become question marks.
"""

from __future__ import annotations

import textwrap

WIDE, HIGH, MARGIN = 595, 842, 57
SIZE, LEADING = 11, 15
COLUMNS = int((WIDE - 2 * MARGIN) / (SIZE * 0.6))
ROWS = (HIGH - 2 * MARGIN) // LEADING


def pdf(text: str) -> bytes:
    """At least one page."""
    rows = [row for line in text.expandtabs(4).splitlines() for row in _wrapped(line)] or [""]
    pages = [rows[at : at + ROWS] for at in range(0, len(rows), ROWS)]
    first = 4
    kids = " ".join(f"{first + 2 * n} 0 R" for n in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding >>",
    ]
    for n, page in enumerate(pages):
        content = _content(page)
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {WIDE} {HIGH}] "
            f"/Resources << /Font << /F 3 0 R >> >> /Contents {first + 2 * n + 1} 0 R >>".encode()
        )
        objects.append(b"<< /Length %d >>\nstream\n%b\nendstream" % (len(content), content))
    return _file(objects)


def _wrapped(line: str) -> list[str]:
    return textwrap.wrap(line, COLUMNS, drop_whitespace=False, replace_whitespace=False) or [""]


def _content(rows: list[str]) -> bytes:
    shown = b"".join(b"(%b) Tj T*\n" % _escaped(row) for row in rows)
    start = HIGH - MARGIN - SIZE
    return b"BT /F %d Tf %d TL %d %d Td\n%bET" % (SIZE, LEADING, MARGIN, start, shown)


def _escaped(row: str) -> bytes:
    plain = "".join(c for c in row if c.isprintable()).encode("cp1252", "replace")
    return plain.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")


def _file(objects: list[bytes]) -> bytes:
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        table,
    )
    return bytes(out)
