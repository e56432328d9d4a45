"""What answers and notes are made of: words and files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sportello.core import richtext
from sportello.core.actors import Actor
from sportello.core.models import StoredFile
from sportello.core.plain import storable
from sportello.tickets.models import Attachment, Message


@dataclass(frozen=True, slots=True)
class Words:
    """What somebody wrote, made fit to be kept and sent."""

    text: str
    html: str


def words_of(text: str, html: str, *, rich: bool) -> Words:
    html = richtext.clean_outgoing(storable(html)) if html else ""
    text = storable(text).strip() or (richtext.text_of(html).strip() if html else "")
    return Words(text, html if rich else "")


def own_files(keys: Sequence[str], actor: Actor) -> list[StoredFile]:
    """Uploads of this actor that belong to no message yet, in the order given; foreign keys are left out."""
    rows = StoredFile.objects.filter(
        key__in=list(keys), owner=str(actor), bound=False
    ).select_related("blob")
    found = {row.key: row for row in rows}
    return [found[key] for key in dict.fromkeys(keys) if key in found]


def attach(message: Message, files: Sequence[StoredFile]) -> None:
    Attachment.objects.bulk_create(
        [
            Attachment(
                message=message, file=f, name=f.name, content_type=f.content_type, size=f.blob.size
            )
            for f in files
        ]
    )
    StoredFile.objects.filter(pk__in=[f.pk for f in files]).update(bound=True)
