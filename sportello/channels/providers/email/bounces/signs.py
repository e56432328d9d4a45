"""Does this mail say that another did not arrive? By who sends it, its subject, its words."""

from __future__ import annotations

import re

from sportello.channels.providers.email.headers import as_text
from sportello.channels.providers.email.mime import Part

DAEMON = re.compile(
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


def looks_like_one(root: Part, leaves: list[Part]) -> bool:
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
    return bool(DAEMON.search(root.get("from")) or DAEMON.search(as_text(root.raw("return-path"))))


def _says_so(leaves: list[Part]) -> bool:
    first = next((p for p in leaves if p.type.startswith("text/")), None)
    return first is not None and bool(_BODY.search(first.text()[:8000]))
