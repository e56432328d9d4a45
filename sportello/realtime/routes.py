"""The sockets of this house: agents and visitors, and the hub they share."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.routing import BaseRoute

from sportello.realtime.agents import agent_routes, keep_presence
from sportello.realtime.hub import start_hub, stop_hub
from sportello.realtime.visitors.door import visitor_doors
from sportello.realtime.visitors.pages import pages


async def startup(app: Starlette) -> None:
    await start_hub()
    keep_presence()


async def shutdown(app: Starlette) -> None:
    await pages.close()
    await stop_hub()


routes: list[BaseRoute] = [*agent_routes]
fast = visitor_doors
