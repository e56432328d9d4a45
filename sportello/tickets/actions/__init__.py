"""The verbs of tickets. Every writer calls these: agents, programs, rules, importers, the demo.

Keyword-only; `actor` and `now` are passed in; one transaction each; events last; no network.
"""

from sportello.tickets.actions.calling import log_call
from sportello.tickets.actions.holding import (
    accept_held,
    add_participant,
    prove_address,
    refuse_held,
    remove_participant,
)
from sportello.tickets.actions.joining import CannotMerge, merge, refuse, split, unmerge
from sportello.tickets.actions.noting import note
from sportello.tickets.actions.opening import open_ticket
from sportello.tickets.actions.public import answer_in_private, hide
from sportello.tickets.actions.reading import (
    discard_draft,
    follow,
    mark_read,
    mark_unread,
    read_mentions,
    save_draft,
    unfollow,
)
from sportello.tickets.actions.refusals import Crossed, Empty, TooLate, Unreachable
from sportello.tickets.actions.replying import reply
from sportello.tickets.actions.sending import elsewhere, retry_delivery, undo_send
from sportello.tickets.actions.uniting import join_both
from sportello.tickets.actions.watching import open_monitored
from sportello.tickets.actions.working import (
    KEEP,
    BadValue,
    assign,
    end_chat,
    mark_spam,
    rename,
    retag,
    set_field,
    set_kind,
    set_priority,
    set_status,
    snooze,
    unmark_spam,
    wake,
)
from sportello.tickets.locking import NotAllowed

__all__ = [
    "KEEP",
    "BadValue",
    "CannotMerge",
    "Crossed",
    "Empty",
    "NotAllowed",
    "TooLate",
    "Unreachable",
    "accept_held",
    "add_participant",
    "answer_in_private",
    "assign",
    "discard_draft",
    "elsewhere",
    "end_chat",
    "follow",
    "hide",
    "join_both",
    "log_call",
    "mark_read",
    "mark_spam",
    "mark_unread",
    "merge",
    "note",
    "open_monitored",
    "open_ticket",
    "prove_address",
    "read_mentions",
    "refuse",
    "refuse_held",
    "remove_participant",
    "rename",
    "reply",
    "retag",
    "retry_delivery",
    "save_draft",
    "set_field",
    "set_kind",
    "set_priority",
    "set_status",
    "snooze",
    "split",
    "undo_send",
    "unfollow",
    "unmark_spam",
    "unmerge",
    "wake",
]
