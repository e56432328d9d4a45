"""What a mail address tells of who reads it: one person, a whole office, a company, nobody in particular. Pure."""

from __future__ import annotations

import unicodedata

_OFFICES_WORDS = """
    info contact contatti contatto support assistenza supporto help helpdesk service servizio clienti sales vendite
    commerciale shop store negozio orders ordini acquisti purchasing office ufficio uffici segreteria reception
    amministrazione admin administration accounting accounts contabilita billing fatture fatturazione invoices hr
    personale jobs lavoro marketing press stampa team staff hello ciao mail email posta pec webmaster postmaster
    hostmaster abuse noreply no-reply donotreply root direzione logistica magazzino warehouse shipping spedizioni
    booking prenotazioni famiglia family casa
"""
_OFFICES = frozenset(_OFFICES_WORDS.split())
_FREE_WORDS = """
    gmail.com googlemail.com outlook.com outlook.it hotmail.com hotmail.it hotmail.co.uk hotmail.fr live.com live.it
    msn.com yahoo.com yahoo.it yahoo.co.uk yahoo.fr yahoo.de ymail.com rocketmail.com icloud.com me.com mac.com aol.com
    aol.it libero.it virgilio.it alice.it tin.it tim.it tiscali.it tiscalinet.it fastwebnet.it inwind.it iol.it
    email.it katamail.com supereva.it vodafone.it teletu.it wind.it poste.it pec.it legalmail.it arubapec.it
    postecert.it gmx.com gmx.de gmx.net gmx.at gmx.ch web.de t-online.de freenet.de arcor.de mail.de posteo.de
    mailbox.org orange.fr wanadoo.fr free.fr laposte.net sfr.fr neuf.fr bbox.fr btinternet.com sky.com virginmedia.com
    talktalk.net ntlworld.com blueyonder.co.uk comcast.net verizon.net att.net sbcglobal.net cox.net charter.net
    bellsouth.net earthlink.net telefonica.net terra.es ono.com sapo.pt bluewin.ch hispeed.ch proton.me protonmail.com
    pm.me tutanota.com tuta.com tuta.io fastmail.com fastmail.fm hey.com zoho.com zohomail.eu mail.com email.com
    usa.com yandex.ru yandex.com mail.ru bk.ru list.ru inbox.ru rambler.ru qq.com 163.com 126.com sina.com naver.com
    daum.net hanmail.net rediffmail.com duck.com simplelogin.com mozmail.com privaterelay.appleid.com
"""
_FREE = frozenset(_FREE_WORDS.split())
"""Where anybody may have a mailbox: the domain says nothing of an employer. Our own short list."""


def plain(address: str) -> str:
    """Lower case, the domain without a last dot and in its ASCII form (``münchen.de``)."""
    text = unicodedata.normalize("NFC", address).lower()
    local, at, domain = text.rpartition("@")
    domain = domain.rstrip(".")
    if not domain.isascii():
        try:
            domain = domain.encode("idna").decode()
        except UnicodeError:
            return text
    return f"{local}{at}{domain}"


def domain_of(address: str) -> str:
    return address.rpartition("@")[2]


def is_office(address: str) -> bool:
    """``info@``, ``ordini@``: many people read it, none in particular."""
    local = address.partition("@")[0].partition("+")[0]
    return local in _OFFICES or local.split(".")[0] in _OFFICES or local.split("-")[0] in _OFFICES


def company_domain(address: str) -> str:
    """The domain, when it is likely to be an organization's; "" for free mail."""
    domain = domain_of(address)
    return "" if not domain or domain in _FREE else domain


def is_free(domain: str) -> bool:
    return domain.lower() in _FREE


def free_domains() -> list[str]:
    return sorted(_FREE)


def mailbox(address: str) -> str:
    """The spelling that all spellings of one mailbox share: without ``+tag``.

    For suggestions only: an address is kept and answered as it was written.
    """
    local, _at, domain = address.rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"
