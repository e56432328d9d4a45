"""Machines that leak, blink and grind too loudly."""

from __future__ import annotations

from sportello.demo import deeds, papers
from sportello.demo.script import Do, Mail, Note, Reply, Story, Times


def stories(t: Times) -> list[Story]:
    return [
        _leak(t),
        _descale(t),
        _grinder(t),
        _error(t),
        _portafilter(t),
        _cold(t),
        _noise(t),
        _manual(t),
    ]


def _leak(t: Times) -> Story:
    html = (
        "<div>Buongiorno,<br><br>la mia <b>Aurora Uno</b> (ordine BA-20418) da domenica perde acqua dal gruppo. "
        "Ho cambiato io la guarnizione ma non è servito: appena parte la pompa gocciola sul piano.<br><br>"
        'Vi metto una foto:<br><img src="cid:perdita@posta.example" alt="la perdita" width="480"><br><br>'
        "Grazie<br>Chiara Bellandi</div>"
    )
    text = (
        "Buongiorno,\n\nla mia Aurora Uno (ordine BA-20418) da domenica perde acqua dal gruppo. Ho cambiato io la "
        "guarnizione ma non è servito: appena parte la pompa gocciola sul piano.\n\nVi metto una foto.\n\nGrazie\nChiara Bellandi"
    )
    receipt = papers.pdf(
        "scontrino-BA-20418.pdf",
        ["Bottega Aurora, via Fillungo 112, Lucca", "Ordine BA-20418", "", "1 Aurora Uno, rame      449,00 EUR",
         "1 Tazzine Alba, set da 6   40,00 EUR", "Totale                     489,00 EUR", "Pagato con carta ** 4402"],
    )  # fmt: skip
    photo = papers.machine_photo("perdita.jpg", leaks=True, content_id="perdita@posta.example")
    return Story(
        "leak",
        "chiara",
        "Aurora Uno: perde acqua dal gruppo",
        [
            Mail(t.day(2, "08:41"), text, html=html, files=[photo]),
            Do(t.day(2, "08:58"), "giulia", deeds.assign("giulia", "macchine")),
            Do(t.day(2, "08:58"), "giulia", deeds.tags("garanzia", "lotto 0925")),
            Do(
                t.day(2, "08:59"),
                "giulia",
                deeds.fields(ordine="BA-20418", modello="Aurora Uno", matricola="0925-1177"),
            ),
            Do(t.day(2, "08:59"), "giulia", deeds.kind("problem")),
            Reply(
                t.day(2, "09:06"),
                "giulia",
                "Buongiorno Chiara,\n\nmi dispiace. La matricola 0925-1177 è di un lotto con la guarnizione difettosa: "
                "le mandiamo il kit G58 in garanzia. Mi serve solo lo scontrino e un orario per la consegna.",
            ),
            Note(
                t.day(2, "09:09"),
                "giulia",
                "Quarta del lotto 0925 questa settimana. @Marco ne abbiamo ancora di G58?",
                ["marco"],
            ),
            Note(
                t.day(2, "11:32"),
                "marco",
                "Undici in magazzino, altri cinquanta arrivano giovedì. Manda pure.",
            ),
            Do(t.day(2, "11:33"), "marco", deeds.read_by("marco")),
            Mail(
                t.ago(125),
                "Buongiorno Giulia, allego lo scontrino come d'accordo. L'indirizzo è quello dell'ordine, ma dalle 9 alle 13 "
                "non c'è nessuno.",
                files=[receipt],
            ),
            Reply(
                t.ago(96),
                "giulia",
                "Grazie Chiara. Il kit parte oggi con GLS (BA-20418-G1), consegna domani dopo le 14. Il corriere la chiama "
                "mezz'ora prima.",
            ),
            Mail(t.ago(24), "Perfetto, grazie! Domani sono a casa tutto il pomeriggio."),
            Do(t.ago(22), "giulia", deeds.read_by("giulia")),
        ],
    )


def _descale(t: Times) -> Story:
    return Story(
        "descale",
        "paolo",
        "Decalcificazione: la spia resta accesa",
        [
            Mail(
                t.day(1, "18:47"),
                "Salve,\nho fatto il ciclo di decalcificazione sulla mia Aurora Due ma la spia arancione resta accesa. "
                "Devo rifarlo?\n\nPaolo Vannucci\n\nInviato da iPhone",
            ),
            Do(t.day(1, "18:52"), "marco", deeds.assign("marco", "macchine")),
            Do(t.day(1, "18:52"), "marco", deeds.fields(modello="Aurora Due")),
            Reply(
                t.day(1, "18:55"),
                "marco",
                "Buonasera Paolo,\n\nil ciclo completo dura 35 minuti e ha due risciacqui: la spia si spegne solo dopo il "
                "secondo. Provi a rifarlo senza spegnere la macchina in mezzo.",
            ),
            Mail(
                t.ago(47),
                "Ho rifatto il ciclo due volte come mi avete detto, ma la spia è sempre lì. Cosa sbaglio?",
            ),
        ],
    )


def _grinder(t: Times) -> Story:
    return Story(
        "grinder",
        "lorenzo",
        "Macinino troppo rumoroso",
        [
            Mail(
                t.ago(78),
                "Bello è bello, ma alle sei di mattina il macinino Brera sveglia tutto il palazzo. È normale che faccia "
                "questo rumore o ha qualcosa che non va? L'ho preso a settembre, ordine BA-20266.\n\nLorenzo De Santis",
            ),
            Do(t.ago(70), "sara", deeds.tags("recensione")),
            Do(t.ago(70), "sara", deeds.assign(team="macchine")),
        ],
    )


def _error(t: Times) -> Story:
    return Story(
        "error",
        "davide",
        "URGENTE: Aurora Due ferma, errore E4",
        [
            Mail(
                t.ago(33),
                "Buongiorno, la macchina del banco è ferma da stamattina, sul display compare E4 e non scalda. Abbiamo il "
                "bar pieno. Chiamatemi al 050 555 0160.\n\nDavide Torre\nCaffè della Torre, Pisa",
                files=[papers.display_photo("display-E4.png", "E4")],
                headers=(("X-Priority", "1"),),
            ),
            Do(t.ago(30), "marco", deeds.assign("marco", "macchine")),
            Do(t.ago(30), "marco", deeds.priority("urgent")),
            Do(t.ago(30), "marco", deeds.kind("incident")),
            Do(t.ago(30), "marco", deeds.tags("b2b")),
            Do(t.ago(29), "marco", deeds.fields(modello="Aurora Due", matricola="0324-0082")),
            Note(t.ago(27), "marco", "E4 = sonda caldaia. L'ho chiamato: stacca la corrente dieci minuti e riprova. "
                 "@Aurora se non parte serve il tecnico oggi, lo autorizzi?", ["aurora"]),
        ],
    )  # fmt: skip


def _portafilter(t: Times) -> Story:
    return Story(
        "portafilter",
        "marta",
        "Portafiltro senza fondo per Aurora Uno",
        [
            Mail(t.day(3, "15:20"), "Buongiorno, avete il portafiltro senza fondo da 58 mm per la Aurora Uno? Quanto costa e in quanto arriva?"),
            Do(t.day(3, "15:41"), "sara", deeds.assign("sara", "assistenza")),
            Do(t.day(3, "15:41"), "sara", deeds.tags("ricambi")),
            Reply(
                t.day(3, "15:44"),
                "sara",
                "Buongiorno Marta,\n\nsì: portafiltro nudo 58 mm con manico in noce, 62,00 €. È in magazzino, arriva in due "
                "giorni lavorativi.",
            ),
            Mail(t.day(2, "20:15"), "Perfetto, ordinato adesso dal sito. Grazie!"),
            Reply(t.day(1, "09:05"), "sara", "Grazie a lei, Marta. Parte stamattina.", then="solved"),
        ],
    )  # fmt: skip


def _cold(t: Times) -> Story:
    return Story(
        "cold",
        "stefano",
        "Caffè tiepido con la Aurora Uno",
        [
            Mail(
                t.day(4, "07:58"),
                "Buongiorno, il caffè esce tiepido anche dopo mezz'ora di riscaldamento. Le tazzine le scaldo sopra la "
                "macchina. La temperatura si regola?\n\nStefano Riva",
            ),
            Do(t.day(4, "09:15"), "marco", deeds.assign("marco", "macchine")),
            Reply(
                t.day(4, "09:22"),
                "marco",
                "Buongiorno Stefano,\n\nsì, con la vite sotto il coperchio: un ottavo di giro in senso orario vale circa due "
                "gradi. Faccia una prova e mi dica; se non basta controlliamo il pressostato.",
            ),
            Do(t.day(4, "09:23"), "marco", deeds.snooze(t.ahead(46))),
        ],
    )


def _noise(t: Times) -> Story:
    return Story(
        "pump",
        "roberto",
        "Rumore della pompa dopo la riparazione",
        [
            Mail(
                t.day(6, "10:12"),
                "Buongiorno, da quando è tornata dalla riparazione (BA-19877) la pompa fa un rumore metallico per i primi "
                "secondi. Posso usarla?\n\nRoberto Galli",
            ),
            Do(t.day(6, "10:30"), "marco", deeds.assign("marco", "macchine")),
            Do(t.day(6, "10:30"), "marco", deeds.tags("garanzia")),
            Reply(t.day(6, "10:38"), "marco", "Buongiorno Roberto,\n\nsì, la può usare: è aria nel circuito. Chiedo comunque al laboratorio e le scrivo."),
            Do(t.day(6, "10:40"), "marco", deeds.status("on_hold")),
            Note(t.day(5, "16:02"), "marco", "Il laboratorio aspetta il giunto antivibrazione dal fornitore, una settimana. "
                 "@Giulia se Galli richiama mentre sono in ferie, digli venerdì prossimo.", ["giulia"]),
        ],
    )  # fmt: skip


def _manual(t: Times) -> Story:
    manual = papers.pdf("moka-aurora-istruzioni.pdf", ["Moka Aurora, 6 tazze", "Istruzioni", "", "1. Riempire la caldaia fino alla valvola.",
        "2. Mettere il caffè senza pressarlo.", "3. Fuoco basso; spegnere quando comincia a borbottare."])  # fmt: skip
    return Story(
        "manual",
        "laura",
        "Istruzioni della moka",
        [
            Mail(t.day(8, "11:03"), "Buongiorno, nella scatola della Moka Aurora mancava il foglietto delle istruzioni. Me lo potete mandare?\nLaura Benedetti"),
            Reply(t.day(8, "11:20"), "sara", "Buongiorno Laura, eccolo in allegato. Buon caffè!", then="solved", files=[manual]),
            Do(t.day(1, "18:30"), "aurora", deeds.status("closed")),
        ],
    )  # fmt: skip
