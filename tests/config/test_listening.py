"""A taken port is one sentence before anything starts, never a restart without end."""

from __future__ import annotations

import socket

import pytest

from sportello.config import env, listening


def test_a_taken_port_is_named_with_a_way_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        taken = env.read({"SPORTELLO_PORT": str(port), "SPORTELLO_SECRET_KEY": "x"})
        with pytest.raises(
            listening.PortTakenError, match=rf"Port {port} is taken.*--port {port + 1}"
        ):
            listening.check(taken)


def test_a_data_directory_that_cannot_be_made_is_named() -> None:
    with pytest.raises(env.BadEnvironmentError, match=r"cannot be used.*--data-dir"):
        env.read({"SPORTELLO_DATA_DIR": "/proc/nowhere"})
