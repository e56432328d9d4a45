"""The settings form of a site chat. Labels are English message ids."""

from __future__ import annotations

from sportello.channels.contract import FieldKind, Setting

_ASK = (("no", "Do not ask"), ("optional", "Optional"), ("required", "Required"))

SETTINGS = (
    Setting(
        "origins",
        "Sites that may show the chat",
        FieldKind.LINES,
        help="One per line, for example https://shop.example. Empty: only pages of this installation.",
    ),
    Setting("greeting", "Greeting", help="The question above the first message.", default=""),
    Setting(
        "ask_question", "Ask the question before the chat starts", FieldKind.BOOLEAN, default=True
    ),
    Setting("ask_name", "Name", FieldKind.CHOICE, default="optional", choices=_ASK),
    Setting("ask_email", "E-mail", FieldKind.CHOICE, default="optional", choices=_ASK),
    Setting(
        "expected_wait",
        "Expected wait, minutes",
        FieldKind.NUMBER,
        default=3,
        help="Shown until enough chats were answered to measure it.",
    ),
    Setting("offer_files", "Visitors may send files", FieldKind.BOOLEAN, default=True),
    Setting("offer_transcript", "Offer the transcript by e-mail", FieldKind.BOOLEAN, default=True),
    Setting(
        "sound", "Offer a sound for new messages", FieldKind.BOOLEAN, default=True, advanced=True
    ),
    Setting(
        "side",
        "Corner of the page",
        FieldKind.CHOICE,
        default="right",
        choices=(("right", "Right"), ("left", "Left")),
        advanced=True,
    ),
    Setting(
        "identity_secret",
        "Identity secret",
        FieldKind.SECRET,
        help="Your back end signs the user id or e-mail address with it (HMAC-SHA256, hex): the visitor is verified.",
    ),
)

GUIDE = (
    "Write the addresses of your sites, one per line.",
    "Paste the script before the end of your pages.",
    "Open a page and write a message: it arrives in the inbox.",
)
