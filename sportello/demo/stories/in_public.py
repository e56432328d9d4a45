"""What strangers read: a fraud below a post, a review with stars, praise that nobody need answer."""

from __future__ import annotations

from sportello.demo import deeds
from sportello.demo.script import Do, Elsewhere, Reply, Story, Times


def stories(t: Times) -> list[Story]:
    return [
        Story(
            "fraud",
            "premi",
            "Falso concorso sotto il post della Uno",
            [
                Elsewhere(t.day(1, "22:47"), "facebook", "🎁 Complimenti!! Hai vinto una Aurora Uno, conferma i tuoi dati entro 24 ore su premi-aurora.example", name="Aurora Premi Italia"),
                Do(t.ago(233), "giulia", deeds.hide),
                Do(t.ago(232), "giulia", deeds.tags("phishing")),
                Do(t.ago(231), "giulia", deeds.status("solved")),
            ],
        ),
        Story(
            "stars",
            "tommaso",
            "Recensione: non trova gli ordini",
            [
                Elsewhere(t.day(1, "19:32"), "play", "L'app è carina ma dopo l'aggiornamento non vedo più gli ordini vecchi, solo quelli di quest'anno. Li avete cancellati?", name="Tommaso Galli", stars=2),
                Do(t.ago(225), "marco", deeds.assign("marco", "assistenza")),
                Reply(t.ago(222), "marco", "Buongiorno Tommaso, gli ordini ci sono tutti: in «Ordini» tocchi «Anni precedenti» in fondo. Nella 2.4.2, in arrivo questa settimana, tornano in un solo elenco. Marco, Bottega Aurora", then="solved", box="play"),
            ],
        ),
        Story(
            "praise",
            "lavinia",
            "Un complimento",
            [Elsewhere(t.ago(160), "instagram", "Che meraviglia questo verde 💚 la mia è in cucina da due anni e fa ancora il caffè più buono di Lucca", name="lavinia.in.cucina")],
        ),
    ]  # fmt: skip
