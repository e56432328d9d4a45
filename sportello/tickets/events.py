"""The facts of tickets, past tense. Payloads hold ids, enums and numbers, never what people wrote."""

from sportello.contacts.events import CONTACT_CHANGED as CONTACT_CHANGED
from sportello.contacts.events import IDENTITY_VERIFIED as IDENTITY_VERIFIED
from sportello.core.events import declare

TICKET_OPENED = declare("ticket_opened", "opened the ticket", "channel", "thread", "follow_up_of")
TICKET_REOPENED = declare("ticket_reopened", "reopened the ticket", "status", "message")
MESSAGE_RECEIVED = declare("message_received", "wrote", "message", "channel", "thread", "nature")
MESSAGE_HELD = declare(
    "message_held", "wrote from an unknown address", "message", "channel", "thread"
)
HELD_ACCEPTED = declare("held_accepted", "accepted a held message", "message")
HELD_REFUSED = declare("held_refused", "set a held message apart", "message", "into")
MESSAGE_SENT = declare("message_sent", "answered", "message", "channel", "thread", "undo_until")
CHANNEL_SWITCHED = declare(
    "channel_switched", "went on by another channel", "message", "was", "channel", "reason"
)
MESSAGE_UNDONE = declare("message_undone", "took an answer back", "message")
NOTE_ADDED = declare("note_added", "added a note", "message", "mentions")
TICKET_ASSIGNED = declare(
    "ticket_assigned", "assigned the ticket", "assignee", "team", "was_assignee", "was_team"
)
STATUS_CHANGED = declare("status_changed", "changed the status", "status", "was")
PRIORITY_CHANGED = declare("priority_changed", "changed the priority", "priority", "was")
KIND_CHANGED = declare("kind_changed", "changed the type", "kind", "was")
SUBJECT_CHANGED = declare("subject_changed", "changed the subject")
TAGS_CHANGED = declare("tags_changed", "changed the tags", "added", "removed")
FIELD_CHANGED = declare("field_changed", "changed a field", "key")
TICKET_SNOOZED = declare("ticket_snoozed", "snoozed the ticket", "until")
TICKET_WOKEN = declare("ticket_woken", "woke the ticket")
TICKET_MERGED = declare("ticket_merged", "merged another ticket into this one", "ticket", "into")
TICKET_SPLIT = declare("ticket_split", "split the ticket", "into", "message")
SPAM_MARKED = declare("spam_marked", "marked it as spam")
SPAM_UNMARKED = declare("spam_unmarked", "said that it is not spam")
DELIVERY_CHANGED = declare("delivery_changed", "delivery", "message", "delivery", "state")
PARTICIPANT_CHANGED = declare(
    "participant_changed", "changed who gets copies", "thread", "participant", "active"
)
FOLLOWERS_CHANGED = declare("followers_changed", "follows the ticket", "agent", "following")
CHAT_ENDED = declare("chat_ended", "ended the chat", "thread")
CALL_LOGGED = declare(
    "call_logged",
    "logged a call",
    "message",
    "thread",
    "channel",
    "direction",
    "minutes",
    "outcome",
)
MEDIA_FETCHED = declare("media_fetched", "file arrived", "message")
MESSAGE_ECHOED = declare(
    "message_echoed", "answered by another app", "message", "channel", "thread"
)
MESSAGE_REACTED = declare("message_reacted", "reacted", "message")
MESSAGE_EDITED = declare("message_edited", "edited a message", "message")
MESSAGE_WITHDRAWN = declare("message_withdrawn", "withdrew a message", "message")
MESSAGE_HIDDEN = declare("message_hidden", "hid a message from strangers", "message")
MESSAGE_SHOWN = declare("message_shown", "showed a hidden message again", "message")
MODERATION_SETTLED = declare(
    "moderation_settled", "hidden or shown by the channel", "message", "hidden", "done"
)
MESSAGE_RECOGNISED = declare(
    "message_recognised", "went on in this ticket", "message", "percent", "reasons"
)
TICKET_SUGGESTED = declare(
    "ticket_suggested", "may belong to another ticket", "to", "percent", "reasons"
)
SUGGESTION_REFUSED = declare("ticket_suggestion_refused", "said that it is another matter", "to")
TICKET_UNMERGED = declare("ticket_unmerged", "took a merge back", "ticket", "into")
