"""Words of health, Italian and English: stems that say little else. Doubtful ones are left out on purpose.

Left out, for example: *cancro* (also a sign of the zodiac), *depressione* (also of markets and weather),
*allergia* and *intolleranza* (a shop must read them to serve), *ricovero*, *shock*, *stroke*.
"""

from __future__ import annotations

import re

_STEMS = (
    # illnesses
    "aids", "hiv", "sieropositiv", "hiv-positive", "diabet", "epiless", "epileps", "epileptic", "epilettic",
    "leucemi", "leukaemi", "leukemi", "linfom", "lymphom", "melanom", "carcinom", "metastas", "tumore", "tumori",
    "tumour", "tumor", "chemioterap", "chemotherap", "radioterap", "radiotherap", "schizofren", "schizophren",
    "bipolare", "sclerosi multipla", "multiple sclerosis", "alzheimer", "parkinson", "fibromialg", "fibromyalg",
    "endometrios", "celiachi", "celiac", "coeliac", "emofili", "haemophili", "hemophili", "epatite", "hepatitis",
    "tubercolosi", "tuberculosis", "sifilide", "syphilis", "gonorre", "gonorrh", "clamidia", "chlamydia",
    "fibrosi cistica", "cystic fibrosis", "anoressi", "anorexi", "bulimi", "dialisi", "dialysis",
    # states
    "gravidanza a rischio", "incinta", "pregnant", "aborto", "abortion", "miscarriage", "disabile", "disabilità",
    "disabled person", "invalidità civile", "invalido civile", "legge 104", "suicid", "autolesion", "self-harm",
    "tossicodipend", "alcolist", "antidepressiv", "antidepressant", "psicofarmac", "psicosi", "psychosis",
    "psichiatr", "psychiatr", "psicoterap", "psychotherap",
)  # fmt: skip

_EXACT = {"aids", "hiv", "tumore", "tumori", "tumour", "tumor", "bipolare", "incinta", "pregnant", "aborto",
          "disabile", "disabilità", "legge 104"}  # fmt: skip


def _trie(words: list[str]) -> str:
    """One pattern that looks at each letter once: alternatives that begin alike are joined."""
    heads: dict[str, list[str]] = {}
    for word in words:
        heads.setdefault(word[:1], []).append(word[1:])
    if heads.keys() == {""}:
        return ""
    parts = [re.escape(h) + _trie(tails) for h, tails in sorted(heads.items()) if h]
    joined = parts[0] if len(parts) == 1 else f"(?:{'|'.join(parts)})"
    return f"(?:{joined})?" if "" in heads else joined


_WHOLE = _trie(sorted(_EXACT))
_BEGUN = _trie(sorted(set(_STEMS) - _EXACT))
HEALTH = re.compile(rf"\b(?:(?:{_WHOLE})\b|(?:{_BEGUN})\w*)", re.IGNORECASE)
AT_A_GLANCE = rf"\b(?:{_WHOLE}|{_BEGUN})"
"""For text in lower case: a third of the time, and right when it says that there is nothing."""
