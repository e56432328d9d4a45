"""Sentences that the page's code says, translated on the server and handed over as JSON."""

from __future__ import annotations

from functools import lru_cache

from django.utils.translation import get_language
from django.utils.translation import gettext as _


def strings() -> dict[str, str]:
    """In the language of this request."""
    return _strings(get_language())


@lru_cache(maxsize=8)
def _strings(language: str | None) -> dict[str, str]:
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
        "wrong_kind": _("{channel} does not take “{name}”."),
        "file_too_big": _("“{name}” is too large for {channel}: at most {size} MB."),
        "no_files": _("{channel} takes no files."),
        "too_many_files": _("{channel} takes at most {n} files at once."),
        "answer_by": _("Answer by {channel}"),
        "window_shut": _("shut"),
        "window_left_h": _("{h} h {m} min"),
        "window_left_m": _("{m} min"),
        "parts": _("{n} SMS"),
        "parts_money": _("≈ {money}"),
        "parts_shown": _("How it is cut"),
        "foreign": _("{chars}: because of this each SMS holds 70 characters instead of 160."),
        "as_buttons": _("as buttons"),
        "as_list": _("as a numbered list"),
        "value_missing": _("Fill in every value of the template."),
        "template_missing": _("Choose a template: free text may not go there now."),
        "only_template": _("Free text may not go: {why}. An approved template may."),
        "undo": _("Undo"),
        "leaves_in": _("{what} in {n} s"),
        "left_now": _("Sent"),
        "solved": _("N. {n} solved"),
        "selected_one": _("1 selected"),
        "selected_many": _("{n} selected"),
        "search_all": _("Search “{q}” in all messages"),
        "nothing": _("Nothing found"),
        "notify_answer": _("New message from a customer"),
        "notify_assigned": _("Assigned to you"),
        "notify_mention": _("A colleague names you"),
        "notify_followed": _("News on a ticket that you follow"),
        "notify_opened": _("New ticket in your team"),
        "commands": _("Commands"),
        "cmd_reply": _("Reply"),
        "cmd_note": _("Internal note"),
        "cmd_switch": _("Answer by the next channel"),
        "cmd_solve": _("Solve"),
        "cmd_assign": _("Assign"),
        "cmd_snooze": _("Snooze"),
        "cmd_tag": _("Tag"),
        "cmd_merge": _("Merge"),
        "cmd_mine": _("Go to mine"),
        "cmd_unassigned": _("Go to the unassigned"),
        "cmd_all": _("Go to all open"),
        "cmd_mentions": _("Go to mentions"),
        "cmd_next": _("Take the next one"),
        "cmd_keys": _("All keys"),
        "rich": _("Formatting"),
        "rich_bold": _("Bold"),
        "rich_italic": _("Italic"),
        "rich_list": _("List"),
        "rich_numbers": _("Numbered list"),
        "rich_quote": _("Quotation"),
        "rich_link": _("Link"),
        "tickets": _("Tickets"),
        "link_prompt": _("Address of the link"),
    }
