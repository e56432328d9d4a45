"""Sentences that the page's code says, translated on the server and handed over as JSON."""

from __future__ import annotations

from django.utils.translation import gettext as _


def strings() -> dict[str, str]:
    return {
        "fresh_one": _("1 new ticket, show"),
        "fresh_many": _("{n} new tickets, show"),
        "new_message": _("1 new message"),
        "new_messages": _("{n} new messages"),
        "offline": _("Offline for {n} s."),
        "offline_help": _("You can go on writing."),
        "online": _("Back online."),
        "sign_in": _("You are signed out. Sign in again in another tab; what you wrote is kept."),
        "failed": _("That did not work. Nothing was changed: try again."),
        "forbidden": _("Your role does not allow this."),
        "typing": _("{who} is answering"),
        "viewing": _("{who} is looking at this too"),
        "visitor_typing": _("The customer is typing…"),
        "on_for": _("for {n} s"),
        "saved_at": _("draft saved at {time}"),
        "not_saved": _("draft not saved yet"),
        "send_anyway": _("Send anyway…"),
        "too_long": _("{n} characters too many"),
        "left": _("{n} left"),
        "insert": _("insert"),
        "uploading": _("uploading…"),
        "too_big": _("{name} is larger than this channel takes"),
        "remove": _("Remove"),
        "undo": _("Undo"),
        "leaves_in": _("{what} in {n} s"),
        "left_now": _("Sent"),
        "selected_one": _("1 selected"),
        "selected_many": _("{n} selected"),
        "search_all": _("Search “{q}” in all messages"),
        "nothing": _("Nothing found"),
        "notify_title": _("New message from a customer"),
        "link_prompt": _("Address of the link"),
    }
