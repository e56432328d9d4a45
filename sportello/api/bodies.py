"""What is said to a ticket: the fields of the calls that open and change one, and of its verbs."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from sportello.api.schemas import Data, Id, In, Line, Moment, Number, Ref, Text

type StatusName = Literal["new", "open", "pending", "on_hold", "solved", "closed"]
type PriorityName = Literal["low", "normal", "high", "urgent"]
type KindName = Literal["question", "problem", "incident", "task"]
type Tags = Annotated[list[Annotated[str, Field(max_length=64)]], Field(max_length=50)]


class ContactRef(In):
    """By one of id, e-mail and phone; whoever is new gets the name."""

    id: Id | None = None
    email: Annotated[str, Field(max_length=320)] | None = None
    phone: Annotated[str, Field(max_length=40)] | None = None
    name: Annotated[str, Field(max_length=200)] = ""


class TicketIn(In):
    subject: Line = ""
    text: Text = ""
    contact: ContactRef
    channel: Annotated[str, Field(max_length=40)] | None = None
    priority: PriorityName = "normal"
    tags: Tags = []


class TicketPatch(In):
    subject: Line | None = None
    status: StatusName | None = None
    priority: PriorityName | None = None
    type: KindName | None = None
    assignee: Ref | None = None
    team: Ref | None = None
    tags: Tags | None = None
    custom: Data | None = None


type Addresses = Annotated[list[Annotated[str, Field(max_length=320)]], Field(max_length=50)]


class FileIn(In):
    """A file inside the call: small ones. Larger ones go to `/files` first."""

    name: Annotated[str, Field(max_length=4096)]
    type: Annotated[str, Field(max_length=127)] = "application/octet-stream"
    content_base64: str


type Attachments = Annotated[
    list[Annotated[str, Field(max_length=64)] | FileIn], Field(max_length=20)
]


class TemplateIn(In):
    """An approved text of the channel. Without a language there must be only one of that name."""

    name: Annotated[str, Field(min_length=1, max_length=512)]
    language: Annotated[str, Field(max_length=16)] = ""
    values: Annotated[list[Annotated[str, Field(max_length=1000)]], Field(max_length=50)] = []


class ReplyIn(In):
    text: Text = ""
    html: Text = ""
    channel: Annotated[str, Field(max_length=40)] | None = None
    attachments: Attachments = []
    cc: Addresses = []
    bcc: Addresses = []
    bridge: bool | Line = False
    """When the answer leaves by another channel than the one the customer wrote on last: `true` begins it with
    a sentence that says so, in the ticket's language; a text is that sentence."""
    template: TemplateIn | None = None
    """Instead of words: what may go where the reply window has shut."""
    quick_replies: Annotated[list[Annotated[str, Field(max_length=80)]], Field(max_length=10)] = []
    """Buttons under the answer; a numbered list where the channel has none."""
    instead_of: Id | None = None
    """An answer that did not arrive, which this one repeats."""


class NoteIn(In):
    text: Text = ""
    html: Text = ""
    mentions: Annotated[list[Id], Field(max_length=50)] = []
    attachments: Attachments = []


class AssignIn(In):
    assignee: Ref | None = None
    team: Ref | None = None


class SnoozeIn(In):
    until: Moment


class SpamIn(In):
    spam: bool = True


class MergeIn(In):
    into: Number
    people: bool = False
    """Their contacts are one person, too, as is suggested."""


class RefuseIn(In):
    to: Number


class SplitIn(In):
    message: Id
    subject: Line = ""


class TagsIn(In):
    add: Tags = []
    remove: Tags = []


class Nothing(In):
    """An empty body, or ``{}``."""
