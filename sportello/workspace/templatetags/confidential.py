"""``{% load confidential %}``: the kinds of covered data in words."""

from __future__ import annotations

from django import template

from sportello.tickets.confidential import words

register = template.Library()
register.filter("kind_name", words.kind_name)
register.filter("kind_names", words.kind_names)
