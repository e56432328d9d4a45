"""Saved replies: (shortcut, language, title, text)."""

REPLIES = (
    (
        "kit",
        "it",
        "Kit guarnizione in garanzia",
        (
            "Buongiorno {{contact.first_name}},\n\nil kit guarnizione G58 è in garanzia: parte oggi e arriva in due giorni "
            "lavorativi. Per montarlo bastano dieci minuti e una chiave da 8; nel pacco trova le istruzioni con le foto.\n\n"
            "Se qualcosa non torna, risponda pure a questa e-mail."
        ),
    ),
    (
        "kit",
        "en",
        "Gasket kit under warranty",
        (
            "Hello {{contact.first_name}},\n\nthe G58 gasket kit is covered by the warranty: it leaves today and takes two to "
            "four working days. Fitting it takes ten minutes and an 8 mm spanner; the instructions are in the box."
        ),
    ),
    (
        "resi",
        "it",
        "Come rendere un articolo",
        (
            "Buongiorno {{contact.first_name}},\n\nha 30 giorni dalla consegna per rendere l'articolo. In allegato trova "
            "l'etichetta GLS: la incolli sul pacco e lo lasci in un punto di ritiro. Il rimborso parte entro tre giorni "
            "lavorativi da quando riceviamo il pacco."
        ),
    ),
    (
        "resi",
        "en",
        "How to return an item",
        (
            "Hello {{contact.first_name}},\n\nyou can return the item within 30 days of delivery. The label is attached: stick "
            "it on the parcel and drop it at any pick-up point. We refund within three working days of receiving it."
        ),
    ),
    (
        "fattura",
        "it",
        "Dati per la fattura elettronica",
        (
            "Buongiorno {{contact.first_name}},\n\nper la fattura ci servono ragione sociale, partita IVA, indirizzo e codice "
            "SDI o PEC. La emettiamo entro il giorno dopo e la trova nel suo cassetto fiscale."
        ),
    ),
    (
        "ritiro",
        "it",
        "Ritiro in negozio",
        (
            "Ciao {{contact.first_name}}, te lo mettiamo da parte in via Fillungo 112 fino a domani sera. "
            "Basta dire il nome alla cassa."
        ),
    ),
    (
        "ritiro",
        "en",
        "Pick-up in Lucca",
        (
            "Hi {{contact.first_name}}, we keep it for you in the shop, Via Fillungo 112, until tomorrow evening. "
            "Just give your name at the till."
        ),
    ),
    (
        "orari",
        "it",
        "Orari",
        (
            "L'assistenza risponde dal lunedì al venerdì dalle 9 alle 19 e il sabato dalle 9 alle 13. "
            "Il negozio di Lucca è aperto dal martedì al sabato, 9–13 e 15–19:30."
        ),
    ),
    (
        "orari",
        "en",
        "Opening hours",
        (
            "We answer Monday to Friday from 9 to 19 and Saturday from 9 to 13 (Rome time). "
            "The shop in Lucca is open Tuesday to Saturday, 9–13 and 15–19:30."
        ),
    ),
    (
        "spedizione",
        "it",
        "Pacco fermo",
        (
            "Buongiorno {{contact.first_name}},\n\nho aperto una pratica con GLS per il suo pacco. Di solito rispondono entro "
            "24 ore; se entro domani sera non si muove, ne rispediamo uno noi senza aspettare."
        ),
    ),
    (
        "decalcifica",
        "it",
        "Decalcificazione",
        (
            "Il ciclo completo dura 35 minuti e ha due risciacqui: la spia si spegne solo dopo il secondo. Se resta accesa, "
            "tenga premuti insieme i tasti 1 e 3 per cinque secondi: il contatore si azzera."
        ),
    ),
    (
        "grazie",
        "it",
        "Grazie e buon caffè",
        "Grazie a lei, {{contact.first_name}}. Buon caffè!",
    ),
)
