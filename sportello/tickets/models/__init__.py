"""One problem of one requester, across channels: tickets, their threads, messages and deliveries."""

from sportello.tickets.models.belonging import Belonging, Joining
from sportello.tickets.models.catalogue import CustomField, Tag
from sportello.tickets.models.confidential import SealedOriginal, SecureForm
from sportello.tickets.models.delivery import Delivery, DeliveryState
from sportello.tickets.models.message import CALL, Attachment, Direction, Message, PendingMedia
from sportello.tickets.models.notice import AgentMail, Notice
from sportello.tickets.models.pending import EarlyChange, Moderation, Monitored
from sportello.tickets.models.proving import Proving
from sportello.tickets.models.thread import Participant, Thread
from sportello.tickets.models.ticket import Kind, Priority, Status, Ticket
from sportello.tickets.models.work import Draft, Follower, Mention, ReadMark

__all__ = [
    "CALL",
    "AgentMail",
    "Attachment",
    "Belonging",
    "CustomField",
    "Delivery",
    "DeliveryState",
    "Direction",
    "Draft",
    "EarlyChange",
    "Follower",
    "Joining",
    "Kind",
    "Mention",
    "Message",
    "Moderation",
    "Monitored",
    "Notice",
    "Participant",
    "PendingMedia",
    "Priority",
    "Proving",
    "ReadMark",
    "SealedOriginal",
    "SecureForm",
    "Status",
    "Tag",
    "Thread",
    "Ticket",
]
