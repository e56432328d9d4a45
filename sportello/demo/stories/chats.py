"""What visitors of the shop ask in the chat."""

from __future__ import annotations

from sportello.demo import deeds
from sportello.demo.script import Chat, Do, Reply, Seen, Story, Times


def stories(t: Times) -> list[Story]:
    return [
        Story(
            "moka",
            "siena",
            "Moka in negozio",
            [Chat(t.ago(4), "Buongiorno! La moka Aurora da 6 tazze c'è in negozio? Posso passare a ritirarla oggi pomeriggio?", "/demo/shop#shelf")],
            box="chat",
        ),
        Story(
            "pickup",
            "neri",
            "Ritiro in via Fillungo",
            [
                Chat(t.ago(44), "Ciao, le tazzine Alba color terracotta le avete a Lucca?"),
                Do(t.ago(43.5), "sara", deeds.assign("sara", "lucca")),
                Reply(t.ago(43), "sara", "Ciao! Sì, ne abbiamo due set in via Fillungo. Siamo aperti fino alle 19:30.", then="open"),
                Seen(t.ago(42.8)),
                Chat(t.ago(42), "Posso passare oggi pomeriggio? Vorrei essere sicura"),
                Reply(t.ago(41), "sara", "Te ne metto da parte uno fino a domani sera. A che nome?", then="open"),
                Seen(t.ago(40.9)),
                Chat(t.ago(40), "Grazie! Neri"),
                Do(t.ago(39.5), "sara", deeds.tags("ritiro in negozio")),
                Reply(t.ago(39), "sara", "Perfetto, Costanza: set Alba terracotta a nome Neri. A dopo!", then="open"),
                Seen(t.ago(38.8)),
            ],
            box="chat",
        ),
        Story(
            "payment",
            "dario",
            "Pagamento in tre rate",
            [
                Chat(t.day(1, "15:12"), "Buongiorno, si può pagare la Aurora Uno in tre rate?"),
                Do(t.day(1, "15:13"), "giulia", deeds.assign("giulia", "assistenza")),
                Reply(t.day(1, "15:13"), "giulia", "Buongiorno! Sì, in cassa scegli «3 rate senza interessi». Serve una carta intestata a te.", then="open"),
                Seen(t.day(1, "15:14")),
                Chat(t.day(1, "15:15"), "Ottimo, fatto. Grazie, velocissima"),
                Do(t.day(1, "15:16"), "giulia", deeds.end_chat),
            ],
            box="chat",
        ),
        Story(
            "shipping-us",
            "olivia",
            "Shipping to Ireland",
            [
                Chat(t.day(2, "18:20"), "Hi there, do you ship the Brera grinder to Ireland, and how long does it take?", "/demo/shop?lang=en"),
                Do(t.day(2, "18:21"), "marco", deeds.assign("marco", "assistenza")),
                Reply(t.day(2, "18:22"), "marco", "Hi Olivia! Yes, 14 € by GLS, four working days. It comes with a UK/IE plug.", then="pending"),
                Seen(t.day(2, "18:23")),
            ],
            box="chat",
        ),
        Story(
            "beans",
            "bruno",
            "Caffè in grani",
            [Chat(t.ago(71), "salve vendete anche il caffè in grani o solo le macchine?"), Chat(t.ago(70), "possibilmente decaffeinato")],
            box="chat",
        ),
    ]  # fmt: skip
