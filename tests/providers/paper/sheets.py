"""Small sheets of paper: PDF and TIFF with as many pages as wanted."""

from __future__ import annotations

from io import BytesIO

from PIL import Image


def sheet(kind: str = "PDF", pages: int = 1, shade: int = 200) -> bytes:
    """Grey A4 pages; another shade makes other bytes."""
    drawn = [Image.new("L", (210, 297), shade - 20 * n) for n in range(pages)]
    out = BytesIO()
    more = {"save_all": True, "append_images": drawn[1:]} if pages > 1 else {}
    drawn[0].save(out, kind, **more)
    return out.getvalue()
