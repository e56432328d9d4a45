"""Whether white text can be read on a brand's colour, and the nearest colour on which it can. Pure."""

from __future__ import annotations

import colorsys
import re

ENOUGH = 4.5
"""WCAG AA for text."""

_HEX = re.compile(r"#[0-9a-f]{6}")


def is_colour(text: str) -> bool:
    return _HEX.fullmatch(text) is not None


def contrast_on_white(colour: str) -> float:
    """WCAG contrast ratio of white on that ``#rrggbb``."""
    red, green, blue = (_linear(part) for part in _parts(colour))
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


def nearest_passing(colour: str) -> str:
    """The same hue, darkened just as far as needed."""
    hue, light, strength = colorsys.rgb_to_hls(*_parts(colour))
    candidate = colour
    while contrast_on_white(candidate) < ENOUGH and light > 0:
        light = max(0.0, light - 0.005)
        candidate = _hex(colorsys.hls_to_rgb(hue, light, strength))
    return candidate


def _parts(colour: str) -> tuple[float, float, float]:
    return int(colour[1:3], 16) / 255, int(colour[3:5], 16) / 255, int(colour[5:7], 16) / 255


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def _hex(parts: tuple[float, float, float]) -> str:
    return "#" + "".join(f"{round(part * 255):02x}" for part in parts)
