"""One customer, one problem, six ways of talking: the story that the product exists for."""

from __future__ import annotations

from sportello.demo import deeds, papers
from sportello.demo.script import Do, Elsewhere, Mail, Reply, Story, Times

NAME, PHONE = "Sofia Marini", "+393475550127"
OFFICE = "Sofia Marini <s.marini@studio-lira.example>"


def stories(t: Times) -> list[Story]:
    return [
        Story(
            "everywhere",
            "sofia",
            "La mia Aurora Uno perde acqua da una settimana",
            [
                Elsewhere(t.ago(205), "facebook", "La mia Aurora Uno perde acqua da una settimana e nessuno risponde. Vergogna!", name=NAME),
                Do(t.ago(202), "", deeds.browsed(
                    (t.day(7, "21:14"), "search", "aurora uno perde acqua", ""),
                    (t.day(7, "21:15"), "article", "Cambiare il filtro della Aurora Uno", "/aiuto/cambiare-il-filtro"),
                    (t.day(1, "22:40"), "page", "Ricambi per Aurora Uno", "/ricambi/aurora-uno"),
                    (t.ago(214), "page", "Contatti", "/contatti"),
                )),
                Do(t.ago(201), "marco", deeds.assign("marco", "macchine")),
                Do(t.ago(200), "marco", deeds.in_private("Buongiorno Sofia, ci dispiace molto. Continuiamo qui in privato: ci lascia un numero di telefono?", "sofia")),
                Elsewhere(t.ago(192), "messenger", "Va bene. 347 555 0127, è anche WhatsApp. La macchina è del 2025, il filtro l'ho già cambiato."),
                Do(t.ago(190), "marco", deeds.number(PHONE)),
                Reply(t.ago(189), "marco", "Grazie! Ci manda su WhatsApp una foto del punto da cui perde?", box="messenger"),
                Elsewhere(t.ago(171), "whatsapp", "", name=NAME, phone=PHONE),
                Do(t.ago(171), "", deeds.picture(papers.machine_photo("perdita.jpg", leaks=True))),
                Do(t.ago(118), "marco", deeds.take_in("office")),
                Do(t.ago(64), "marco", deeds.call(PHONE, 6, "Chiamata di Sofia: conferma che perde dal gruppo solo a caldo. Va cambiata la guarnizione, in garanzia. Preferisce il corriere di mattina e un SMS con l'orario.")),
                Reply(t.ago(58), "marco", "Il corriere ritira la macchina mercoledì tra le 9 e le 12. La riparazione è in garanzia. Marco", box="sms"),
            ],
        ),
        Story(
            "office",
            "sofia",
            "Aurora Uno che perde acqua",
            [
                Mail(t.ago(126), "Buongiorno,\n\nvi ho già scritto della Aurora Uno che perde acqua, ma in ufficio non ho il telefono con me: potete rispondermi anche qui.\n\nSofia Marini\nStudio Lira\nTel. 347 555 0127", sender=OFFICE),
            ],
        ),
    ]  # fmt: skip
