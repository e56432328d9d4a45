"""Recipients and reasons out of prose."""

from __future__ import annotations

import re

from sportello.channels.providers.email.bounces.reasons import (
    ENHANCED,
    Report,
    report_of,
    sentence_about,
)
from sportello.channels.providers.email.bounces.signs import DAEMON
from sportello.channels.providers.email.headers import addresses, as_text, normal_address
from sportello.channels.providers.email.mime import Part

_ORIGINAL_TO = re.compile(r"^[ \t>|]{0,8}To\s*:\s*([^\n]{3,300})", re.IGNORECASE | re.MULTILINE)
_ADDRESS = re.compile(
    r"[<\s\"'(:;,]([A-Za-z0-9!#$%&*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,6})"
)
_COPY = re.compile(
    r"^.{0,80}(?:copy of (?:the|your) (?:message|mail|original)|original message (?:follows|header|text|was|below)|message header|"
    r"unsent message|returned (?:message|headers)|included (?:message|is)|header(?:s)? (?:of|follow)|original mail|"
    r"-{3,} ?(?:original|returned|message)|your message follows|beginning of|start of).{0,80}$|"
    r"^(?:Return-Path|Received|From|Date|Message-ID): ",
    re.IGNORECASE | re.MULTILINE,
)


def free_text(root: Part, text: str, original: dict[str, str]) -> list[Report]:
    """Recipients and reasons out of prose."""
    copy = _COPY.search(text, min(len(text), 80))
    told = text[: copy.start()] if copy else text
    listed = [a for _, a in addresses(as_text(root.raw("x-failed-recipients")))]
    own = {a for _, a in addresses(root.get("to"))} | {a for _, a in addresses(root.get("from"))}
    seen = [normal_address(m.rstrip(".")) for m in _ADDRESS.findall(" " + told)]
    candidates = listed or [a for a in dict.fromkeys(seen) if a not in own and not DAEMON.search(a)]
    if not candidates:
        kept = original.get("to", "") or next(iter(_ORIGINAL_TO.findall(text)), "")
        candidates = [a for _, a in addresses(kept)]
    candidates = candidates if listed else candidates[:1]
    reports = []
    for address in candidates or [""]:
        said = sentence_about(told, address) or told[:300]
        code = ENHANCED.search(said) or ENHANCED.search(told)
        reports.append(
            report_of(
                address,
                code[0] if code else "",
                said,
                "delayed" if _only_delayed(root, told) else "",
            )
        )
    return reports


def _only_delayed(root: Part, told: str) -> bool:
    return bool(
        re.search(
            r"delay|warning|still (?:trying|being)|will (?:keep|continue) trying",
            root.get("subject"),
            re.IGNORECASE,
        )
    ) and bool(re.search(r"delay|still|keep|continue|retr", told, re.IGNORECASE))
