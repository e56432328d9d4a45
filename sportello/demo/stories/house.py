"""Tickets that show how the house works: a stranger who answers, a private team, an old case that closed."""

from __future__ import annotations

from sportello.demo import deeds
from sportello.demo.script import Do, Mail, Note, Reply, Story, Times


def stories(t: Times) -> list[Story]:
    return [_held(t), _private(t), _closed(t), _review(t)]


def _held(t: Times) -> Story:
    """Her husband answers from his own address: right token, unknown sender."""
    return Story(
        "held",
        "francesca",
        "Appuntamento per la riparazione",
        [
            Mail(t.day(2, "16:16"), "Buongiorno, vorrei portare la macchina in laboratorio. Serve un appuntamento?\nFrancesca Neri"),
            Do(t.day(2, "16:40"), "marco", deeds.assign("marco", "macchine")),
            Reply(t.day(2, "16:45"), "marco", "Buongiorno Francesca,\n\nsì, così non aspetta: giovedì alle 10 o alle 16?"),
            Mail(
                t.ago(58),
                "Buongiorno, rispondo io per mia moglie: va bene giovedì alle 16, la porto io.",
                sender="Andrea Neri <andrea.neri@ufficio.example>",
            ),
        ],
    )  # fmt: skip


def _private(t: Times) -> Story:
    return Story(
        "private",
        "avvocato",
        "Diffida per uso del marchio «Alba»",
        [
            Mail(t.day(1, "10:55"), "Spett.le Bottega Aurora,\n\nin nome e per conto della mia assistita vi invito a fornire chiarimenti sull'uso del segno «Alba» per articoli da tavola.\n\nAvv. Pietro Salvi"),
            Do(t.day(1, "11:02"), "giulia", deeds.assign("aurora", "direzione")),
            Note(t.day(1, "11:40"), "aurora", "Il nostro deposito è del 2014. Passo la carta al consulente, nessuno risponda."),
            Do(t.day(1, "11:41"), "aurora", deeds.status("on_hold")),
        ],
    )  # fmt: skip


def _closed(t: Times) -> Story:
    return Story(
        "scale",
        "chiara",
        "Set Alba: una tazzina scheggiata",
        [
            Mail(t.day(10, "09:50"), "Buongiorno, nel set Alba una tazzina ha una scheggiatura sul manico.\nChiara Bellandi"),
            Do(t.day(10, "10:05"), "giulia", deeds.assign("giulia", "resi")),
            Reply(t.day(10, "10:11"), "giulia", "Buongiorno Chiara, gliene mando una nuova con il prossimo ordine, va bene?"),
            Mail(t.day(10, "12:30"), "Benissimo, non ho fretta."),
            Reply(t.day(9, "09:00"), "giulia", "Messa nel pacco BA-20418. Grazie della pazienza!", then="solved"),
            Do(t.day(2, "19:00"), "aurora", deeds.status("closed")),
        ],
        box="returns",
    )  # fmt: skip


def _review(t: Times) -> Story:
    return Story(
        "compliment",
        "laura",
        "Complimenti per l'assistenza",
        [
            Mail(t.day(3, "21:50"), "Volevo solo ringraziare Sara per la gentilezza: la moka va benissimo e il manuale era scritto proprio bene.\nLaura Benedetti"),
            Do(t.day(2, "09:10"), "sara", deeds.tags("recensione")),
            Do(t.day(2, "09:10"), "sara", deeds.priority("low")),
            Reply(t.day(2, "09:12"), "sara", "Grazie Laura, ci ha fatto cominciare bene la giornata!", then="solved"),
        ],
    )  # fmt: skip
