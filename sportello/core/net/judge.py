"""Which addresses may be reached. A name is resolved once; every answer is judged; that answer is dialled."""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from sportello.core.net.errors import Blocked, Unreachable

IP = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolver = Callable[[str, int], Sequence[str]]

HTTP_PORTS = frozenset((80, 443, 8080, 8443))
MAIL_PORTS = frozenset((25, 143, 465, 587, 993, 2525))

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_NEVER: tuple[Network, ...] = (
    ipaddress.IPv4Network("168.63.129.16/32"),  # Azure's host, a public address on purpose
    ipaddress.IPv4Network("192.88.99.0/24"),  # 6to4 relays
    ipaddress.IPv6Network("64:ff9b:1::/48"),  # local-use NAT64: the embedded address is anybody's
    ipaddress.IPv6Network("2002::/16"),  # 6to4
    ipaddress.IPv6Network("2001::/32"),  # Teredo
    ipaddress.IPv6Network("fec0::/10"),  # old site-local
    ipaddress.IPv6Network("::/96"),  # IPv4-compatible
)


def system_resolver(host: str, port: int) -> list[str]:
    """All addresses of a name, as the system says."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


@dataclass(frozen=True, slots=True)
class Judge:
    allow: tuple[Network, ...] = ()
    """Networks that may be reached though private (`SPORTELLO_ALLOW_NETWORKS`)."""
    resolver: Resolver = field(default=system_resolver)
    everything: bool = False
    """For what the operator configured by environment."""

    def addresses(self, host: str, port: int, ports: frozenset[int]) -> list[str]:
        """The addresses of `host` that may be dialled.

        Raises `Blocked` when any answer is not allowed (a name that answers with a good and a bad
        address is an attack, not a choice), `Unreachable` when there is none.
        """
        if not 0 < port < 65536:
            raise Blocked(_("There is no port %(port)s.") % {"port": port})
        found = self._resolve(host, port)
        if self.everything:
            return found
        for address in found:
            if not self.may_reach(address):
                raise Blocked(
                    _(
                        "%(host)s is at %(address)s, a private or special address. "
                        "An operator can allow it with SPORTELLO_ALLOW_NETWORKS."
                    )
                    % {"host": host, "address": address}
                )
            if port not in ports and not self.is_listed(address):
                raise Blocked(
                    _("Port %(port)s may not be reached; allowed are %(choices)s.")
                    % {"port": port, "choices": ", ".join(map(str, sorted(ports)))}
                )
        return found

    def _resolve(self, host: str, port: int) -> list[str]:
        name = host.strip().strip("[]").rstrip(".")
        if not name or "%" in name or re.search(r"[\s/\\@\x00-\x1f]", name):
            raise Blocked(_("“%(host)s” is not a host name.") % {"host": host})
        try:
            found = list(self.resolver(name, port))
        except (OSError, UnicodeError) as error:
            raise Unreachable(
                _("The name %(name)s cannot be resolved: %(error)s")
                % {"name": name, "error": error}
            ) from error
        if not found:
            raise Unreachable(_("The name %(name)s has no address.") % {"name": name})
        return found

    def may_reach(self, address: str) -> bool:
        """True for a public unicast address, or one on the allow-list."""
        ip = _unwrapped(address)
        if ip is None:
            return False
        if self._listed(ip):
            return True
        if any(ip in network for network in _NEVER if network.version == ip.version):
            return False
        return ip.is_global and not ip.is_multicast and not ip.is_reserved

    def is_listed(self, address: str) -> bool:
        """True for an address on the allow-list."""
        ip = _unwrapped(address)
        return ip is not None and self._listed(ip)

    def _listed(self, ip: IP) -> bool:
        return any(ip in network for network in self.allow if network.version == ip.version)


def _unwrapped(address: str) -> IP | None:
    """The address that packets really go to: IPv4 inside IPv6 is taken out. None when unreadable."""
    try:
        ip: IP = ipaddress.ip_address(address)
    except ValueError:
        return None
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.scope_id:
            return None
        if ip.ipv4_mapped is not None:
            return ip.ipv4_mapped
        if ip in _NAT64:
            return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip


def networks(text: str) -> tuple[Network, ...]:
    """CIDRs separated by commas or spaces. Raises `ValueError` naming the wrong one."""
    return tuple(
        ipaddress.ip_network(part, strict=False) for part in re.split(r"[,\s]+", text) if part
    )


def dial(addresses: Iterable[str], port: int, timeout: float | None) -> socket.socket:
    """A TCP connection to the first judged address that answers. Raises `Unreachable`."""
    problem: OSError | None = None
    for address in addresses:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        connection = socket.socket(family, socket.SOCK_STREAM)
        try:
            connection.settimeout(timeout)
            connection.connect((address, port))
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return connection
        except OSError as error:
            connection.close()
            problem = error
    raise Unreachable(
        _("Port %(port)s does not answer: %(problem)s") % {"port": port, "problem": problem}
    ) from problem
