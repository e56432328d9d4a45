"""Words for the size generator: what customers of a shop for coffee machines write, and what is answered."""

from __future__ import annotations

NAMES = [
    "Giulia",
    "Marco",
    "Sara",
    "Elena",
    "Luca",
    "Matteo",
    "Chiara",
    "Francesca",
    "Davide",
    "Paolo",
    "Anna",
    "Laura",
    "Simone",
    "Alessio",
    "Martina",
    "Irene",
    "Nicola",
    "Silvia",
    "Giorgio",
    "Federica",
    "Tommaso",
    "Beatrice",
    "Pietro",
    "Camilla",
    "Emily",
    "James",
    "Olivia",
    "Harry",
    "Amelia",
    "Jack",
    "Sophie",
    "Thomas",
]
SURNAMES = (
    (
        "Rossi Bianchi Ferrari Esposito Romano Colombo Ricci Marino Greco Bruno Gallo Conti De_Luca Costa Giordano Mancini "
        "Rizzo Lombardi Moretti Barbieri Fontana Santoro Mariani Rinaldi Caruso Ferrara Galli Martini Leone Longo Gentile "
        "Martinelli Vitale Lombardo Serra Coppola De_Santis D'Angelo Marchetti Parisi Villa Conte Ferraro Ferri Fabbri "
        "Bianco Marini Grasso Valentini Messina Smith Jones Taylor Brown Wilson Evans Walker Wright Green Hall Clarke"
    )
    .replace("_", " ")
    .split(" ")
)
THINGS = {
    "it": (
        "la Moka Aurora", "il macinino Brera", "l'Aurora Uno", "l'Aurora Due", "le tazzine Alba", "il bollitore Serchio",
        "la guarnizione", "il portafiltro", "la caldaia", "il filtro", "la lancia del vapore", "il serbatoio", "la bilancia",
    ),
    "en": (
        "the Moka Aurora", "the Brera grinder", "the Aurora Uno", "the Aurora Due", "the Alba cups", "the Serchio kettle",
        "the gasket", "the portafilter", "the boiler", "the filter", "the steam wand", "the water tank", "the scale",
    ),
}  # fmt: skip
CITIES = [
    "Lucca",
    "Pisa",
    "Firenze",
    "Milano",
    "Torino",
    "Genova",
    "Bologna",
    "Napoli",
    "Bari",
    "Palermo",
    "Trieste",
    "Verona",
    "Cagliari",
    "Perugia",
    "Ancona",
    "Livorno",
    "Parma",
    "Modena",
    "Siena",
    "Arezzo",
    "Trento",
    "Udine",
    "Lecce",
    "Catania",
    "Salerno",
    "Bergamo",
    "Brescia",
    "Padova",
    "London",
    "Leeds",
    "Dublin",
]
DETAILS = {
    "it": (
        "perde acqua dalla base", "non si accende più", "è arrivata con un graffio sul manico", "fa un rumore strano",
        "ha una crepa sul vetro", "non raggiunge la pressione", "manca dal pacco", "non corrisponde alla fattura",
        "è in ritardo di una settimana", "vibra e scalda troppo", "lascia fondi nella tazza", "va cambiata in garanzia",
    ),
    "en": (
        "leaks water from the base", "does not switch on any more", "arrived with a scratch on the handle",
        "makes a strange noise", "has a crack in the glass", "does not reach the pressure", "is missing from the parcel",
        "does not match the invoice", "is a week late", "shakes and overheats", "leaves grounds in the cup",
        "should be replaced under warranty",
    ),
}  # fmt: skip
SUBJECTS = {
    "it": ("Problema con {thing}", "Ordine {order}: {thing}", "{thing} {detail}", "Rimborso per {order}", "Quando arriva {thing}?"),
    "en": ("Problem with {thing}", "Order {order}: {thing}", "{thing} {detail}", "Refund for {order}", "When will {thing} arrive?"),
}  # fmt: skip
ASKED = {
    "it": (
        "Buongiorno,\nho comprato {thing} con l'ordine {order} e {detail}. Abito a {city}. Potete aiutarmi?\n\nCordiali saluti\n{name}",
        "Salve, {thing} {detail}. Il numero d'ordine è {order}. Vorrei una sostituzione oppure il rimborso.\nGrazie, {name}",
        "Ancora nessuna notizia del corriere per {order}: la consegna a {city} era prevista per ieri.\n{name}",
        "Vi mando le foto di {thing}: come vedete {detail}. Aspetto una vostra risposta prima di spedirla da {city}.",
        "Grazie della risposta. Ho provato come dite ma {thing} {detail}, di nuovo. Che cosa posso fare?",
    ),
    "en": (
        "Hello,\nI bought {thing} with order {order} and it {detail}. I live in {city}. Can you help me?\n\nKind regards\n{name}",
        "Hi, {thing} {detail}. The order number is {order}. I would like a replacement or a refund.\nThanks, {name}",
        "Still no news from the courier about {order}: delivery in {city} was due yesterday.\n{name}",
        "Here are the pictures of {thing}: as you see it {detail}. I wait for your answer before I ship it from {city}.",
        "Thank you for the answer. I tried what you said but {thing} {detail} again. What can I do?",
    ),
}  # fmt: skip
ANSWERED = {
    "it": (
        "Gentile {name},\nci dispiace che {thing} dia problemi. Le mandiamo subito un'etichetta per il ritiro a {city}, senza spese.",
        "Buongiorno {name}, abbiamo controllato l'ordine {order}: il pacco riparte oggi e arriva entro due giorni lavorativi.",
        "Gentile cliente, il rimborso per {order} è stato disposto; lo vedrà sul conto entro cinque giorni.",
        "Può provare a svitare e pulire il filtro con acqua calda e aceto? Se {thing} {detail} ancora, la cambiamo.",
    ),
    "en": (
        "Dear {name},\nwe are sorry about {thing}. We send you a label right away, pick-up in {city} is free of charge.",
        "Hello {name}, we checked order {order}: the parcel leaves today and arrives within two working days.",
        "Dear customer, the refund for {order} is on its way; you will see it in your account within five days.",
        "Could you unscrew and clean the filter with hot water and vinegar? If {thing} still {detail}, we replace it.",
    ),
}  # fmt: skip
NOTED = (
    "Sentito il magazzino: {order} è pronto a {city}.",
    "Cliente già contattato per telefono, richiama lui. Ordine {order}.",
)
