"""Run as a program: a PDF or TIFF on standard input becomes one PNG on standard output, pages one below the other.

A process of its own with little memory and time, because libraries that draw documents meet what strangers sent.
"""

from __future__ import annotations

import resource
import sys
from io import BytesIO
from typing import Any

MEMORY = 1024 * 1024 * 1024
SECONDS = 20
GAP = 12


def main(width: int, most: int) -> None:
    for limit, value in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, SECONDS)):
        resource.setrlimit(limit, (value, value))
    content = sys.stdin.buffer.read()
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = 60_000_000
    pages = (
        _pdf(content, width, most) if content.startswith(b"%PDF-") else _tiff(content, width, most)
    )
    if not pages:
        raise ValueError("no page")
    height = sum(page.height for page in pages) + GAP * (len(pages) - 1)
    sheet = Image.new("RGB", (max(page.width for page in pages), height), (128, 128, 128))
    top = 0
    for page in pages:
        sheet.paste(page, (0, top))
        top += page.height + GAP
    out = BytesIO()
    sheet.save(out, "PNG")
    sys.stdout.buffer.write(out.getvalue())


def _pdf(content: bytes, width: int, most: int) -> list[Any]:
    import pypdfium2

    document = pypdfium2.PdfDocument(content)
    drawn = []
    for number in range(min(len(document), most)):
        page = document[number]
        wide, high = page.get_size()
        scale = min(width / max(wide, 1), 2 * width / max(high, 1))
        drawn.append(page.render(scale=scale).to_pil().convert("RGB"))
    return drawn


def _tiff(content: bytes, width: int, most: int) -> list[Any]:
    from PIL import Image, ImageSequence

    with Image.open(BytesIO(content), formats=("TIFF",)) as document:
        drawn = []
        for number, frame in enumerate(ImageSequence.Iterator(document)):
            if number >= most:
                break
            page = frame.convert("RGB")
            page.thumbnail((width, 2 * width))
            drawn.append(page)
    return drawn


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
