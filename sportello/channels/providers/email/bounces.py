"""Mails that say that a mail did not arrive: standard reports, and the many that are not."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from sportello.channels.contract import Status, StatusUpdate
from sportello.channels.providers.email import mime
from sportello.channels.providers.email.charsets import decode
from sportello.channels.providers.email.headers import (
    addresses,
    as_text,
    message_ids,
    normal_address,
)
from sportello.channels.providers.email.mime import Part

MAX_RECIPIENTS = 50
MAX_TEXT = 200_000
MAX_REASON = 500

_DAEMON = re.compile(
    r"mailer-?daemon|postmaster|mail[ -]?delivery|mail[ -]?system|^bounces?@|no-?reply@.*bounce|mdaemon|mailadmin|"
    r"mail-?administrator|mailerdaemon|mta@|mail delivery|symantec_antivirus",
    re.IGNORECASE,
)
_SUBJECT = re.compile(
    r"undeliver|undelivered|delivery (?:status|failure|failed|error|problem|has failed|report|delay)|failure notice|failed delivery|"
    r"returned (?:mail|to sender)|returning message|mail (?:failure|failed|delivery fail|system error)|could not be delivered|"
    r"message (?:undeliverable|not delivered|delivery)|non[ -]?(?:delivery|remis)|not delivered|unable to deliver|"
    r"user unknown|delivery to .{1,80} fail|nondeliverable|bounced? mail|mail non remis|unzustellbar|"
    r"(?:mancato|impossibile|notifica di mancato|mancata) (?:recapito|consegna)|messaggio non (?:recapitato|consegnato)|"
    r"avviso di mancat|errore di recapito|recapito non riuscito|non (?:remise|distribu)|échec de la remise|"
    r"no se (?:puede|pudo) entregar|devuelto|não (?:entregue|é possível)|onbestelbaar|kunde inte levereras|"
    r"kan ikke leveres|nie można dostarczyć|недостав|не доставлено|доставк|配信(?:不能|エラー)|送信できません|退信|投递失败|"
    r"warning: .{0,60}(?:delay|could not send|undelivered)|mail could not|delay(?:ed)? (?:mail|delivery)|"
    r"email not delivered|エラー通知|error sending|rejected:? |\[?rejected\]?|permanent fail|mailbox (?:full|unavailable)|over quota",
    re.IGNORECASE,
)
_BODY = re.compile(
    r"could(?: not|n't) be delivered|was not delivered|unable to deliver|delivery (?:to the following|has failed|failed)|"
    r"permanent (?:fatal )?error|permanently failed|undeliverable|user unknown|unknown user|no such user|failed permanently|"
    r"did not reach the following|returned to you|not been delivered|rejected your message|mailbox (?:is )?full|"
    r"following (?:address|recipient)|delivery failure|mail delivery failed|smtp error|host unknown|does not exist|"
    r"non è stato (?:recapitato|consegnato|possibile)|non (?:esiste|recapitat)",
    re.IGNORECASE,
)
_ENHANCED = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
_CODE = re.compile(r"(?<![\d.\w-])([45]\d\d)(?=[ -]|$)")
_ORIGINAL_ID = re.compile(
    r"^[ \t>|]{0,8}(?:Original-)?Message-ID\s*:\s*(?:\n[ \t>]*)?<([^<>\s]{1,250})>",
    re.IGNORECASE | re.MULTILINE,
)
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
_WORDS = {
    "1.1": "The address does not exist", "1.0": "The address is wrong", "1.2": "The domain does not exist",
    "1.3": "The address is not valid", "1.6": "The recipient has moved", "1.8": "Our sender address was refused",
    "1.10": "The domain accepts no mail", "2.0": "The mailbox refused it", "2.1": "The mailbox is disabled",
    "2.2": "The mailbox is full", "2.3": "The message is too large", "3.0": "The receiving system has a problem",
    "3.2": "The receiving system accepts no mail now", "3.4": "The message is too large", "4.0": "The route failed",
    "4.1": "The receiving server does not answer", "4.2": "The connection was lost", "4.3": "The name service failed",
    "4.4": "There is no route to the receiving server", "4.6": "The mail goes round in circles",
    "4.7": "The time to deliver ran out", "6.0": "The content was refused", "7.0": "Refused by policy",
    "7.1": "Refused by policy", "7.23": "SPF refused it", "7.20": "DKIM refused it", "7.26": "Not authenticated",
}  # fmt: skip
_HINTS = (
    (re.compile(r"quota|mailbox (?:is )?full|insufficient (?:disk|storage|system)|over ?quota", re.IGNORECASE), "The mailbox is full"),
    (re.compile(r"user unknown|unknown user|no such (?:user|recipient|address|mailbox)|does(?: not|n't) exist|recipient rejected|"
                r"invalid recipient|unknown (?:recipient|address)|not found|not a valid|no mailbox|no user|not listed", re.IGNORECASE),
     "The address does not exist"),
    (re.compile(r"host (?:unknown|not found)|name service|domain .{0,40}(?:not|unknown)|no mx|nxdomain", re.IGNORECASE), "The domain does not exist"),
    (re.compile(r"spam|blacklist|blocklist|blocked|policy|dmarc|spf|dkim|reputation|content", re.IGNORECASE), "Refused by policy"),
    (re.compile(r"too (?:large|big)|size limit|exceeds", re.IGNORECASE), "The message is too large"),
    (re.compile(r"timed? ?out|connection (?:refused|lost|closed)|temporar|try again|greylist|deferred|delayed", re.IGNORECASE),
     "The receiving server does not answer"),
)  # fmt: skip
_TEMPORARY = re.compile(
    r"quota|mailbox (?:is )?full|temporar|try again|greylist|deferred|delayed|will (?:retry|be retried|keep trying)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Report:
    """One recipient's fate."""

    recipient: str
    status: Status
    reason: str
    permanent: bool


@dataclass(frozen=True, slots=True)
class Bounce:
    reports: tuple[Report, ...]
    original_id: str
    """Message-ID of the mail that came back, "" when nothing of it was returned."""
    complaint: bool = False

    def updates(self, at: datetime | None) -> list[StatusUpdate]:
        """What became of our mail; empty when we cannot tell which mail it was."""
        if not self.original_id:
            return []
        return [
            StatusUpdate(
                self.original_id,
                r.status,
                r.reason,
                recipient=r.recipient,
                at=at,
                permanent=r.permanent,
            )
            for r in self.reports
        ]


def read(root: Part, leaves: list[Part]) -> Bounce | None:
    """The bounce in this mail, or None when it is none."""
    status_parts = [
        p for p in leaves if p.type in ("message/delivery-status", "message/global-delivery-status")
    ]
    feedback = [p for p in leaves if p.type == "message/feedback-report"]
    if not status_parts and not feedback and not _looks_like_one(root, leaves):
        return None
    text = "\n".join(
        p.text()[:MAX_TEXT]
        for p in leaves
        if p.type.startswith("text/") and p.type != "text/rfc822-headers"
    )
    original = _original(leaves)
    original_id = original.get("message-id", "") or _id_in(text)
    if feedback:
        return Bounce((_complaint(feedback[0], original),), original_id, complaint=True)
    reports = [r for p in status_parts for r in _standard(_fields(p), text)]
    reports = reports or _free_text(root, text, original)
    return Bounce(tuple(reports[:MAX_RECIPIENTS]), original_id)


def _looks_like_one(root: Part, leaves: list[Part]) -> bool:
    if root.raw("x-failed-recipients"):
        return True
    if root.type == "multipart/report":
        return "disposition" not in root.params.get("report-type", "").lower() and _from_machine(
            root
        )
    empty_path = root.raw("return-path").strip() == b"<>"
    machine = _from_machine(root)
    if not (machine or empty_path):
        return False
    subject = bool(_SUBJECT.search(root.get("subject")))
    if not (machine or subject):
        return False
    if root.raw("in-reply-to") and not (machine and subject) and not empty_path:
        return False
    return subject or _says_so(leaves)


def _from_machine(root: Part) -> bool:
    return bool(
        _DAEMON.search(root.get("from")) or _DAEMON.search(as_text(root.raw("return-path")))
    )


def _says_so(leaves: list[Part]) -> bool:
    first = next((p for p in leaves if p.type.startswith("text/")), None)
    return first is not None and bool(_BODY.search(first.text()[:8000]))


def _fields(part: Part) -> list[dict[str, str]]:
    """A delivery-status body: one dictionary for the message, then one for each recipient."""
    groups: list[dict[str, str]] = []
    for block in re.split(
        rb"\r?\n[ \t]*\r?\n",
        part.content()[:MAX_TEXT].replace(b"\r\n", b"\n").replace(b"\r", b"\n").strip(),
    ):
        headers, _ = mime.split_headers(block.strip(b"\r\n") + b"\n\n")
        if headers:
            groups.append({name: as_text(value) for name, value in reversed(headers)})
    return groups


def _standard(groups: list[dict[str, str]], text: str) -> list[Report]:
    found = []
    for group in groups:
        recipient = (
            group.get("final-recipient")
            or group.get("original-recipient")
            or group.get("x-actual-recipient")
        )
        if not recipient and not (group.get("status") or group.get("action")):
            continue
        address = normal_address((recipient or "").rpartition(";")[2].strip(" <>"))
        if not address or "@" not in address:
            other = (
                group.get("original-recipient") or group.get("x-actual-recipient") or ""
            ).rpartition(";")[2]
            address = normal_address(other.strip(" <>")) if "@" in other else address
        diagnostic = group.get("diagnostic-code", "")
        kind, _, said = diagnostic.partition(";")
        said = (said or kind).strip() or _sentence_about(text, address)
        found.append(
            _report(address, group.get("status", ""), said, group.get("action", "").lower())
        )
    return found


def _report(address: str, status: str, said: str, action: str) -> Report:
    code = _ENHANCED.search(status)
    told = _ENHANCED.search(said)
    if told and (code is None or code[0].endswith(".0.0") or code[2] == "0"):
        code = told
    smtp = _CODE.search(said)
    if action.startswith(("deliver", "relay", "expand")) and (code is None or code[1] == "2"):
        return Report(address, Status.DELIVERED, said[:MAX_REASON], permanent=True)
    digit = code[1] if code else smtp[1][0] if smtp else ""
    permanent = digit != "4" if digit else not _TEMPORARY.search(said)
    if action.startswith("delay"):
        return Report(address, Status.QUEUED, _in_words(code, said), permanent=False)
    if action.startswith("fail") and digit == "4" and code and (code[2], code[3]) == ("4", "7"):
        permanent = True
    return Report(address, Status.FAILED, _in_words(code, said), permanent=permanent)


def _in_words(code: re.Match[str] | None, said: str) -> str:
    said = re.sub(r"\s+", " ", said).strip()
    words = _WORDS.get(f"{code[2]}.{code[3]}", "") if code else ""
    if not words or (code and code[2] == "0"):
        words = next((sentence for pattern, sentence in _HINTS if pattern.search(said)), words)
    words = words or "It was not delivered"
    detail = said or (code[0] if code else "")
    if code and code[0] not in detail:
        detail = f"{code[0]} {detail}"
    return f"{words}: {detail}"[:MAX_REASON] if detail else words


def _free_text(root: Part, text: str, original: dict[str, str]) -> list[Report]:
    """Recipients and reasons out of prose."""
    copy = _COPY.search(text, min(len(text), 80))
    told = text[: copy.start()] if copy else text
    listed = [a for _, a in addresses(as_text(root.raw("x-failed-recipients")))]
    own = {a for _, a in addresses(root.get("to"))} | {a for _, a in addresses(root.get("from"))}
    seen = [normal_address(m.rstrip(".")) for m in _ADDRESS.findall(" " + told)]
    candidates = listed or [
        a for a in dict.fromkeys(seen) if a not in own and not _DAEMON.search(a)
    ]
    if not candidates:
        kept = original.get("to", "") or next(iter(_ORIGINAL_TO.findall(text)), "")
        candidates = [a for _, a in addresses(kept)]
    candidates = candidates if listed else candidates[:1]
    reports = []
    for address in candidates or [""]:
        said = _sentence_about(told, address) or told[:300]
        code = _ENHANCED.search(said) or _ENHANCED.search(told)
        reports.append(
            _report(
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


def _sentence_about(text: str, address: str) -> str:
    """The lines that carry an error code, best those close to the address."""
    lines = text[:20_000].split("\n")
    place = next((i for i, line in enumerate(lines) if address and address in line.lower()), 0)
    near = lines[max(0, place - 1) : place + 8]
    for number, line in enumerate(near):
        if _ENHANCED.search(line) or _CODE.search(line):
            return " ".join(piece.strip() for piece in near[number : number + 2] if piece.strip())[
                :300
            ]
    for pool in (near, lines):
        for line in pool:
            if any(pattern.search(line) for pattern, _ in _HINTS):
                return line.strip()[:300]
    return " ".join(line.strip() for line in near if line.strip())[:300]


def _original(leaves: list[Part]) -> dict[str, str]:
    """Headers of the returned mail."""
    for part in leaves:
        if part.type in (
            "message/rfc822",
            "text/rfc822-headers",
            "message/rfc822-headers",
            "message/global",
            "message/global-headers",
        ):
            data = part.content()[: 2 * mime.MAX_HEADER_BYTES].lstrip(b"\r\n\t ")
            headers, _ = mime.split_headers(data)
            fields = {name: as_text(value) for name, value in reversed(headers)}
            if fields:
                ids = message_ids(fields.get("message-id", ""))
                fields["message-id"] = ids[0] if ids else _id_in(decode(data))
                return fields
    return {}


def _id_in(text: str) -> str:
    ids = _ORIGINAL_ID.findall(text[:MAX_TEXT])
    return str(ids[-1]) if ids else ""


def _complaint(part: Part, original: dict[str, str]) -> Report:
    fields: dict[str, str] = {}
    for group in _fields(part):
        fields |= group
    recipient = (
        fields.get("original-rcpt-to") or fields.get("removal-recipient") or original.get("to", "")
    )
    found = addresses(recipient)
    kind = fields.get("feedback-type", "abuse")
    reason = f"The recipient's provider reports a complaint: {kind}"
    return Report(found[0][1] if found else "", Status.FAILED, reason[:MAX_REASON], permanent=True)
