"""Addresses are kept in one spelling."""

from __future__ import annotations

import pytest

from sportello.contacts.addresses import BadAddress, clean


@pytest.mark.parametrize(
    ("kind", "typed", "kept"),
    [
        ("email", " Ada@Home.Example ", "ada@home.example"),
        ("phone", "055 123 4567", "+390551234567"),
        ("phone", "+39 333 1234567", "+393331234567"),
        ("phone", "0044 20 7946 0018", "+442079460018"),
        ("whatsapp", "CC.xyz", "CC.xyz"),
    ],
)
def test_one_spelling(kind: str, typed: str, kept: str) -> None:
    assert clean(kind, typed, region="IT") == (kind, kept)
    assert clean(kind, kept) == (kind, kept)


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        ("email", "ada"), ("email", "a@b\r\nBcc: c@d.example"), ("email", ""), ("email", "a@b.example,c@d.example"), ("phone", "12"),
        ("phone", "abc"), ("phone", "9" * 40), ("visitor", "3f2b"), ("E-Mail", "a@b.example"), ("", "x"), ("telegram", "\x00"),
        ("telegram", "a\u202eb"), ("telegram", "x" * 321),
    ],
)  # fmt: skip
def test_what_is_no_address(kind: str, typed: str) -> None:
    with pytest.raises(BadAddress):
        clean(kind, typed, region="IT")
