"""The base of all providers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from sportello.channels.contract.declared import Capabilities, Challenge, Check, Setting
from sportello.channels.contract.incoming import Address, Envelope, File, Parsed, Profile, Raw
from sportello.channels.contract.outgoing import Outbound, Outcome, Template

if TYPE_CHECKING:
    from sportello.core.net import Net

Settings = Mapping[str, Any]


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
    shared_threads: ClassVar[bool] = False
    """True where several people talk in one thread that the vendor names: whoever joins in is on the same ticket."""
    is_internal: ClassVar[bool] = False
    """True when nobody should be offered it in the settings (the fake)."""
    hue: ClassVar[str] = "email"
    """CSS class of the channel's colour and the icon's name."""
    family: ClassVar[str] = ""
    """Channels of one family are siblings: what comes to the address of one is handed to those that it `concerns`."""
    takes_mail: ClassVar[bool] = False
    """True where mails to the setting `address` come in here, though the channel is no mailbox (fax gateways)."""
    customer_setting: ClassVar[str] = ""
    """Name of the setting that customers may see: the address or number they write to."""
    customer_link: ClassVar[str] = ""
    """What opens it at the customer's, with ``{digits}`` or ``{name}`` of what he sees; links are taken as they are."""
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
        """The vendor's name of the account behind this channel, the same for the `private_kind` beside it."""
        return ""

    def concerns(self, raw: Raw, settings: Settings) -> bool:
        """Whether what came to a sibling's address is (also) about this channel's account. Must not raise.

        It is handed over only when `verify` lets it in with this channel's own settings, too.
        """
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

    def profile(self, address: Address, settings: Settings, net: Net) -> Profile | None:
        """Who this is, where the vendor does not say so with each message. None when he does not tell. Raises `NetError`."""
        return None

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

    def expires(self, settings: Settings, net: Net) -> datetime | None:
        """When the vendor stops taking these settings' key. None: never, as far as he tells. Raises `NetError`."""
        return None

    def check(self, settings: Settings, net: Net) -> list[Check]:
        """Real calls that show whether these settings work."""
        return []
