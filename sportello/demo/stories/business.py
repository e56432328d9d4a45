"""Hotels, studios and bars: invoices, supplies, people in copy."""

from __future__ import annotations

from sportello.demo import deeds, papers
from sportello.demo.script import Do, Mail, Note, Reply, Story, Times

_MIRALAGO = "\n\n-- \nElena Sartori\nUfficio acquisti, Hotel Miralago\nTel. 045 555 0114"


def stories(t: Times) -> list[Story]:
    return [_broken_cups(t), _invoice(t), _quote(t), _stamp(t), _training(t)]


def _broken_cups(t: Times) -> Story:
    photos = [papers.cup_photo("collo-3a.jpg", chips=3), papers.cup_photo("collo-3b.jpg", chips=2)]
    return Story(
        "cups",
        "elena",
        "Fornitura 48 tazze: rotte nel collo 3",
        [
            Mail(
                t.ago(156),
                "Buongiorno,\n\nla fornitura BA-20488 è arrivata stamattina. Nel collo 3 le tazze sono rotte, le ho "
                "fotografate prima di aprire il resto. Domenica abbiamo un matrimonio e ci servono tutte." + _MIRALAGO,
                files=photos,
                cc="Direzione <direzione@miralago.example>",
            ),
            Do(t.ago(150), "giulia", deeds.assign("giulia", "assistenza")),
            Do(t.ago(150), "giulia", deeds.priority("high")),
            Do(t.ago(150), "giulia", deeds.tags("b2b", "danno trasporto")),
            Do(t.ago(149), "giulia", deeds.fields(ordine="BA-20488", modello="Tazzine Alba")),
            Reply(t.ago(143), "giulia", "Buongiorno Elena,\n\nle rimandiamo subito tutte quelle rotte, consegna entro sabato. Mi dice quante sono in tutto?"),
            Mail(t.ago(14), "Ho contato 11 tazze rotte e 2 piattini. Le altre 37 sono a posto." + _MIRALAGO),
            Do(t.ago(13), "giulia", deeds.follow("marco")),
        ],
    )  # fmt: skip


def _invoice(t: Times) -> Story:
    html = (
        '<div style="font-family:Calibri,sans-serif">Buongiorno,<br><br>la fattura 1189 è stata scartata: il codice SDI è '
        "sbagliato. Quello corretto è <b>M5UXCR1</b>. Potete riemetterla?<br><br>Cordiali saluti<br><br>"
        '<table><tr><td><img src="cid:logo@studio-brera.example" alt="Studio Brera"></td>'
        "<td>Anna Moretti<br>Amministrazione, Studio Brera<br>Via Solferino 24, Milano</td></tr></table></div>"
    )
    text = (
        "Buongiorno,\n\nla fattura 1189 è stata scartata: il codice SDI è sbagliato. Quello corretto è M5UXCR1. Potete "
        "riemetterla?\n\nCordiali saluti\n\n-- \nAnna Moretti\nAmministrazione, Studio Brera\nVia Solferino 24, Milano"
    )
    logo = papers.logo("logo.png", "STUDIO BRERA", "#33415a", "logo@studio-brera.example")
    return Story(
        "invoice",
        "anna",
        "Fattura 1189: codice SDI sbagliato",
        [
            Mail(t.ago(210), text, html=html, files=[logo]),
            Do(t.ago(204), "marco", deeds.assign("marco", "assistenza")),
            Do(t.ago(204), "marco", deeds.tags("fattura", "b2b")),
            Note(
                t.ago(200),
                "marco",
                "Scartata dallo SdI con 00311. Si corregge con una nota di credito e fattura nuova.",
            ),
            Do(t.ago(199), "aurora", deeds.read_by("aurora")),
        ],
    )


def _quote(t: Times) -> Story:
    offer = papers.pdf("preventivo-2217.pdf", ["Preventivo 2217", "Hotel Miralago", "", "120 tazze Alba con logo    1.020,00 EUR",
        "120 piattini               480,00 EUR", "Consegna in sei settimane"])  # fmt: skip
    return Story(
        "quote",
        "elena",
        "Preventivo 120 tazze con logo",
        [
            Mail(t.day(9, "10:02"), "Buongiorno,\n\nper la stagione nuova vorremmo 120 tazze Alba con il nostro logo sul fondo. Ci fate un preventivo?" + _MIRALAGO),
            Do(t.day(9, "10:20"), "aurora", deeds.assign("aurora", "assistenza")),
            Do(t.day(9, "10:20"), "aurora", deeds.tags("b2b")),
            Reply(t.day(8, "15:30"), "aurora", "Buongiorno Elena,\n\nin allegato il preventivo. Il logo lo cuociamo a terzo fuoco, resiste alla lavastoviglie.", files=[offer]),
            Mail(t.day(5, "09:14"), "Molto bene, lo porto in direzione e vi rispondo la settimana prossima." + _MIRALAGO),
            Do(t.day(5, "09:30"), "aurora", deeds.status("pending")),
            Do(t.day(5, "09:30"), "aurora", deeds.snooze(t.ahead(70))),
        ],
    )  # fmt: skip


def _stamp(t: Times) -> Story:
    return Story(
        "stamp",
        "anna",
        "Durata della garanzia con partita IVA",
        [
            Mail(t.day(6, "15:12"), "Buongiorno, se acquistiamo la Aurora Due con partita IVA la garanzia è di uno o due anni?\n\n-- \nAnna Moretti\nStudio Brera"),
            Do(t.day(6, "15:30"), "marco", deeds.assign("marco", "assistenza")),
            Reply(t.day(6, "15:33"), "marco", "Buongiorno Anna,\n\nper le aziende la legge ne prevede uno, ma sulle Aurora la estendiamo noi a due.", then="solved"),
        ],
    )  # fmt: skip


def _training(t: Times) -> Story:
    return Story(
        "training",
        "davide",
        "Corso per i baristi nuovi",
        [
            Mail(t.day(3, "18:05"), "Ciao, ho due ragazzi nuovi al banco. Fate ancora il corso di mezza giornata a Lucca? Il lunedì siamo chiusi.\nDavide, Caffè della Torre"),
            Do(t.day(2, "09:20"), "sara", deeds.assign("sara", "lucca")),
            Do(t.day(2, "09:20"), "sara", deeds.tags("b2b")),
            Reply(t.day(2, "09:26"), "sara", "Ciao Davide, sì: lunedì 14–18, 90 € a persona con la pratica sulla Due. Te li segno?"),
        ],
    )  # fmt: skip
