"""The provider contract: what a channel's code declares and fills in, and the plain data it exchanges.

Nothing here knows Django or the database. A provider is a module-level object in
``channels/providers/<kind>/`` that subclasses `Provider` and overrides what its vendor offers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from sportello.core.net import Net

Settings = Mapping[str, Any]


class Refused(Exception):
    """The raw input is not genuine (bad signature). The door answers 401 and stores nothing."""


class KeysWanted(Refused):
    """Signed with a public key that is not at hand: the door calls `Provider.learn_keys` and asks once more."""


class Unreadable(Exception):
    """The raw input cannot be parsed at all. It is parked, visible and replayable."""


@dataclass(frozen=True, slots=True)
class Raw:
    """What came in, byte for byte. Header names are lower case."""

    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    query: str = ""
    source: str = "webhook"
    """Which door: ``webhook``, ``smtp``, ``imap``, ``widget``, ``poll``."""
    url: str = ""
    """The whole address as the vendor called it (some sign it). Known to `verify` only, not kept."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """A cheap look at the raw input: items of one `order_key` are applied one after the other."""

    order_key: str
    external_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Address:
    """A sender or recipient. `kind` is an identity kind: ``email``, ``phone``, ``visitor``, ``whatsapp``…"""

    kind: str
    address: str
    name: str = ""
    verified: bool = False
    """True when the vendor vouches for it (provider's stable id, signed visitor, aligned DMARC)."""
    how: str = ""
    """In a word, what the proof rests on: ``dmarc``, ``hmac``, ``provider``."""


COMMENT = "comment"
"""Kind of a recipient known only by what he wrote in public; the address is the item's external id."""


@dataclass(frozen=True, slots=True)
class File:
    """An attachment whose bytes are here already (mail, chat) or still at the vendor (`media_ref`)."""

    name: str
    content_type: str
    content: bytes = b""
    inline: bool = False
    content_id: str = ""
    media_ref: str = ""
    """In: the vendor's name for bytes still to be fetched. Out: a signed address where he may fetch them."""
    stored_key: str = ""
    """Set when the bytes were stored before (chat uploads): the key under ``/files``."""


class Nature(StrEnum):
    """What kind of utterance an inbound message is. Only `PERSON` may open a ticket or reopen one."""

    PERSON = "person"
    AUTO_REPLY = "auto_reply"
    BOUNCE = "bounce"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class Inbound:
    """One utterance of a customer."""

    external_id: str
    """The vendor's id of the message; unique per channel. Never empty: fall back to a content hash."""
    sender: Address
    text: str
    """What the author wrote, without quotes and signature."""
    sent_at: datetime | None = None
    fingerprint: str = ""
    """Hash of what the message says; tells a redelivery from a reused id."""
    subject: str = ""
    quoted: str = ""
    """Quotes and signature: folded, never dropped."""
    html: str = ""
    """As it came. The room that stores it sanitises it (`core.richtext.clean`)."""
    files: tuple[File, ...] = ()
    nature: Nature = Nature.PERSON
    thread_ref: str = ""
    """The vendor's id of the conversation, where it has one (visitor session, DM thread, comment tree)."""
    tokens: tuple[str, ...] = ()
    """Candidates for our own secret tokens (reply address, Message-ID, References), not yet judged."""
    references: tuple[str, ...] = ()
    """Message ids this one answers, nearest first."""
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    language: str = ""
    contact_name: str = ""
    claimed: tuple[Address, ...] = ()
    """Addresses the sender typed in a form: claimed, not proved."""
    meta: Mapping[str, Any] = field(default_factory=dict)
    """Small facts worth showing (page url, user agent, spam verdict). JSON."""
    is_public: bool = False
    """Strangers can read it (comment, mention, review), and will read the answer."""
    answers: str = ""
    """External id of the message that this one quotes."""
    rating: float | None = None
    """Stars out of five, where it is a review."""
    addressed: bool = False
    """A public item that names us, so that we are expected to answer."""


class Status(StrEnum):
    QUEUED = "queued"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class StatusUpdate:
    """The vendor tells what became of something we sent. Late and reordered ones never go backwards."""

    external_id: str
    """Id of our message at the vendor, as returned by `Provider.send` (mail: our Message-ID)."""
    status: Status
    reason: str = ""
    recipient: str = ""
    at: datetime | None = None
    permanent: bool = True
    otherwise: Inbound | None = None
    """What to show when nobody here sent `external_id`: a bounce of something else is not lost."""
    key: str = ""
    """Our `Outbound.idempotency_key`, where the vendor hands it back: a send without an answer is found by it."""


@dataclass(frozen=True, slots=True)
class SeenUpTo:
    """Everything sent to this person up to a moment was delivered or read: a watermark, naming no message."""

    recipient: Address
    status: Status
    at: datetime


@dataclass(frozen=True, slots=True)
class Edited:
    """The author changed what he wrote. The first words are kept beside the new ones."""

    external_id: str
    """Of the message, as it was when it came."""
    text: str
    sender: Address | None = None
    """None when it was said in our name, by another app."""
    at: datetime | None = None
    """When; of several edits the latest one counts, in whatever order they come."""


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """Unsent or deleted by its author: the message stays, marked, its words folded away."""

    external_id: str
    sender: Address | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """The customer ended the talk (closed the chat): the ticket of this thread is solved."""

    sender: Address
    thread_ref: str
    external_id: str = ""


@dataclass(frozen=True, slots=True)
class Echo:
    """Something said in our name by another app (the vendor's own inbox): kept as an outbound message."""

    external_id: str
    recipient: Address
    text: str
    files: tuple[File, ...] = ()
    thread_ref: str = ""
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reaction:
    """An emoji on a message, of ours or theirs; an empty one takes it back."""

    external_id: str
    """Of the message reacted to."""
    sender: Address
    emoji: str


@dataclass(frozen=True, slots=True)
class IdentityChanged:
    """The vendor gave the same person another id (new phone number, new user id)."""

    previous: Address
    current: Address


Parsed = (
    Inbound
    | StatusUpdate
    | SeenUpTo
    | Edited
    | Withdrawn
    | Ended
    | Echo
    | Reaction
    | IdentityChanged
)


@dataclass(frozen=True, slots=True)
class Template:
    """A text approved by the vendor, sendable outside the reply window. `body` has ``{{1}}``, ``{{2}}``…"""

    name: str
    language: str
    body: str
    parameters: int = 0
    status: str = "approved"


@dataclass(frozen=True, slots=True)
class TemplateUse:
    """A template with its parameters filled in."""

    name: str
    language: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class QuickReply:
    """A button under a message."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class Outbound:
    """One message to bring to one customer on one channel, rendered by the provider as well as it can."""

    idempotency_key: str
    recipient: Address
    text: str
    html: str = ""
    subject: str = ""
    files: tuple[File, ...] = ()
    thread_ref: str = ""
    message_id: str = ""
    """Mail: our Message-ID with the token, without angle brackets."""
    reply_to: str = ""
    references: tuple[str, ...] = ()
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] = ()
    from_name: str = ""
    language: str = ""
    automatic: bool = False
    """True when no person wrote it: providers mark it so (RFC 3834) and never answer answers."""
    quoted_html: str = ""
    quoted_text: str = ""
    template: TemplateUse | None = None
    quick_replies: tuple[QuickReply, ...] = ()
    answers: str = ""
    """External id of the message to quote."""
    window_until: datetime | None = None
    """Until when free-form answers are allowed; None where the channel has no window."""


@dataclass(frozen=True, slots=True)
class Sent:
    """The vendor took it. `external_id` is what later status updates will name."""

    external_id: str = ""
    status: Status = Status.SENT
    recipient: Address | None = None
    """Who it went to, where the sending was the way to learn it (an answer in private to a comment)."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The vendor refused it: for good (`permanent`) or for now (`retry_after`)."""

    reason: str
    permanent: bool = True
    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """No answer came: it may or may not have left. Reconciled before it is sent again."""

    reason: str


Outcome = Sent | Failed | Unknown


class Said(str):
    """A sentence for people: English as it stands; `template` and `parts` let a page translate it."""

    template: str
    parts: Mapping[str, object]


def said(template: str, /, **parts: object) -> Said:
    """``said("The folder {folder} is open.", folder=name)``. The template is an English message id."""
    sentence = Said(template.format(**parts) if parts else template)
    sentence.template, sentence.parts = template, parts
    return sentence


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the settings page's test: a real call, what it said, and the way out.

    Sentences written with `said` are shown in the reader's language.
    """

    title: str
    ok: bool | None
    detail: str = ""
    milliseconds: int | None = None


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What the channel can do. False means: the provider cannot be told."""

    html: bool = False
    subject: bool = False
    cc: bool = False
    files: bool = False
    max_file_bytes: int = 0
    max_text: int = 0
    """Characters; 0 = no limit."""
    typing: bool = False
    read_receipts: bool = False
    delivery_receipts: bool = False
    quick_replies: int = 0
    templates: bool = False
    media: tuple[str, ...] = ()
    """Media types that may be sent, like ``image/*`` or ``application/pdf``; empty means any."""
    public: bool = False
    """What is said here can be read by strangers."""
    reactions: bool = False
    edits: bool = False
    """Tells when customers edit or withdraw what they wrote."""
    reply_window: timedelta | None = None
    """How long after the customer's last word anything may be answered. Not in public."""
    human_window: timedelta | None = None
    """How long a person may still answer, where that is longer. Counted from the same word."""
    hides: bool = False
    """Can hide what strangers wrote in public (`Provider.hide`)."""
    private_answer: timedelta | None = None
    """For how long a public item can be answered in private; see `Provider.private_kind`."""
    live: bool = False
    """The customer sits in front of it: answers are wanted in seconds, undo-send is off."""
    undo_send: bool = True
    inbound_webhook: bool = True
    outbound: bool = True


class FieldKind(StrEnum):
    TEXT = "text"
    SECRET = "secret"
    NUMBER = "number"
    BOOLEAN = "boolean"
    URL = "url"
    EMAIL = "email"
    LINES = "lines"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class Setting:
    """One field of the settings form. Labels are English message ids; `it` comes from the catalogue."""

    name: str
    label: str
    kind: FieldKind = FieldKind.TEXT
    required: bool = False
    help: str = ""
    default: Any = ""
    choices: tuple[tuple[str, str], ...] = ()
    advanced: bool = False


@dataclass(frozen=True, slots=True)
class Challenge:
    """A vendor's question whether this is the right address: answer it so."""

    status: int
    body: str = ""
    content_type: str = "text/plain"


class Provider:
    """Base of all providers. Class attributes declare, methods translate; nothing touches the database."""

    kind: ClassVar[str]
    name: ClassVar[str]
    identity_kind: ClassVar[str]
    capabilities: ClassVar[Capabilities] = Capabilities()
    settings: ClassVar[Sequence[Setting]] = ()
    guide: ClassVar[Sequence[str]] = ()
    """Steps at the vendor, in order, as English message ids."""
    conversational: ClassVar[bool] = False
    """True where messages of one person form one talk without naming a thread (chat, messaging apps)."""
    is_internal: ClassVar[bool] = False
    """True when nobody should be offered it in the settings (the fake)."""
    hue: ClassVar[str] = "email"
    """CSS class of the channel's colour and the icon's name."""
    family: ClassVar[str] = ""
    """Channels of one family and one `account` are siblings: what comes to the address of one may concern another."""
    private_kind: ClassVar[str] = ""
    """Kind of the sibling channel on which an author of something public is answered in private."""

    def verify(self, raw: Raw, settings: Settings) -> None:
        """Raise `Refused` unless the raw bytes are genuine."""

    def challenge(self, query: Mapping[str, str], settings: Settings) -> Challenge | None:
        """Answer the vendor's GET, or None when this provider knows none."""
        return None

    def handshake(self, raw: Raw, settings: Settings) -> Challenge | None:
        """Answer a POST that is the vendor's question and no news; None for all others. Asked before `verify`:
        whoever answers proves the caller himself, and raises `Refused`. Each call comes through here: be quick."""
        return None

    def learn_keys(self, settings: Settings, net: Net) -> None:
        """Fetch the vendor's public keys into memory, after `verify` raised `KeysWanted`. Raises `NetError`."""

    def envelope(self, raw: Raw) -> Envelope:
        """A cheap look: who sent it, which message ids. Must not raise on any bytes."""
        raise NotImplementedError

    def account(self, settings: Settings) -> str:
        """The vendor's name of the account behind this channel, the same for all its siblings."""
        return ""

    def concerns(self, raw: Raw, settings: Settings) -> bool:
        """Whether what came to another address of the family is (also) about this channel. Must not raise."""
        return False

    def parse(self, raw: Raw, settings: Settings) -> list[Parsed]:
        """All that the raw input says. Raises `Unreadable` when it says nothing we can read."""
        raise NotImplementedError

    def fetches(self, settings: Settings) -> bool:
        """Whether these settings ask for `poll` or `listen` at all."""
        return True

    def poll(
        self, settings: Settings, cursor: Mapping[str, Any], net: Net
    ) -> Iterator[tuple[Raw, dict[str, Any]]]:
        """Fetch what is new since `cursor`; each raw item comes with the cursor to keep once it is stored."""
        return iter(())

    def listen(
        self,
        settings: Settings,
        cursor: Mapping[str, Any],
        net: Net,
        store: Callable[[Raw, dict[str, Any]], None],
        stopped: Callable[[], bool],
    ) -> None:
        """Stay connected (IMAP IDLE, long polling): call `store` for each item until `stopped()`."""

    def templates(self, settings: Settings, net: Net) -> list[Template]:
        """The vendor's approved templates, where it has such."""
        return []

    def fetch_media(self, file: File, settings: Settings, net: Net) -> File:
        """The same file with its bytes."""
        return file

    def send(self, outbound: Outbound, settings: Settings, net: Net) -> Outcome:
        """Bring it to the customer. Idempotent by `Outbound.idempotency_key` where the vendor allows."""
        raise NotImplementedError

    def human_window(self, settings: Settings) -> timedelta | None:
        """`Capabilities.human_window`, unless these settings do without."""
        return self.capabilities.human_window

    def hide(
        self, external_id: str, settings: Settings, net: Net, *, hidden: bool = True
    ) -> Outcome:
        """Hide a public item from strangers, or show it again. Doing it twice must be harmless."""
        raise NotImplementedError

    def check(self, settings: Settings, net: Net) -> list[Check]:
        """Real calls that show whether these settings work."""
        return []
