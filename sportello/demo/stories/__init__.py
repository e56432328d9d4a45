"""Ten days at the counter, one module per kind of trouble."""

from __future__ import annotations

from sportello.demo.script import Story, Times
from sportello.demo.stories import (
    abroad,
    business,
    chats,
    everywhere,
    house,
    in_public,
    machines,
    noise,
    orders,
    returns,
)


def all_stories(times: Times) -> list[Story]:
    rooms = (
        machines,
        orders,
        returns,
        business,
        abroad,
        chats,
        noise,
        house,
        in_public,
        everywhere,
    )
    return [story for room in rooms for story in room.stories(times)]
