"""The one door out: every call that leaves goes to an address that was judged first."""

from sportello.core.net.errors import (
    Blocked,
    Broken,
    NetError,
    TimedOut,
    TooLarge,
    Unreachable,
    Untrusted,
)
from sportello.core.net.net import Net
from sportello.core.net.oauth import OAuth, OAuthRefused

__all__ = [
    "Blocked",
    "Broken",
    "Net",
    "NetError",
    "OAuth",
    "OAuthRefused",
    "TimedOut",
    "TooLarge",
    "Unreachable",
    "Untrusted",
]
