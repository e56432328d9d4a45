"""Rules of the house that no linter knows."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import ForeignKey

ROOT = Path(__file__).resolve().parents[2]
HOUSE = ROOT / "sportello"
DOORS = ("intake", "realtime", "workspace", "portal", "widget", "api")
WRITES = {"create", "bulk_create", "bulk_update", "update_or_create", "get_or_create"}
LONGEST = 500


def sources(*rooms: str) -> Iterator[Path]:
    for room in rooms or ("",):
        for path in sorted((HOUSE / room).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


def layers() -> list[list[str]]:
    """The rooms from top to bottom, as import-linter has them."""
    config = tomllib.loads((ROOT / "pyproject.toml").read_text())
    contract = config["tool"]["importlinter"]["contracts"][0]
    return [re.findall(r"\w+", line) for line in contract["layers"]]


def test_foreign_keys_point_down() -> None:
    height = {room: level for level, rooms in enumerate(reversed(layers())) for room in rooms}
    wrong = []
    for model in apps.get_models():
        room = model._meta.app_label
        if not model.__module__.startswith("sportello."):
            continue
        for field in model._meta.get_fields():
            if isinstance(field, ForeignKey):
                target = field.related_model._meta.app_label  # type: ignore[union-attr]
                if target in height and target != room and height[target] >= height[room]:
                    wrong.append(f"{model._meta.label}.{field.name} → {target}")
    assert not wrong


def test_every_room_has_its_place_and_one_line() -> None:
    placed = {room for rooms in layers() for room in rooms}
    for folder in sorted(p for p in HOUSE.iterdir() if (p / "__init__.py").exists()):
        assert folder.name in placed, f"{folder.name} has no place in the layers"
        doc = ast.get_docstring(ast.parse((folder / "__init__.py").read_text()))
        assert doc, f"{folder.name} does not say what lives there"


def test_doors_translate_and_write_nothing_themselves() -> None:
    """A door's own small tables (visitors, idempotency keys) are its own; everything else goes by a verb."""
    wrong = []
    for door in DOORS:
        if not (HOUSE / door).exists():
            continue
        own = {model.__name__ for model in apps.get_app_config(door).get_models()}
        for path in sources(door):
            for node in ast.walk(ast.parse(path.read_text())):
                if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                    continue
                target = ast.unparse(node.func.value)
                model = target.split(".objects")[0].split(".")[-1]
                if node.func.attr in WRITES and ".objects" in target and model not in own:
                    wrong.append(
                        f"{path.relative_to(ROOT)}:{node.lineno} {target}.{node.func.attr}"
                    )
    assert not wrong


def test_nothing_hides_in_signals() -> None:
    for path in sources():
        assert not re.search(r"\b(post|pre)_(save|delete)\b", path.read_text()), path


def test_no_file_is_a_drawer() -> None:
    names = {"utils.py", "helpers.py", "misc.py", "common.py", "manager.py", "managers.py"}
    assert not [path for path in sources() if path.name in names]


def test_files_are_short_unless_they_are_lists() -> None:
    long = [p for p in sources() if len(p.read_text().splitlines()) > LONGEST]
    assert not long
    lengths = sorted(len(p.read_text().splitlines()) for p in sources())
    assert lengths[len(lengths) // 2] <= 100


def test_client_chosen_keys_never_reach_the_orm() -> None:
    """`filter(**request.GET)` is an oracle: names of filters and orders come from a table."""
    pattern = re.compile(
        r"\.(filter|exclude|order_by|values|annotate)\(\s*\*+\s*(request|payload|data|query|params)\b"
    )
    for path in sources():
        assert not pattern.search(path.read_text()), path


def test_no_template_is_built_from_what_people_write() -> None:
    pattern = re.compile(r"\bfrom_string\(|Template\((?!Response)")
    wrong = [
        p
        for p in sources()
        if pattern.search(p.read_text()) and "babel" not in p.read_text().lower()
    ]
    assert not wrong


@pytest.mark.parametrize(
    "setting", ["SECURE_CONTENT_TYPE_NOSNIFF", "SESSION_COOKIE_HTTPONLY", "CSRF_COOKIE_HTTPONLY"]
)
def test_settings_that_must_not_be_turned_off(setting: str) -> None:
    from django.conf import settings

    assert getattr(settings, setting) is True


def test_identities_are_never_linked_by_address() -> None:
    from allauth.socialaccount import app_settings as social  # type: ignore[import-untyped]

    assert social.EMAIL_AUTHENTICATION is False
    assert social.EMAIL_AUTHENTICATION_AUTO_CONNECT is False
