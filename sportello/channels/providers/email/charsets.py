"""Bytes to text, whatever the mail says about them. Nothing here raises."""

from __future__ import annotations

import codecs
import re
from functools import lru_cache

_ALIASES = {
    "": "",
    "ansi_x3.4-1968": "cp1252",
    "ascii": "cp1252",
    "us-ascii": "cp1252",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "iso8859-1": "cp1252",
    "x-ansi": "cp1252",
    "ansi": "cp1252",
    "default": "",
    "unknown": "",
    "unknown-8bit": "",
    "x-unknown": "",
    "8bit": "",
    "7bit": "",
    "binary": "",
    "x-user-defined": "",
    "cp-850": "cp850",
    "cp-1252": "cp1252",
    "x-cp1252": "cp1252",
    "x-windows-1252": "cp1252",
    "x-mac-roman": "mac_roman",
    "macintosh": "mac_roman",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "gb_2312-80": "gb18030",
    "chinese": "gb18030",
    "x-sjis": "cp932",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "windows-31j": "cp932",
    "iso-2022-jp": "iso2022_jp_ext",
    "cp50220": "iso2022_jp_ext",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601": "cp949",
    "euc-kr": "cp949",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-8-e": "iso-8859-8",
    "iso-8859-6-i": "iso-8859-6",
    "iso-8859-9": "cp1254",
    "iso-8859-11": "cp874",
    "tis-620": "cp874",
    "unicode-1-1-utf-7": "utf-7",
    "utf8": "utf-8",
    "utf-8-sig": "utf-8",
    "utf8mb4": "utf-8",
    "unicode": "",
    "big5-hkscs": "big5hkscs",
    "big5": "big5hkscs",
    "x-big5": "big5hkscs",
}
_NO_CHARSETS = frozenset(
    (
        "idna",
        "punycode",
        "unicode_escape",
        "unicode-escape",
        "raw_unicode_escape",
        "raw-unicode-escape",
        "undefined",
        "mbcs",
        "oem",
    )
)
"""Python knows them as codecs, but no mail is written in them."""
_SINGLE_BYTE = re.compile(r"cp125\d|iso8859|latin|mac|koi8|cp8\d\d|ascii|cp437", re.IGNORECASE)
_CONTROLS = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 127))
_CONTROL_SEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SURROGATE_SEEN = re.compile(r"[\ud800-\udfff]")


@lru_cache(maxsize=256)
def codec_of(label: str) -> str:
    """The Python codec for a MIME label, or "" when it names none that decodes bytes to text."""
    name = label.strip().strip("\"'").lower()
    name = name.split("*")[0].split(";")[0].strip()
    name = _ALIASES.get(name, name)
    if not name or not name.isascii() or len(name) > 40 or name in _NO_CHARSETS:
        return ""
    try:
        info = codecs.lookup(name)
        decoded: object = info.decode(b"a", "strict")[0]
    except Exception:  # codec lookup runs foreign labels through importlib: anything may come out
        return "utf-16" if name.startswith("utf-16") else ""
    return info.name if isinstance(decoded, str) else ""


def decode(data: bytes, label: str = "") -> str:
    """Text of `data`. A label that lies (UTF-8 called latin-1, cp1252 called ASCII) is not believed."""
    if data.isascii():
        return _decode_ascii(data, label)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return tidy(data.decode("utf-16", "replace"))
    codec = codec_of(label)
    for attempt in _attempts(data, codec):
        try:
            return tidy(data.decode(attempt))
        except (UnicodeError, ValueError, LookupError):
            continue
    if codec and not _SINGLE_BYTE.search(codec):
        return tidy(data.decode(codec, "replace"))
    return tidy(_guess(data))


def _decode_ascii(data: bytes, label: str) -> str:
    codec = codec_of(label) if label else ""
    if codec in ("utf-7", "hz") or codec.startswith(("iso2022", "utf-16", "utf-32")):
        try:
            return tidy(data.decode(codec))
        except (UnicodeError, ValueError):
            pass
    if b"\x1b$" in data or b"\x1b(" in data:
        return tidy(data.decode("iso2022_jp_ext", "replace"))
    return tidy(data.decode("ascii"))


def _attempts(data: bytes, codec: str) -> list[str]:
    if not codec:
        return ["utf-8"]
    if _SINGLE_BYTE.search(codec):
        return ["utf-8", codec]
    return [codec, "utf-8"]


def _guess(data: bytes) -> str:
    """Unlabelled 8-bit: mostly Western; text that is mostly high bytes is asked of a detector."""
    sample = data[:4096]
    high = sum(byte > 127 for byte in sample)
    if len(sample) >= 16 and high * 4 > len(sample):
        from charset_normalizer import from_bytes

        best = from_bytes(sample, steps=3).best()
        if best is not None:
            return data.decode(best.encoding, "replace")
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def tidy(text: str) -> str:
    """Without what PostgreSQL or a terminal refuses: NULs, other controls, lone surrogates; \\n only."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if _CONTROL_SEEN.search(text):
        text = text.translate(_CONTROLS)
    if not text.isascii() and _SURROGATE_SEEN.search(text):
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text.removeprefix("\ufeff")
