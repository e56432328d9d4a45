"""All calls, put together."""

from __future__ import annotations

from sportello.api import frame
from sportello.api.routers import (
    calls,
    channels,
    consents,
    contacts,
    directory,
    events,
    files,
    identity,
    messages,
    orders,
    organizations,
    tickets,
    verbs,
    ways,
    webhooks,
    wordings,
)

api = frame.make()
api.add_router("/tickets", tickets.router)
api.add_router("/tickets", messages.of_ticket)
api.add_router("/tickets", verbs.router)
api.add_router("/tickets", ways.router)
api.add_router("/tickets", calls.of_ticket)
api.add_router("/calls", calls.router)
api.add_router("/tickets", orders.router)
api.add_router("/messages", messages.router)
api.add_router("/contacts", contacts.router)
api.add_router("/contacts", consents.router)
api.add_router("/contacts", identity.router)
api.add_router("/organizations", organizations.router)
api.add_router("/wordings", wordings.router)
api.add_router("/channels", channels.router)
api.add_router("/events", events.router)
api.add_router("/webhooks", webhooks.router)
api.add_router("/files", files.router)
api.add_router("", directory.router)
