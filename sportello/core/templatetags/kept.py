"""``{% kept %}…{% endkept %}``: a part of a page that hangs on nothing but the language, drawn once for each."""

from __future__ import annotations

from typing import Any

from django import template
from django.conf import settings
from django.template.base import NodeList, Parser, Token
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = template.Library()

MOST = 200
"""Forms kept of one part: beyond that many it begins anew."""


@register.tag
def kept(parser: Parser, token: Token) -> template.Node:
    """``{% kept view section %}`` names what the part hangs on beside the language.

    It sees only that, so it cannot show one reader what was drawn for another.
    """
    names = token.split_contents()[1:]
    body = parser.parse(("endkept",))
    parser.delete_first_token()
    return _Kept(body, {name: parser.compile_filter(name) for name in names})


class _Kept(template.Node):
    def __init__(self, nodelist: NodeList, named: dict[str, Any]) -> None:
        self.nodelist, self.named = nodelist, named
        self.drawn: dict[tuple[Any, ...], SafeString] = {}

    def render(self, context: template.Context) -> SafeString:
        if settings.DEBUG:  # somebody is changing what stands here
            return self.nodelist.render(context)
        values = {name: one.resolve(context) for name, one in self.named.items()}
        key = get_language(), *values.values()
        found = self.drawn.get(key)
        if found is None:
            if len(self.drawn) >= MOST:
                self.drawn.clear()
            found = self.drawn[key] = self.nodelist.render(context.new(values))
        return found
