"""The operator's settings are read once, and a wrong one is named."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path

import pytest

from sportello.config import env


def test_without_any_setting_everything_is_local(tmp_path: Path) -> None:
    settings = env.read({"SPORTELLO_DATA_DIR": str(tmp_path)})
    assert settings.url == "http://localhost:8000"
    assert settings.hosts == ["localhost", "127.0.0.1", "[::1]"]
    assert (settings.host, settings.smtp_port, settings.demo, settings.secure) == (
        "127.0.0.1",
        2525,
        True,
        False,
    )


def test_the_secret_key_is_made_once_and_is_private(tmp_path: Path) -> None:
    first = env.read({"SPORTELLO_DATA_DIR": str(tmp_path / "new")}).secret_key
    assert first == env.read({"SPORTELLO_DATA_DIR": str(tmp_path / "new")}).secret_key
    assert len(first) >= 50
    assert (tmp_path / "new" / "secret_key").stat().st_mode & 0o777 == 0o600


def test_a_public_address_is_one_exact_host_and_secure(tmp_path: Path) -> None:
    settings = env.read(
        {"SPORTELLO_DATA_DIR": str(tmp_path), "SPORTELLO_URL": "https://help.example.org/"}
    )
    assert settings.secure
    assert settings.url == "https://help.example.org"
    assert settings.hosts[0] == "help.example.org"


def test_networks_are_a_list(tmp_path: Path) -> None:
    text = "127.0.0.0/8, fd00::/8"
    settings = env.read({"SPORTELLO_DATA_DIR": str(tmp_path), "SPORTELLO_ALLOW_NETWORKS": text})
    assert settings.allow_networks == (ip_network("127.0.0.0/8"), ip_network("fd00::/8"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SPORTELLO_PORT", "0"),
        ("SPORTELLO_URL", "help.example.org"),
        ("SPORTELLO_ALLOW_NETWORKS", "here"),
    ],
)
def test_a_wrong_value_is_named(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(env.BadEnvironmentError, match=name):
        env.read({"SPORTELLO_DATA_DIR": str(tmp_path), name: value})
