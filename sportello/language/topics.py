"""What a customer's text is about, coarsely, in Italian and English: a dozen matters that shops know. Pure.

Words of both languages lead to the same matter, so that a ticket begun in one goes on in the other.
"""

from __future__ import annotations

import re

from sportello.language.likeness import stem, words

_WORDS = {
    "delivery": "spedizione spedito corriere consegna consegnato tracking traccia transito deposito smarrito ritardo"
    " recapito delivery delivered courier shipping shipped shipment dispatch transit tracking lost late",
    "return": "reso restituire restituzione recesso rimandare etichetta ritiro return returning returned label withdraw"
    " withdrawal",
    "refund": "rimborso rimborsare rimborsato accredito riaccredito storno bonifico iban refund refunded money reimburse"
    " chargeback credited",
    "invoice": "fattura fatture fatturazione partita iva ricevuta scontrino sdi pec invoice invoices billing vat receipt",
    "defect": "rotto rotta guasto difettoso difetto perde perdita crepa crepato rumore blocca bloccata spegne accende"
    " funziona riparazione riparare broken faulty defective leak leaks leaking crack cracked noise stopped repair"
    " damaged dead",
    "damage": "danneggiato danneggiata ammaccato rotte scheggiata scheggiate urto schiacciato damaged dented smashed"
    " chipped crushed",
    "warranty": "garanzia matricola seriale warranty guarantee serial",
    "payment": "pagamento pagare pagato carta addebito addebitato paypal rata payment pay paid charged card",
    "account": "accesso accedere password login registrazione registrato profilo account log sign credentials reset",
    "subscription": "abbonamento abbonato rinnovo sospendere sospendo disdire disdetta subscription renew renewal pause"
    " unsubscribe",
    "discount": "sconto codice coupon buono promozione offerta discount coupon voucher promo promotion",
    "availability": "disponibile disponibilita esaurito scorta tornera magazzino available availability stock restock sold",
    "pickup": "ritirare ritiro pickup collect collection",
    "exchange": "cambio cambiare sostituire sostituzione sostituito taglia colore sbagliato errato exchange swap replace"
    " replacement replaced wrong size colour",
    "cancel": "annullare annullamento annullato cancellare cancel cancelled cancellation",
    "address": "indirizzo via civico citofono cap destinatario address street postcode zip",
    "missing": "manca mancano mancante mancanti missing incomplete lacks",
    "usage": "macinatura grammi dose pressione temperatura regolare pulizia pulire decalcificare manuale istruzioni grind"
    " grams dose pressure temperature adjust clean cleaning descale manual instructions",
}

_BY_STEM: dict[str, set[str]] = {}
for _topic, _listed in _WORDS.items():
    for _word in _listed.split():
        _BY_STEM.setdefault(stem(_word), set()).add(_topic)

_NONE: frozenset[str] = frozenset()


def topics(text: str) -> frozenset[str]:
    """The matters a text touches; none when it says too little."""
    return of(words(text))


def of(words: frozenset[str]) -> frozenset[str]:
    """The matters that words touch."""
    found: set[str] = set()
    for word in words:
        found |= _BY_STEM.get(stem(word), _NONE)
    return frozenset(found)


_GOES_ON = re.compile(
    r"\b(come (?:dicevo|detto|scritto|richiesto|chiesto|promesso|da (?:accordi|voi)|anticipat\w)|in allegato|vi allego|allego|"
    r"ecco(?:\s|la|lo|le|li|vi|mi)|sollecit\w+|ancora (?:niente|nulla|nessun\w*|in attesa|aspett\w+|non)|nessun\w* (?:risposta|notizi\w|novita|mi ha)|"
    r"(?:ci sono|avete|qualche) (?:novita|notizie|aggiornament\w)|novita\?|aggiornament\w|(?:vi|le) ho (?:gia )?(?:scritto|mandato|inviato|chiamato)|"
    r"ho (?:gia )?(?:scritto|provato|fatto) (?:come|quello|ieri)|vi (?:ho|avevo) (?:scritto|chiamat\w)|di nuovo|continuo|proseguo|riguardo (?:al|alla) mi[ao]|"
    r"in merito (?:al|alla) mi[ao]|sempre (?:per|riguardo|io)|sono sempre|dimenticavo|ho dimenticato|aggiungo|p\.?s\.?|la mia (?:richiesta|segnalazione|mail)|"
    r"as (?:i said|requested|promised|discussed|agreed|you asked|mentioned)|attached|here(?:'s| is| are| it is| you)|still (?:no|nothing|waiting|not|haven)|"
    r"any (?:news|update|updates|progress)|following up|follow(?:ing)?[- ]up|chasing|nobody (?:has )?(?:answered|replied|called)|no (?:one|reply|answer|response)|"
    r"i (?:already )?(?:wrote|emailed|called|messaged|sent)|my (?:last|previous|earlier) (?:mail|email|message|request)|again|forgot to|i should add|as for my|"
    r"regarding my|about my (?:request|complaint|report)|me again|it'?s me|i did what|tried what)\b",
    re.IGNORECASE,
)
_BEGINS = re.compile(
    r"\b(un'?\s?altra (?:cosa|domanda|questione|richiesta)|altra (?:cosa|domanda|questione|richiesta)|(?:un )?nuov[oa] (?:ordine|richiesta|domanda|acquisto|problema)|"
    r"questa volta|stavolta|non c'?entra|(?:cosa|questione|domanda) divers[ao]|cambiando (?:discorso|argomento)|tutt'?altra|un altro (?:ordine|problema|prodotto|pacco)|"
    r"(?:vorrei|volevo) (?:acquistare|comprare|ordinare|sapere se (?:avete|vendete))|a parte quest|oltre a quest|"
    r"another (?:thing|question|matter|order|issue|problem)|different (?:thing|question|matter|order|issue|problem)|new (?:order|question|request|issue|problem)|"
    r"this time|unrelated|separate(?:ly)? (?:thing|question|matter|issue|order)?|on another note|by the way|not about|nothing to do with|"
    r"(?:i )?(?:would|'d) like to (?:buy|order|purchase)|do you (?:sell|stock|have)|apart from that|besides that)\b",
    re.IGNORECASE,
)


def goes_on(text: str) -> bool:
    """Whether it sounds like the continuation of something said before."""
    return bool(_GOES_ON.search(text[:600].replace("’", "'").replace("à", "a")))


def begins(text: str) -> bool:
    """Whether it says itself that this is another matter."""
    return bool(_BEGINS.search(text[:600].replace("’", "'")))
