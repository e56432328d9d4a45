"""What is sensitive is found by its checksum or by its name, covered, and can be put back; the rest is left alone."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sportello.language.sensitive import (
    Kind,
    checksums,
    cover,
    cover_html,
    find,
    finding,
    says_no_more,
    uncover,
)
from sportello.language.sensitive.health import HEALTH

FOUND = [
    ("La carta è 4242 4242 4242 4242, scade 12/29", Kind.CARD, "4242 4242 4242 4242"),
    ("4242424242424242", Kind.CARD, "4242424242424242"),
    ("carta 4242-4242-4242-4242 12 27", Kind.CARD, "4242-4242-4242-4242"),
    ("Amex 3782 822463 10005.", Kind.CARD, "3782 822463 10005"),
    ("ordine 1007 5555 5555 5555 4444 grazie", Kind.CARD, "5555 5555 5555 4444"),
    ("card:\u00a06011\u00a01111\u00a01111\u00a01117", Kind.CARD, "6011\u00a01111\u00a01111\u00a01117"),
    ("IBAN IT60 X054 2811 1010 0000 0123 456 intestato a me", Kind.IBAN, "IT60 X054 2811 1010 0000 0123 456"),
    ("it60x0542811101000000123456", Kind.IBAN, "it60x0542811101000000123456"),
    ("GB29 NWBK 6016 1331 9268 19", Kind.IBAN, "GB29 NWBK 6016 1331 9268 19"),
    ("C.F. RSSMRA85T10A562S", Kind.TAX_CODE, "RSSMRA85T10A562S"),
    ("cf rss mra 85t10 a562 s", Kind.TAX_CODE, "rss mra 85t10 a562 s"),
    ("omocodia RSSMRA85T10A56NH", Kind.TAX_CODE, "RSSMRA85T10A56NH"),
    ("P.IVA 12345678903", Kind.VAT_NUMBER, "12345678903"),
    ("partita IVA: IT 12345678903", Kind.VAT_NUMBER, "12345678903"),
    ("la password è Gatto2019!", Kind.SECRET, "Gatto2019!"),
    ("Password: gattino", Kind.SECRET, "gattino"),
    ("password di accesso al sito: hunter2.", Kind.SECRET, "hunter2"),
    ("my password is hunter2", Kind.SECRET, "hunter2"),
    ("il pin della carta è 4821", Kind.SECRET, "4821"),
    ("PIN 48213", Kind.SECRET, "48213"),
    ("cvv 123", Kind.SECRET, "123"),
    ("Your verification code is 845-221", Kind.SECRET, "845-221"),
    ("codice OTP: 884213", Kind.SECRET, "884213"),
    ("sono sieropositiva da anni", Kind.HEALTH, "sieropositiva"),
    ("my mother has Alzheimer's", Kind.HEALTH, "Alzheimer"),
    ("Ho il diabete", Kind.HEALTH, "diabete"),
    ("I have multiple sclerosis", Kind.HEALTH, "multiple sclerosis"),
]  # fmt: skip

LEFT = [
    "4242 4242 4242 4243",  # the sum is wrong
    "0000 0000 0000 0000",
    "Chiamatemi al +39 055 1234567 o al 347 1234567",
    "tracking 1Z999AA10123456784, ordine 100234",
    "https://shop.example/order/4242424242424242?x=1",
    "IT60 X054 2811 1010 0000 0123 457",
    "RSSMRA85T10A562T",
    "RSSMRA85T99A562S",
    "12345678903",  # eleven digits that nobody named
    "La password è sbagliata, non riesco a entrare",
    "the password is wrong and the password is still not working",
    "ho perso la password del sito",
    "password dimenticata",
    "Il pin non funziona",
    "spin 1234 volte",
    "Cancro, ascendente leone",
    "sono allergica alle noci",
    "Il 22/11/2026 alle 10:15 per 1.234,56 euro",
    "",
]


@pytest.mark.parametrize(("text", "kind", "value"), FOUND)
def test_found(text: str, kind: Kind, value: str) -> None:
    found = find(text)
    assert [(f.kind, f.value) for f in found] == [(kind, value)]
    assert text[found[0].start : found[0].end] == value


@pytest.mark.parametrize("text", LEFT)
def test_left_alone(text: str) -> None:
    assert find(text) == []
    assert cover(text).text == text


def test_only_the_last_four_of_what_people_refer_to_stay() -> None:
    assert cover("Carta 4242 4242 4242 4242!").text == "Carta •••• 4242!"
    assert cover("IT60 X054 2811 1010 0000 0123 456").text == "•••• 3456"
    assert cover("cf RSSMRA85T10A562S, pin: 4821").text == "cf ••••••••, pin: ••••••••"


def test_kinds_that_nobody_asked_for_are_left() -> None:
    assert find("Ho il diabete, carta 4242424242424242", {"card"})[0].kind == Kind.CARD
    assert len(find("Ho il diabete, carta 4242424242424242", {"card"})) == 1
    assert find("4242424242424242", frozenset()) == []


@given(
    st.lists(
        st.sampled_from([t for t, _, _ in FOUND] + LEFT + ["<b>", "è", "\n", "\u200b"]), max_size=8
    )
)
def test_what_is_covered_is_gone_and_can_be_put_back(parts: list[str]) -> None:
    text = " | ".join(parts)
    covered = cover(text)
    assert uncover(covered.text, covered.finds) == text
    again = cover(covered.text, {"card", "iban", "tax_code"})
    assert again.finds == []
    for one in covered.finds:
        assert covered.text[one.start : one.end].startswith("••••")


@given(st.integers(0, 10**15 - 1))
def test_one_wrong_digit_is_no_card(number: int) -> None:
    body = f"4{number:014d}"[:15]
    right = [d for d in "0123456789" if checksums.luhn(body + d)]
    assert len(right) == 1


@given(st.text(max_size=400))
def test_any_text_is_read(text: str) -> None:
    covered = cover(text)
    assert uncover(covered.text, covered.finds) == text
    cover_html(text)


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        ("<p>Carta 4242 4242 4242 4242.</p>", "<p>Carta •••• 4242.</p>"),
        ("<p>4242&nbsp;4242&nbsp;<b>4242</b>&nbsp;4242</p>", "<p><b></b>•••• 4242</p>"),
        ('<a href="tel:4242424242424242">x</a>', '<a href="tel:•••• 4242">x</a>'),
        ('<p title="pin: 4821">a &amp; b</p>', '<p title="pin: ••••••••">a &amp; b</p>'),
        ('<img alt="RSSMRA85T10A562S">', '<img alt="••••••••">'),
        ("<p>4242 4242</p><p>4242 4242</p>", "<p>4242 4242</p><p>4242 4242</p>"),
        ("<p>tutto bene &lt;ciao&gt;</p>", "<p>tutto bene &lt;ciao&gt;</p>"),
        ('<a href="https://x.example/4242424242424242">ok</a>', '<a href="https://x.example/4242424242424242">ok</a>'),
    ],
)  # fmt: skip
def test_html_is_covered_where_tags_and_entities_split_a_number(html: str, shown: str) -> None:
    assert cover_html(html).text == shown


@pytest.mark.parametrize(
    ("html", "said", "no_more"),
    [
        ("<p>Ciao <b>Ada</b></p><p>a presto</p>", "Ciao Ada\na presto\n> prima", True),
        ("<p>a presto</p><p>Ciao Ada</p>", "Ciao Ada\na presto", False),  # another order
        ("<p>4242 4242 4242 4242</p>", "4242 4242\n4242 4242", False),  # one line here, two there
        ("<p>4242</p>", "", False),
        ("<p></p><br>", "", True),
        ('<p style="margin:0">Ciao</p>', "Ciao", True),
        ('<p title="pin: 4821">Ciao</p>', "Ciao", False),
        ("<p>a &amp; b</p>", "a & b", True),
    ],
)
def test_html_that_says_no_more_than_the_text_needs_no_look(
    html: str, said: str, no_more: bool
) -> None:
    assert says_no_more(html, said) is no_more


NOISE = ["RSSMRA85T10A562S", "rss mra 85t10 a562 s", "RSSMRAUR T10A562S", "4242 4242 4242 4242", "IT60 X054 2811 1010 0000 0123 456",
         "nov 2026", "abc1", "ord. 85", "IT60", "è", "\n", "diabete", "incinta", " ", "x", "12/11", "٤٢"]  # fmt: skip


@given(st.lists(st.sampled_from(NOISE), max_size=8).map("".join))
@settings(max_examples=300, deadline=None)
def test_the_cheap_looks_miss_nothing(text: str) -> None:
    thorough = [
        *finding._cards(text),
        *finding._ibans(text),
        *(f for f in finding._tax_codes(text) if finding._ANY.three_letters_before.search(text.lower())),
        *HEALTH.finditer(text),
    ]  # fmt: skip
    assert bool(find(text)) == bool(thorough)


def test_an_ordinary_message_costs_next_to_nothing() -> None:
    """The walk takes 4,000 messages a second: what looks at each must stay far below its share."""
    text = (
        "Buongiorno, ho ordinato due tazze il 12/11 (ordine 100234) e una è arrivata rotta. "
        "Vi mando la foto: potete sostituirla? Il corriere ha detto di scrivere a voi. Grazie, Ada"
    )
    best = 1.0
    for _ in range(5):
        start = time.process_time()
        for _ in range(200):
            cover(text)
        best = min(best, (time.process_time() - start) / 200)
    assert best < 0.00015, f"{best * 1e6:.0f} µs"


def test_a_hostile_text_takes_no_longer_than_its_length() -> None:
    for text in (
        "1 " * 50_000,
        "IT60 " * 20_000,
        "password " * 20_000,
        "RSSMRA85T10A562" * 8_000,
        "<a " * 40_000,
    ):
        start = time.process_time()
        cover(text)
        cover_html(text)
        assert time.process_time() - start < 3.0, text[:20]
