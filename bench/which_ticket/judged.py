"""The set, judged: features as the product reads them, weights fitted on the one half, figures on the other.

``python -m bench.which_ticket.judged`` fits, prints the weights and the figures at several thresholds.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from bench.which_ticket.pairs import Pair, half
from sportello.language.likeness import Weights
from sportello.language.references import references
from sportello.tickets.belonging import signs

STEPS, RATE, SHRINK = 4_000, 0.5, 0.004

BY_HAND = {"ticket_number": 3.0, "other_ticket_number": -2.0}
"""Signs of which the set has too few."""


def words(*texts: str) -> signs.Words:
    text = "\n".join(texts)
    keys = references(text)
    return signs.Words(text, {signs.SOURCE: keys} if keys else {})


def story_of(pair: Pair) -> signs.Story:
    return signs.Story(
        pair.number,
        words(pair.subject, *pair.story),
        words(pair.subject, *pair.own),
        pair.hours,
        pair.asked,
    )


def signs_of(pair: Pair) -> dict[str, float]:
    return signs.signs(words(pair.message), story_of(pair), Weights())


def fit(pairs: Iterable[Pair]) -> dict[str, float]:
    """Logistic regression by plain gradient descent, shrunk towards zero."""
    rows = [(signs_of(pair), float(pair.same)) for pair in pairs]
    weights = dict.fromkeys(signs.WEIGHTS, 0.0) | BY_HAND
    for _step in range(STEPS):
        slope = dict.fromkeys(weights, 0.0)
        for found, same in rows:
            sure = 1 / (1 + math.exp(-sum(weights[n] * v for n, v in found.items())))
            for name, value in found.items():
                slope[name] += (sure - same) * value
        for name in weights.keys() - BY_HAND.keys():
            pull = SHRINK * weights[name] if name != "bias" else 0.0
            weights[name] -= RATE * (slope[name] / len(rows) + pull)
    return weights


@dataclass(frozen=True, slots=True)
class Figures:
    pairs: int
    continued: int
    wrongly: int
    precision: float
    """Of those that were continued without asking."""
    recall: float
    """Of those that belong together: continued or suggested."""
    by_itself: float
    """Of those that belong together: continued without asking."""
    suggested_rightly: float
    """Of the suggestions shown: how many are right."""


def measure(pairs: Iterable[Pair], *, continues: int, suggests: int) -> Figures:
    judged = [
        (pair, signs.judge(words(pair.message), story_of(pair), Weights()).percent)
        for pair in pairs
    ]
    goes_on = [pair.same for pair, percent in judged if percent >= continues]
    shown = [pair.same for pair, percent in judged if suggests <= percent < continues]
    belong = sum(pair.same for pair, _ in judged)
    return Figures(
        len(judged),
        len(goes_on),
        goes_on.count(False),
        goes_on.count(True) / len(goes_on) if goes_on else 1.0,
        (goes_on.count(True) + shown.count(True)) / belong,
        goes_on.count(True) / belong,
        shown.count(True) / len(shown) if shown else 1.0,
    )


def main() -> None:
    fitted = fit(half("train"))
    for name, weight in fitted.items():
        print(f'    "{name}": {weight:.2f},')
    signs.WEIGHTS.update(fitted)
    for name in ("train", "test"):
        for continues, suggests in ((80, 30), (85, 35), (90, 40), (92, 40), (95, 50)):
            print(
                name,
                continues,
                suggests,
                measure(half(name), continues=continues, suggests=suggests),
            )
    for pair in half("train"):
        percent = signs.judge(words(pair.message), story_of(pair), Weights()).percent
        if (percent >= 80) != pair.same and (percent >= 80 or percent < 35):
            print(percent, pair.same, pair.name, pair.story, "|", pair.message)


if __name__ == "__main__":
    main()
