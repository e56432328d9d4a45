"""Files that go along with the demo's mails: small, drawn on the spot, the same every time."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import cache

from PIL import Image, ImageDraw

from sportello.demo.script import Attached


def pdf(name: str, lines: Sequence[str]) -> Attached:
    """A page of text as a PDF: a receipt, an invoice, a label."""
    words = [line.encode("cp1252", "replace") for line in lines]
    escaped = [w.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)") for w in words]
    text = (
        b"BT /F1 11 Tf 60 780 Td 18 TL "
        + b" ".join(b"(" + w + b") Tj T*" for w in escaped)
        + b" ET"
    )
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        (
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
            b"/Resources << /Font << /F1 5 0 R >> >> >>"
        ),
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(text), text),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    out, offsets = bytearray(b"%PDF-1.4\n"), []
    for number, content in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        start,
    )
    return Attached(name, "application/pdf", bytes(out))


@cache
def _machine(body: str, shade: str, *, leaks: bool) -> Image.Image:
    picture = Image.new("RGB", (960, 720), "#d8d2c6")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 520, 960, 720), fill="#a98f72")
    draw.rounded_rectangle((300, 130, 680, 290), 18, fill=body)
    draw.rectangle((320, 290, 450, 540), fill=shade)
    draw.rounded_rectangle((280, 520, 700, 580), 10, fill=body)
    draw.rectangle((500, 290, 620, 320), fill="#c9c5be")
    draw.polygon([(490, 320), (630, 320), (600, 366), (520, 366)], fill="#6b6661")
    draw.rounded_rectangle((620, 326, 760, 346), 8, fill="#2f2a27")
    draw.ellipse((590, 170, 650, 230), fill="#f4f0ea", outline="#6b6661", width=4)
    draw.line((620, 200, 638, 182), fill="#8a2f22", width=5)
    if leaks:
        for x, y in ((520, 400), (548, 452), (600, 424), (574, 486)):
            draw.ellipse((x, y, x + 12, y + 22), fill="#8fb4c9")
        draw.ellipse((400, 566, 760, 630), fill="#9dbccd")
    return picture


def machine_photo(
    name: str, *, colour: str = "copper", leaks: bool = False, content_id: str = ""
) -> Attached:
    """An Aurora on a kitchen table, as a JPEG."""
    body, shade = {"copper": ("#b4693f", "#6f3c22"), "sage": ("#7c8f80", "#44544a")}[colour]
    return _encoded(_machine(body, shade, leaks=leaks), name, "JPEG", content_id)


def cup_photo(name: str, *, chips: int = 1, content_id: str = "") -> Attached:
    """A ceramic cup with chips in its rim, as a JPEG."""
    picture = Image.new("RGB", (960, 720), "#e8e2d6")
    draw = ImageDraw.Draw(picture)
    draw.ellipse((250, 560, 700, 640), fill="#cfc6b5")
    draw.pieslice((290, 120, 660, 600), 0, 180, fill="#f6f1e7")
    draw.rectangle((290, 300, 660, 362), fill="#f6f1e7")
    draw.rectangle((290, 300, 660, 326), fill="#c9805a")
    draw.arc((620, 320, 760, 480), 270, 110, fill="#f6f1e7", width=26)
    for i in range(chips):
        x = 330 + 90 * i
        draw.polygon([(x, 298), (x + 46, 298), (x + 30, 340), (x + 12, 332)], fill="#e8e2d6")
        draw.line((x + 12, 332, x + 34, 380), fill="#9a8f7c", width=3)
    return _encoded(picture, name, "JPEG", content_id)


def logo(name: str, words: str, colour: str, content_id: str) -> Attached:
    """A small PNG such as stands below business mails."""
    picture = Image.new("RGB", (220, 56), "white")
    draw = ImageDraw.Draw(picture)
    draw.rounded_rectangle((4, 8, 44, 48), 8, fill=colour)
    draw.text((58, 20), words, fill=colour)
    return _encoded(picture, name, "PNG", content_id)


def display_photo(name: str, code: str) -> Attached:
    """A machine's display with an error code, as a PNG."""
    picture = Image.new("RGB", (480, 240), "#1f2b24")
    draw = ImageDraw.Draw(picture)
    draw.rounded_rectangle((40, 40, 440, 200), 16, fill="#0f1511", outline="#7c8f80", width=4)
    draw.text((210, 100), code, fill="#f08a5a", font_size=48)
    return _encoded(picture, name, "PNG", "")


def _encoded(picture: Image.Image, name: str, format: str, content_id: str) -> Attached:
    out = io.BytesIO()
    picture.save(out, format, **({"quality": 80} if format == "JPEG" else {}))
    return Attached(name, f"image/{format.lower()}", out.getvalue(), content_id)
