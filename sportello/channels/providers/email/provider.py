"""Electronic mail: SMTP or IMAP in, any relay out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from sportello.channels.contract import (
    Capabilities,
    Check,
    Envelope,
    FieldKind,
    Outbound,
    Outcome,
    Parsed,
    Provider,
    Raw,
    Setting,
    Settings,
)
from sportello.channels.providers.email import parse

if TYPE_CHECKING:
    from sportello.core.net import Net


class EmailProvider(Provider):
    kind = "email"
    name = "E-mail"
    identity_kind = "email"
    customer_setting = "address"
    customer_link = "mailto:{name}"
    hue = "email"
    capabilities = Capabilities(
        html=True,
        subject=True,
        cc=True,
        files=True,
        max_file_bytes=25 * 1024 * 1024,
        inbound_webhook=False,
    )
    settings = (
        Setting(
            "address",
            "Address",
            FieldKind.EMAIL,
            required=True,
            help="Customers write to this address.",
        ),
        Setting(
            "from_name",
            "Sender name",
            help="Shown beside the address, for example the company's name.",
        ),
        Setting(
            "imap_host",
            "IMAP server",
            help="Leave empty when mail is delivered to the built-in receiver.",
        ),
        Setting("imap_port", "IMAP port", FieldKind.NUMBER, default=993),
        Setting(
            "imap_tls",
            "IMAP with TLS from the start",
            FieldKind.BOOLEAN,
            default=False,
            help="For a port other than 993: without it, STARTTLS is used there.",
            advanced=True,
        ),
        Setting("imap_user", "IMAP user"),
        Setting("imap_password", "IMAP password", FieldKind.SECRET),
        Setting("imap_folder", "IMAP folder", default="INBOX", advanced=True),
        Setting(
            "imap_since",
            "Fetch mail since",
            help="A date like 2026-11-21. Empty: only what arrives from now on.",
            advanced=True,
        ),
        Setting(
            "smtp_url",
            "SMTP relay",
            FieldKind.SECRET,
            help="smtp://user:password@host:587?starttls=1 or smtps://… Empty: the installation's relay.",
        ),
        Setting("oauth_token_url", "OAuth token address", FieldKind.URL, advanced=True),
        Setting("oauth_client_id", "OAuth client id", advanced=True),
        Setting("oauth_client_secret", "OAuth client secret", FieldKind.SECRET, advanced=True),
        Setting("oauth_refresh_token", "OAuth refresh token", FieldKind.SECRET, advanced=True),
        Setting(
            "authserv_id",
            "Trusted Authentication-Results host",
            help="Name of the receiving mail server whose DMARC verdict is believed.",
            advanced=True,
        ),
    )
    guide = (
        "Enter the address your customers write to.",
        "Either let your mail server deliver it to the built-in receiver, or enter the IMAP account.",
        "Enter an SMTP relay for answers, or leave it empty to use the installation's relay.",
        "Press “Test the settings”: each step says what is wrong and what to do.",
    )

    def envelope(self, raw: Raw) -> Envelope:
        return parse.envelope(raw)

    def parse(self, raw: Raw, settings: Settings) -> list[Parsed]:
        return parse.parse(raw, settings)

    def send(self, outbound: Outbound, settings: Settings, net: Net) -> Outcome:
        from sportello.channels.providers.email import send

        return send.send(outbound, settings, net)

    def check(self, settings: Settings, net: Net) -> list[Check]:
        from sportello.channels.providers.email import check

        return check.check(settings, net)

    def fetches(self, settings: Settings) -> bool:
        return bool(settings.get("imap_host"))

    def poll(
        self, settings: Settings, cursor: Mapping[str, Any], net: Net
    ) -> Iterator[tuple[Raw, dict[str, Any]]]:
        from sportello.channels.providers.email import imap

        return imap.poll(settings, cursor, net)

    def listen(
        self,
        settings: Settings,
        cursor: Mapping[str, Any],
        net: Net,
        store: Callable[[Raw, dict[str, Any]], None],
        stopped: Callable[[], bool],
    ) -> None:
        from sportello.channels.providers.email import imap

        imap.listen(settings, cursor, net, store, stopped)
