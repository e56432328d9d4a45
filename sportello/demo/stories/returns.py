"""Things that come back: returns, refunds, what broke on the way."""

from __future__ import annotations

from sportello.demo import deeds, papers
from sportello.demo.script import Attached, Do, Mail, Note, Reply, Story, Times


def stories(t: Times) -> list[Story]:
    return [_chipped(t), _refund(t), _regret(t), _exchange(t), _wrong_colour(t)]


def _label(order: str) -> Attached:
    return papers.pdf(
        f"etichetta-reso-{order}.pdf",
        [
            "GLS, reso prepagato",
            f"Ordine {order}",
            "Bottega Aurora, via Fillungo 112",
            "55100 Lucca LU",
        ],
    )


def _chipped(t: Times) -> Story:
    return Story(
        "chipped",
        "giorgia",
        "Reso tazzina sbeccata, set Alba",
        [
            Mail(
                t.day(1, "09:31"),
                "Buongiorno, una delle sei tazzine Alba è arrivata sbeccata (foto). Ordine BA-20512. Preferirei la sola tazzina "
                "nuova, se si può.\n\nGiorgia Pellegrini",
                files=[papers.cup_photo("tazzina.jpg")],
            ),
            Do(t.day(1, "09:50"), "giulia", deeds.assign("giulia", "resi")),
            Do(t.day(1, "09:50"), "giulia", deeds.tags("danno trasporto")),
            Do(t.day(1, "09:51"), "giulia", deeds.fields(ordine="BA-20512", modello="Tazzine Alba")),
            Reply(
                t.day(1, "09:58"),
                "giulia",
                "Buongiorno Giorgia,\n\nsi può: la tazzina nuova parte oggi. L'etichetta del reso è qui sotto, vale fino al 30; "
                "la sbeccata serve al nostro ceramista per capire l'imballo.",
                files=[_label("BA-20512")],
            ),
        ],
        box="returns",
    )  # fmt: skip


def _refund(t: Times) -> Story:
    return Story(
        "refund",
        "beatrice",
        "Rimborso non ancora ricevuto",
        [
            Mail(t.day(3, "08:22"), "Buongiorno, avete ricevuto il mio reso (BA-20389) otto giorni fa ma il rimborso di 129 € non si vede ancora sulla carta.\nBeatrice Lombardi"),
            Do(t.day(3, "09:10"), "sara", deeds.assign("sara", "resi")),
            Do(t.day(3, "09:10"), "sara", deeds.priority("high")),
            Do(t.day(3, "09:11"), "sara", deeds.fields(ordine="BA-20389", modello="Macinino Brera")),
            Reply(t.day(3, "09:18"), "sara", "Buongiorno Beatrice,\n\nha ragione: il rimborso era rimasto in attesa di conferma. L'ho sbloccato ora, sulla carta lo vede in due o tre giorni."),
            Mail(t.ago(52), "Sono passati tre giorni e non vedo ancora niente. Mi mandate una ricevuta del bonifico?"),
        ],
        box="returns",
    )  # fmt: skip


def _regret(t: Times) -> Story:
    return Story(
        "regret",
        "carlo",
        "Recesso ordine BA-20540",
        [
            Mail(t.ago(101), "Buongiorno,\nesercito il diritto di recesso per l'ordine BA-20540, ricevuto ieri e ancora sigillato. Come procedo?\n\nCarlo Bassi"),
        ],
        box="returns",
    )  # fmt: skip


def _exchange(t: Times) -> Story:
    return Story(
        "exchange",
        "alessio",
        "Cambio taglia grembiule",
        [
            Mail(t.day(7, "16:40"), "Il grembiule da barista è troppo piccolo, lo posso cambiare con una L? Ordine BA-20421\nAlessio"),
            Do(t.day(7, "16:55"), "sara", deeds.assign("sara", "resi")),
            Reply(t.day(7, "17:01"), "sara", "Ciao Alessio, certo: ecco l'etichetta. La L parte appena il corriere ritira la tua.", files=[_label("BA-20421")]),
            Mail(t.day(4, "12:10"), "Spedito stamattina, grazie"),
            Reply(t.day(3, "10:45"), "sara", "Arrivato, la L è partita. Buon lavoro dietro al banco!", then="solved"),
        ],
        box="returns",
    )  # fmt: skip


def _wrong_colour(t: Times) -> Story:
    return Story(
        "colour",
        "valentina",
        "Colore sbagliato: rame invece di salvia",
        [
            Mail(t.day(2, "13:15"), "Ho ordinato la Aurora Uno verde salvia e mi è arrivata color rame. È bella, ma la cucina è verde! Come facciamo?\nValentina Serra",
                 files=[papers.machine_photo("arrivata.jpg")]),
            Do(t.day(2, "14:30"), "giulia", deeds.assign("giulia", "resi")),
            Do(t.day(2, "14:31"), "giulia", deeds.fields(ordine="BA-20503", modello="Aurora Uno")),
            Reply(t.day(2, "14:39"), "giulia", "Buongiorno Valentina,\n\nerrore nostro. Il corriere passa a ritirarla venerdì e le porta la verde nello stesso viaggio: non deve imballare nulla."),
            Do(t.day(2, "14:41"), "giulia", deeds.status("on_hold")),
            Note(t.day(2, "14:42"), "giulia", "In attesa della conferma GLS per lo scambio alla porta."),
            Do(t.day(1, "17:20"), "giulia", deeds.draft("giulia", "Buongiorno Valentina, GLS conferma: ")),
        ],
        box="returns",
    )  # fmt: skip
