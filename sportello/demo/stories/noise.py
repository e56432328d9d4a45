"""What else arrives in a mailbox: a fair's newsletter, absences, offers nobody asked for."""

from __future__ import annotations

from sportello.demo import deeds
from sportello.demo.script import Do, Mail, Reply, Story, Times


def stories(t: Times) -> list[Story]:
    newsletter = (
        "<h1>Fiera del Caffè, Rimini</h1><p>Programma e biglietti della prossima edizione.</p>"
        '<p><img src="https://pixel.fiera-caffe.example/open.gif" width="1" height="1" alt=""></p>'
        '<p><a href="https://fiera-caffe.example/disiscriviti">Disiscriviti</a></p>'
    )
    return [
        Story(
            "newsletter",
            "newsletter",
            "Fiera del Caffè: il programma è online",
            [
                Mail(
                    t.day(2, "06:00"),
                    "Il programma della Fiera del Caffè è online. Biglietti ridotti fino al 15.",
                    html=newsletter,
                    headers=(("List-Id", "<news.fiera-caffe.example>"), ("List-Unsubscribe", "<https://fiera-caffe.example/disiscriviti>"), ("Precedence", "bulk")),
                )
            ],
        ),
        Story(
            "away",
            "matteo",
            "Filtro dell'acqua: ogni quanto?",
            [
                Mail(t.day(1, "11:10"), "Buongiorno, ogni quanto va cambiato il filtro dell'acqua della Aurora Due? Ne uso circa due litri al giorno.\nMatteo Greco"),
                Do(t.day(1, "11:21"), "marco", deeds.assign("marco", "macchine")),
                Reply(t.day(1, "11:25"), "marco", "Buongiorno Matteo,\n\ncon due litri al giorno ogni due mesi. La durezza dell'acqua conta: se mi dice il comune le do un numero preciso."),
                Mail(
                    t.day(1, "11:26"),
                    "Sono fuori ufficio fino a lunedì. Per urgenze scrivere a segreteria@posta.example.",
                    subject="Risposta automatica: Filtro dell'acqua: ogni quanto?",
                    headers=(("Auto-Submitted", "auto-replied"),),
                ),
            ],
        ),
        Story(
            "seo",
            "seo",
            "Your website is losing 70% of its traffic",
            [
                Mail(t.day(1, "03:12"), "Dear webmaster, we have audited your website and found 38 critical errors. Reply to get the first page of results guaranteed."),
                Do(t.day(1, "09:01"), "giulia", deeds.spam),
            ],
        ),
        Story(
            "prize",
            "prize",
            "Hai vinto un buono da 500 euro",
            [
                Mail(t.day(5, "04:40"), "Congratulazioni! Il tuo indirizzo è stato estratto. Clicca entro 24 ore per ritirare il buono da 500 euro."),
                Do(t.day(5, "09:03"), "sara", deeds.spam),
            ],
        ),
    ]  # fmt: skip
