"""What an answer is made of before it is a message: the words, the bridge above them, or an approved text."""

from __future__ import annotations

import html as markup
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.translation import gettext as _

from sportello.channels import templates
from sportello.channels.contract import TemplateUse
from sportello.channels.models import Channel
from sportello.channels.queries import mouths
from sportello.core.models import StoredFile
from sportello.core.plain import storable
from sportello.tickets.actions.refusals import Empty, Unreachable
from sportello.tickets.actions.words import Words
from sportello.tickets.models import Ticket
from sportello.tickets.ways import switching
from sportello.tickets.ways.fitting import CHOICES, TITLE, Piece, misfits

_HOLE = re.compile(r"\{\{\s*(\d+)\s*\}\}")
VALUE = 1000
"""Characters of one value of a template."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What leaves: words and files, and what the timeline keeps beside them."""

    words: Words
    files: Sequence[StoredFile] = ()
    template: TemplateUse | None = None
    meta: Mapping[str, Any] = field(default_factory=dict)


def free(words: Words, files: Sequence[StoredFile], choices: Sequence[str]) -> Answer:
    """Words of one's own, with buttons under them. Raises `Empty`."""
    if not words.text and not files:
        raise Empty(_("Write something or attach a file."))
    titles = titles_of(choices)
    if titles and not words.text:
        raise Empty(_("Buttons need a text above them."))
    return Answer(words, files, meta={"choices": titles} if titles else {})


def titles_of(choices: Sequence[str]) -> list[str]:
    """Button titles, each once, cut to what every vendor shows."""
    titles = (" ".join(storable(choice).split())[:TITLE].strip() for choice in choices)
    return list(dict.fromkeys(title for title in titles if title))[:CHOICES]


def approved(use: TemplateUse, channel: Channel) -> Answer:
    """An approved text with its values filled in. Raises `Unreachable` or `Empty`."""
    found = templates.chosen(channel.pk, use.name, use.language)
    if found is None:
        raise Unreachable(
            _("%(name)s has no approved template “%(template)s”.")
            % {"name": channel.name, "template": use.name}
        )
    values = tuple(" ".join(storable(value).split())[:VALUE] for value in use.values)
    if len(values) != found.parameters or not all(values):
        raise Empty(_("Fill in every value of the template."))
    text = _HOLE.sub(lambda hole: _value(values, int(hole[1])), found.body)
    filled = TemplateUse(found.name, found.language, values)
    return Answer(Words(text, ""), template=filled, meta={"template": found.name})


def kept(use: TemplateUse | None) -> dict[str, Any] | None:
    """A template's use as drafts and deliveries keep it."""
    return {"name": use.name, "language": use.language, "values": list(use.values)} if use else None


def _value(values: Sequence[str], number: int) -> str:
    return values[number - 1] if 0 < number <= len(values) else ""


def bridged(answer: Answer, bridge: bool | str, ticket: Ticket, channel: Channel) -> Answer:
    """The same with the sentence above it that tells the customer why we write here."""
    sentence = bridge if isinstance(bridge, str) else _sentence(ticket, channel) if bridge else ""
    sentence = storable(sentence).strip()
    if not sentence or answer.template:
        return answer
    html = answer.words.html
    words = Words(
        f"{sentence}\n\n{answer.words.text}".rstrip(),
        f"<p>{markup.escape(sentence)}</p>{html}" if html else "",
    )
    return replace(answer, words=words, meta={**answer.meta, "bridge": True})


def _sentence(ticket: Ticket, channel: Channel) -> str:
    mouth = mouths().get(channel.pk)
    return switching.bridge(ticket, mouth) if mouth else ""


def check_fits(answer: Answer, channel: Channel) -> None:
    """Raises `Unreachable` with a sentence for each thing that the channel would not take."""
    files = [Piece(f.name, f.content_type, f.blob.size) for f in answer.files]
    wrong = list(misfits(channel.code, channel.name, length=len(answer.words.text), files=files))
    if wrong:
        raise Unreachable(" ".join(wrong))
