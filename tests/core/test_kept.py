"""``{% kept %}``: drawn once for each language and each value that it names, and blind to all else."""

from __future__ import annotations

from typing import Any

from django.template import Context, Template
from django.utils import translation


class Counted:
    """Counts how often it is shown."""

    def __init__(self) -> None:
        self.times = 0

    def __str__(self) -> str:
        self.times += 1
        return "shown"


def _draw(template: Template, **context: Any) -> str:
    return template.render(Context(context))


def test_a_part_is_drawn_once_for_each_value() -> None:
    template = Template("{% load kept %}{{ outside }} {% kept one %}<{{ one }}>{% endkept %}")
    one, other = Counted(), Counted()
    assert _draw(template, one=one, outside="a") == "a <shown>"
    assert _draw(template, one=one, outside="b") == "b <shown>"
    assert _draw(template, one=other, outside="c") == "c <shown>"
    assert (one.times, other.times) == (1, 1)


def test_it_does_not_see_what_it_does_not_name() -> None:
    template = Template("{% load kept %}{% kept %}[{{ name }}]{% endkept %}")
    assert _draw(template, name="Giulia") == "[]"
    assert _draw(template, name="Marco") == "[]"


def test_each_language_has_its_own() -> None:
    template = Template('{% load kept i18n %}{% kept %}{% trans "Search" %}{% endkept %}')
    with translation.override("en"):
        assert _draw(template) == "Search"
    with translation.override("it"):
        assert _draw(template) == "Cerca"
    with translation.override("en"):
        assert _draw(template) == "Search"


def test_what_it_names_is_escaped() -> None:
    template = Template("{% load kept %}{% kept name %}{{ name }}{% endkept %}")
    assert _draw(template, name="<b>") == "&lt;b&gt;"
