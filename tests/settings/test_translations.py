"""The catalogue command: complete, stable, and compiled from what is written."""

from __future__ import annotations

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from django.utils import translation

from sportello.channels.contract import said
from sportello.config import messages
from sportello.workspace.templatetags.settings_words import translated


def test_every_message_has_its_italian() -> None:
    assert list(messages.check(messages.collect())) == []


def test_updating_twice_changes_nothing_and_missing_words_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(messages, "LOCALES", tmp_path)
    template = Catalog()
    template.add("Save")
    template.add(("%(n)s day", "%(n)s days"), flags=["python-format"])
    assert messages.update("it", template) == 2
    path = tmp_path / "it" / "LC_MESSAGES" / "django.po"
    first = path.read_bytes()
    messages.update("it", template)
    assert path.read_bytes() == first
    assert len(list(messages.check(template))) == 2
    path.write_text(
        path.read_text().replace('msgid "Save"\nmsgstr ""', 'msgid "Save"\nmsgstr "Salva"')
    )
    assert messages.update("it", template) == 1
    messages.compile_changed()
    assert path.with_suffix(".mo").exists()


def test_words_of_templates_are_found_whatever_their_markup(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("""{% load i18n %}<p title="{% trans 'Ciao' %}">)( '''
    {% blocktrans count n=n %}{{ n }} cat{% plural %}{{ n }} cats{% endblocktrans %}
 "{{ x|default:_("none") }}</p>""")
    found = Catalog()
    messages._add(found, messages._templatized(page))
    assert {m.id for m in found if m.id} == {"Ciao", ("%(n)s cat", "%(n)s cats"), "none"}


def test_what_a_provider_said_is_shown_in_the_readers_language() -> None:
    sentence = said("Logged in; the folder {folder} is open.", folder="POSTA{x}")
    assert sentence == "Logged in; the folder POSTA{x} is open."
    with translation.override("it"):
        assert translated(sentence) == "Accesso riuscito; la cartella POSTA{x} è aperta."
        assert translated("as the vendor wrote it") == "as the vendor wrote it"
