"""Customers who write in English, German and French."""

from __future__ import annotations

from sportello.demo import deeds, papers
from sportello.demo.script import Do, Mail, Reply, Story, Times


def stories(t: Times) -> list[Story]:
    return [
        Story(
            "voltage",
            "emily",
            "Does the Aurora Uno work on 120 V?",
            [
                Mail(t.day(1, "16:58"), "Hello,\n\nI am moving to Boston next spring and would love to take my Aurora Uno with me. Can the machine be converted to 120 V, or do I need a transformer?\n\nKind regards\nEmily Carter"),
                Do(t.day(1, "17:15"), "marco", deeds.assign("marco", "macchine")),
                Do(t.day(1, "17:15"), "marco", deeds.tags("estero")),
                Reply(t.day(1, "17:24"), "marco", "Hello Emily,\n\nthe heating element can be exchanged for a 120 V one: 84 € including work, here in Lucca, before you leave. A transformer would need 1,500 W, so we do not advise it."),
                Mail(t.ago(39), "That is wonderful. Could I drop it off in person on Saturday and collect it the week after?"),
            ],
        ),
        Story(
            "customs",
            "james",
            "Order BA-20477 held at UK customs",
            [
                Mail(t.day(4, "11:47"), "Hi,\n\nmy parcel BA-20477 is held at customs and they ask me for a commercial invoice with the HS code. Could you send one, please?\n\nJames Whitfield\nBristol"),
                Do(t.day(4, "12:01"), "sara", deeds.assign("sara", "assistenza")),
                Do(t.day(4, "12:01"), "sara", deeds.tags("estero", "spedizione")),
                Reply(t.day(4, "12:15"), "sara", "Hello James,\n\nplease find the commercial invoice attached; the HS code is 6911.10.00. Customs usually release the parcel within two days of receiving it.",
                      files=[papers.pdf("commercial-invoice-BA-20477.pdf", ["Commercial invoice", "BA-20477", "", "Porcelain cups, HS 6911.10.00, 6 pieces, 40.00 EUR", "Country of origin: Italy"])]),
                Mail(t.day(2, "09:40"), "Released this morning, thank you so much!"),
                Reply(t.day(2, "09:55"), "sara", "Wonderful. Enjoy your coffee, James.", then="solved"),
            ],
        ),
        Story(
            "dealer",
            "katrin",
            "Nachbestellung Mühle Brera, 12 Stück",
            [
                Mail(t.ago(176), "Guten Tag,\n\nwir möchten 12 Mühlen Brera nachbestellen. Gilt noch der Händlerpreis vom Frühjahr, und können Sie bis Ende des Monats nach München liefern?\n\nMit freundlichen Grüßen\nKatrin Vogel\nKaffeehaus Kranz"),
                Do(t.ago(160), "aurora", deeds.assign("aurora", "assistenza")),
                Do(t.ago(160), "aurora", deeds.tags("b2b", "estero")),
            ],
        ),
        Story(
            "glaze",
            "hans",
            "Ist die Glasur spülmaschinenfest?",
            [
                Mail(t.day(3, "20:31"), "Guten Abend, sind die Espressotassen Alba spülmaschinenfest? Auf der Seite habe ich nichts dazu gefunden.\n\nHans Brandt"),
                Do(t.day(2, "10:10"), "giulia", deeds.assign("giulia", "assistenza")),
                Reply(t.day(2, "10:18"), "giulia", "Guten Tag Herr Brandt,\n\nja, die Glasur verträgt die Spülmaschine bis 65 °C. Nur die Tassen mit Goldrand bitte von Hand spülen.", then="solved"),
            ],
        ),
        Story(
            "atelier",
            "camille",
            "Visite de l'atelier en décembre",
            [
                Mail(t.ago(84), "Bonjour,\n\nnous serons à Lucques du 8 au 12 décembre, quatre personnes. Est-il possible de visiter l'atelier de céramique, et faut-il réserver ?\n\nMerci d'avance\nCamille Laurent"),
                Do(t.ago(60), "sara", deeds.assign(team="lucca")),
            ],
        ),
    ]  # fmt: skip
