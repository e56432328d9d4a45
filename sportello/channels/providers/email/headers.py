"""Header fields: encoded words, parameters, addresses, ids, dates. Linear time, nothing raises."""

from __future__ import annotations

import binascii
import re
from datetime import UTC, datetime, timedelta
from email.utils import mktime_tz, parsedate_tz
from urllib.parse import unquote_to_bytes

from sportello.channels.providers.email.charsets import decode, tidy

MAX_ADDRESSES = 200
MAX_PARAMS = 64
MAX_IDS = 100
MAX_ID = 250

_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*)\?=")
_GAP = re.compile(r"(\?=)\s+(?==\?[^?\s]{1,60}\?[bBqQ]\?)")
_SPACES = re.compile(r"\s+")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"?|\\.|[<>,;:()]|[^"\\<>,;:()]+|\\', re.DOTALL)
_MAILBOX = re.compile(r"[^\s<>\"(),;:@]{1,128}@[^\s<>\"(),;:@]{1,255}")
_PARAM = re.compile(r';\s*([^\s=;"]{1,80})\s*=\s*(?:"((?:[^"\\]|\\.)*)"?|([^;]*))', re.DOTALL)
_SECTION = re.compile(r"^(.+?)(?:\*(\d{1,3}))?(\*)?$")
_ID = re.compile(r"<\s*([^<>\s]{1,998})\s*>")


def as_text(value: bytes) -> str:
    """A raw header value as one line of text, encoded words still encoded."""
    if value.isascii() and (plain := value.decode("ascii")).isprintable():
        return plain.strip()
    text = decode(value)
    return _SPACES.sub(" ", text).strip() if "\n" in text or "\t" in text else text.strip()


def decode_words(value: str) -> str:
    """RFC 2047, forgiving: words inside quotes, characters split over two words, wrong charsets."""
    if "=?" not in value:
        return value
    value = _GAP.sub(r"\1", value)
    out: list[str] = []
    pending: list[tuple[str, bytes]] = []
    position = 0
    for word in _WORD.finditer(value):
        if word.start() > position:
            _flush_words(pending, out)
            out.append(value[position : word.start()])
        _add_word(pending, word[1].split("*")[0], _payload(word[2], word[3]))
        position = word.end()
    _flush_words(pending, out)
    out.append(value[position:])
    return tidy("".join(out)).replace("\n", " ")


def _payload(encoding: str, payload: str) -> bytes:
    data = payload.encode("utf-8", "replace")
    if encoding in "qQ":
        return binascii.a2b_qp(data.replace(b" ", b"_"), header=True)
    return from_base64(data)


def _add_word(pending: list[tuple[str, bytes]], charset: str, data: bytes) -> None:
    if (
        pending
        and pending[-1][0].lower() == charset.lower()
        and not charset.lower().startswith("iso-2022")
    ):
        pending[-1] = (charset, pending[-1][1] + data)
    else:
        pending.append((charset, data))


def _flush_words(pending: list[tuple[str, bytes]], out: list[str]) -> None:
    out.extend(decode(data, charset) for charset, data in pending)
    pending.clear()


def from_base64(data: bytes) -> bytes:
    """Base64 as far as it goes: foreign characters skipped, padding mended."""
    try:
        return binascii.a2b_base64(data)
    except binascii.Error:
        pass
    letters = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
    letters = letters[: len(letters) - 1] if len(letters) % 4 == 1 else letters
    return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))


def text_of(value: bytes) -> str:
    """A raw header value, decoded, as one line."""
    text = as_text(value)
    if text.isascii() and "  " not in text and "=?" not in text:
        return text
    return _SPACES.sub(" ", decode_words(text)).strip()


def params(value: str) -> tuple[str, dict[str, str]]:
    """``text/plain; charset=utf-8; name*0*=…`` as the main value (lower case) and its parameters."""
    main, more, _ = value.partition(";")
    if not more:
        return main.strip().lower(), {}
    found: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[bool, str]]] = {}
    for count, match in enumerate(_PARAM.finditer(value, len(main))):
        if count >= MAX_PARAMS:
            break
        raw = (
            match[2].replace('\\"', '"').replace("\\\\", "\\")
            if match[2] is not None
            else match[3].strip()
        )
        section = _SECTION.match(match[1].lower())
        if section is None:
            continue
        if section[2] is None and section[3] is None:
            found.setdefault(section[1], decode_words(raw))
        else:
            pieces.setdefault(section[1], {})[int(section[2] or 0)] = (bool(section[3]), raw)
    found.update({name: _joined(parts) for name, parts in pieces.items()})
    return main.strip().lower(), found


def _joined(parts: dict[int, tuple[bool, str]]) -> str:
    """RFC 2231: sections in order, percent-decoded where starred, charset named by the first."""
    charset, data = "", b""
    for number, (starred, raw) in sorted(parts.items()):
        if starred and number == 0 and raw.count("'") >= 2:
            charset, _, raw = raw.split("'", 2)
        data += unquote_to_bytes(raw) if starred else raw.encode("utf-8", "replace")
    return decode(data, charset)


def addresses(value: str) -> list[tuple[str, str]]:
    """(name, address) pairs, addresses in lower case. Comments nest without recursion, groups open up."""
    found: list[tuple[str, str]] = []
    if not value:
        return found
    words: list[str] = []
    comment: list[str] = []
    angle: list[str] | None = None
    mailbox = ""
    depth = 0
    for match in _TOKEN.finditer(value):
        token = match[0]
        if depth:
            depth += (token == "(") - (token == ")")
            comment.append(token if depth else "")
        elif token == "(":
            depth = 1
        elif angle is not None:
            if token == ">":
                mailbox, angle = "".join(angle), None
            else:
                angle.append(token)
        elif token == "<":
            angle = []
        elif token in ",;":
            if not _take(found, words, comment, mailbox):
                words.append(token if token == "," else " ")
                continue
            words, comment, mailbox = [], [], ""
        elif token == ":" and not mailbox and not any("@" in word for word in words):
            words = []
        else:
            words.append(token)
        if len(found) >= MAX_ADDRESSES:
            return found
    _take(found, words, comment, mailbox or "".join(angle or ()))
    return found


def _take(found: list[tuple[str, str]], words: list[str], comment: list[str], mailbox: str) -> bool:
    """Add the mailbox just read. False when there was none: the comma belonged to an unquoted name."""
    name = "".join(_unquoted(word) for word in words)
    address = mailbox.strip().strip("'\"")
    if "@" not in address:
        candidate = _MAILBOX.search(decode_words(name)) or _MAILBOX.search(decode_words(address))
        if candidate is None:
            return False
        address = candidate[0]
        name = name.replace(address, "") if "=?" not in name else ""
        name = name or "".join(comment)
    name = _SPACES.sub(" ", decode_words(name)).strip(" ,'\"")
    found.append((name[:200], normal_address(address)))
    return True


def _unquoted(word: str) -> str:
    if not word.startswith('"'):
        return word
    return re.sub(r"\\(.)", r"\1", word[1:-1] if word.endswith('"') and len(word) > 1 else word[1:])


def normal_address(address: str) -> str:
    """Lower case, without white space or source route; at most 320 characters."""
    address = _SPACES.sub("", tidy(address)).lower()
    if address.startswith("@") and ":" in address:
        address = address.rpartition(":")[2]
    return address.removeprefix("mailto:").strip("'\"<>")[:320]


def message_ids(value: str) -> list[str]:
    """Ids without angle brackets, in order, none empty, none twice."""
    ids = _ID.findall(value)
    if not ids and "@" in value and len(value) <= MAX_ID and " " not in value.strip():
        ids = [value.strip().strip("<>")]
    unique = [i for i in dict.fromkeys(ids) if i and len(i) <= MAX_ID]
    return unique if len(unique) <= MAX_IDS else unique[:1] + unique[-(MAX_IDS - 1) :]


def date(value: str, now: datetime | None = None) -> datetime | None:
    """An aware, believable moment: not before 1990, not more than a day ahead. Else None."""
    now = now or datetime.now(UTC)
    try:
        parsed = parsedate_tz(value[:200])
        moment = datetime.fromtimestamp(mktime_tz(parsed), UTC) if parsed else None
    except (ValueError, OverflowError, OSError, TypeError, IndexError):
        return None
    if moment is None or moment.year < 1990 or moment > now + timedelta(days=1):
        return None
    return moment
