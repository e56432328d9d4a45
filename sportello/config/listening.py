"""Whether our ports are free, asked before anything starts: afterwards it would be a restart without end."""

from __future__ import annotations

import errno
import socket

from sportello.config.env import Env


class PortTakenError(RuntimeError):
    """A port cannot be opened; the message says which one and what to do."""


def check(env: Env) -> None:
    """Raise ``PortTakenError`` unless the pages' port and the mail port can be opened."""
    for host, port, option in (
        (env.host, env.port, "--port"),
        (env.smtp_host, env.smtp_port, "--smtp-port"),
    ):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        try:
            socket.create_server((host, port), family=family).close()
        except OSError as error:
            raise PortTakenError(
                f"{_reason(error, host, port)} Choose another: {option} {_other(port)}"
            ) from error


def _reason(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} is taken by another program."
    if isinstance(error, PermissionError):
        return f"Port {port} may not be opened by this user."
    return f"Port {port} cannot be opened on {host or 'any address'}: {error.strerror or error}."


def _other(port: int) -> int:
    return port + 1 if 1024 <= port < 65535 else port + 8000 if port < 1024 else port - 1
