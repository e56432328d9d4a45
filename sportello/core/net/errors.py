"""What can go wrong on the way out.

::

    NetError
    ├── Blocked        the address may not be reached; nothing was sent
    ├── Unreachable    no connection (name, TCP, TLS); nothing was sent
    │   └── Untrusted  TLS came to nothing: its words say why and what to do
    ├── TimedOut       the deadline passed; the other side may have got it
    ├── Broken         the connection ended in the middle; the other side may have got it
    └── TooLarge       the answer was longer than the cap
"""

from __future__ import annotations


class NetError(Exception):
    """A call that left, or was to leave, did not end well."""


class Blocked(NetError):
    """The address is private, special or otherwise not to be reached."""


class Unreachable(NetError):
    """No connection came about: certainly nothing was sent."""


class Untrusted(Unreachable):
    """The server's certificate is not believed, or it speaks no TLS."""


class TimedOut(NetError):
    """No answer before the deadline: whether it arrived is unknown."""


class Broken(NetError):
    """The connection ended before the answer: whether it arrived is unknown."""


class TooLarge(NetError):
    """The answer exceeded the cap and was dropped."""
