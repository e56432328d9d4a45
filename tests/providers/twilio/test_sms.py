"""Segments, encodings and the words that mean “no more”."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sportello.channels.contract import QuickReply
from sportello.channels.vendors.phones import e164
from sportello.channels.vendors.sms import BASIC, GSM7, UCS2, opt_out, plainer, size, with_choices


@pytest.mark.parametrize(
    ("text", "encoding", "units", "segments"),
    [
        ("", GSM7, 0, 0),
        ("a" * 160, GSM7, 160, 1),
        ("a" * 161, GSM7, 161, 2),
        ("a" * 306, GSM7, 306, 2),
        ("a" * 307, GSM7, 307, 3),
        ("€" * 80, GSM7, 160, 1),
        ("a" * 152 + "€" + "a" * 152, GSM7, 306, 3),
        ("perché è così", GSM7, 13, 1),
        ("però è là", GSM7, 9, 1),
        ("ç" + "a" * 69, UCS2, 70, 1),
        ("ç" + "a" * 70, UCS2, 71, 2),
        ("🙂" * 35, UCS2, 70, 1),
        ("a" * 66 + "🙂" + "a" * 66, UCS2, 134, 3),
    ],
)
def test_what_a_text_costs(text: str, encoding: str, units: int, segments: int) -> None:
    found = size(text)
    assert (found.encoding, found.units, found.segments) == (encoding, units, segments)


@given(st.text(max_size=700))
def test_segments_hold_the_text(text: str) -> None:
    found = size(text)
    room = {GSM7: (160, 153), UCS2: (70, 67)}[found.encoding][found.segments > 1]
    assert found.units <= found.segments * room
    assert 0 <= found.left <= room
    assert (found.encoding == UCS2) == bool(found.foreign)


def test_the_characters_that_cost_are_named() -> None:
    assert size("ça va ça “bene”").foreign == "ç“”"
    assert len(BASIC) == 127


def test_typographic_signs_give_way_where_that_helps() -> None:
    assert plainer("L’ordine — «oggi»…") == 'L\'ordine - "oggi"...'
    assert plainer("L’ordine 🙂") == "L’ordine 🙂"


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("STOP", True), (" stop. ", True), ("Arresta!", True), ("CANCELLA", True), ("Unsubscribe", True), ("arrêt", True),
        ("START", False), ("unstop", False),
        ("please stop calling me", None), ("non fermatevi", None), ("", None), ("stop" * 40, None), ("🙂", None),
    ],
)  # fmt: skip
def test_who_wants_no_more(text: str, wish: bool | None) -> None:
    assert opt_out(text) is wish


def test_buttons_become_numbered_lines() -> None:
    choices = [QuickReply("a", "Yes"), QuickReply("b", "No")]
    assert with_choices("Coffee?", choices) == "Coffee?\n1. Yes\n2. No"
    assert with_choices("Coffee?", ()) == "Coffee?"


@pytest.mark.parametrize(
    ("number", "plain"),
    [
        ("+39 340 123 4567", "+393401234567"), ("00393401234567", "+393401234567"), ("393401234567", "+393401234567"),
        ("3669", "3669"), ("Acme", "Acme"), ("+00447911123456", "+447911123456"), ("", ""),
    ],
)  # fmt: skip
def test_numbers_have_one_spelling(number: str, plain: str) -> None:
    assert e164(number) == plain
