"""Orders under way: parcels that do not move, addresses that change, pieces that are missing."""

from __future__ import annotations

from sportello.demo import deeds, papers
from sportello.demo.script import Bounce, Do, Mail, Note, Phoned, Reply, Story, Times


def stories(t: Times) -> list[Story]:
    return [
        _stuck(t),
        _again(t),
        _address(t),
        _green(t),
        _missing(t),
        _gift(t),
        _phoned(t),
        _bounced(t),
    ]


def _stuck(t: Times) -> Story:
    return Story(
        "stuck",
        "tommaso",
        "Ordine BA-20533 fermo a Livorno",
        [
            Mail(
                t.ago(17),
                "Buongiorno,\n\nè da lunedì che il tracking non si muove, la spedizione risulta ferma a Livorno. È un regalo "
                "per sabato, faccio in tempo a riceverlo?\n\nTommaso Ricci",
            ),
        ],
    )


def _again(t: Times) -> Story:
    """The same man, the same parcel, an hour before: merged."""
    return Story(
        "stuck-form",
        "tommaso",
        "Dov'è il mio pacco?",
        [
            Mail(
                t.ago(64),
                "Buongiorno, ordine BA-20533: dov'è il mio pacco? Il corriere non risponde.\nTommaso",
            ),
            Do(t.ago(12), "sara", deeds.merge_into("stuck")),
        ],
    )


def _address(t: Times) -> Story:
    return Story(
        "address",
        "amina",
        "Cambio indirizzo di consegna",
        [
            Mail(
                t.ago(190),
                "Buongiorno, ho ordinato ieri (BA-20551) e mi sono accorta che l'indirizzo è quello vecchio. Potete spedire in "
                "via dei Fossi 8, 50123 Firenze?\n\nAmina Diallo",
            ),
            Do(t.ago(171), "sara", deeds.assign("sara", "assistenza")),
            Do(t.ago(171), "sara", deeds.tags("spedizione")),
            Do(t.ago(170), "sara", deeds.fields(ordine="BA-20551")),
            Reply(t.ago(168), "sara", "Buongiorno Amina,\n\nfatto: il corriere ha il nuovo indirizzo, via dei Fossi 8. Consegna prevista giovedì."),
        ],
    )  # fmt: skip


def _green(t: Times) -> Story:
    return Story(
        "green",
        "nino",
        "Quando torna la Aurora Due verde salvia?",
        [
            Mail(t.day(1, "21:36"), "Salve, sul sito la Aurora Due verde salvia è «da gennaio». Mi avvisate quando è disponibile? Grazie"),
        ],
    )  # fmt: skip


def _missing(t: Times) -> Story:
    return Story(
        "missing",
        "silvia",
        "Manca il pressino nel pacco",
        [
            Mail(
                t.day(1, "12:44"),
                "Buongiorno,\nnel pacco BA-20498 c'erano la macchina e le tazzine, ma non il pressino da 58 che ho pagato.\n\n"
                "Silvia Marchetti",
                files=[papers.machine_photo("contenuto-pacco.jpg", colour="sage")],
            ),
            Do(t.day(1, "14:02"), "giulia", deeds.assign("giulia", "assistenza")),
            Do(t.day(1, "14:02"), "giulia", deeds.fields(ordine="BA-20498")),
            Note(t.day(1, "14:05"), "giulia", "In magazzino risulta imballato. @Sara controlli il peso alla bilancia del banco 2?", ["sara"]),
            Reply(t.day(1, "14:10"), "giulia", "Buongiorno Silvia,\n\nci scusi. Controlliamo in magazzino e le scrivo entro domani; in ogni caso il pressino arriva.", then="open"),
            Note(t.day(1, "16:48"), "sara", "Pesava 310 g in meno: è rimasto qui."),
            Do(t.day(1, "16:49"), "sara", deeds.read_by("sara")),
        ],
    )  # fmt: skip


def _gift(t: Times) -> Story:
    return Story(
        "gift",
        "ilaria",
        "Confezione regalo e biglietto",
        [
            Mail(t.day(5, "17:25"), "Buongiorno, si può avere il set Alba in confezione regalo con un biglietto scritto a mano? Spedizione a mia sorella a Torino.\nIlaria"),
            Do(t.day(5, "17:40"), "sara", deeds.assign("sara", "lucca")),
            Reply(t.day(5, "17:46"), "sara", "Certo, Ilaria: confezione in carta di Lucca, 4,00 €. Mi scriva il testo del biglietto."),
            Mail(t.day(4, "08:30"), "«A Federica, perché il caffè insieme è un'altra cosa.» Grazie mille!"),
            Reply(t.day(4, "09:02"), "sara", "Bellissimo. Parte oggi, ordine BA-20467.", then="solved"),
            Mail(t.day(2, "19:11"), "È arrivato, mia sorella è felicissima!"),
            Do(t.day(1, "09:15"), "sara", deeds.status("solved")),
        ],
    )  # fmt: skip


def _phoned(t: Times) -> Story:
    return Story(
        "phoned",
        "federico",
        "Richiamare: consegna al piano",
        [
            Phoned(t.ago(140), "sara", "Ha telefonato: la macchina pesa 14 kg e abita al quarto piano senza ascensore. Chiede se il corriere la porta su e quanto costa. Richiamare dopo le 17."),
            Do(t.ago(139), "sara", deeds.assign("sara", "assistenza")),
            Do(t.ago(139), "sara", deeds.tags("spedizione")),
        ],
    )  # fmt: skip


def _bounced(t: Times) -> Story:
    return Story(
        "bounced",
        "gianni",
        "Codice sconto che non funziona",
        [
            Mail(t.day(1, "10:20"), "Il codice AUTUNNO10 mi dà errore al pagamento, eppure scade a fine mese.\nGianni Esposito"),
            Do(t.day(1, "10:34"), "giulia", deeds.assign("giulia", "assistenza")),
            Reply(t.day(1, "10:37"), "giulia", "Buongiorno Gianni,\n\nil codice vale da 60 euro di spesa in su; nel suo carrello ce n'erano 54. Gliel'ho abilitato lo stesso: provi ora."),
            Bounce(t.day(1, "10:38"), "gianni.esposito@posta.example", "550 5.1.1 <gianni.esposito@posta.example>: Recipient address rejected: user unknown"),
        ],
    )  # fmt: skip
