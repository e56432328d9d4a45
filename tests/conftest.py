"""What all tests share: a database per xdist worker, the real process tree, and a sink for mail."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_django

from tests.database import copy_of_migrated, sweep_quickly
from tests.order import ByFile, arrange
from tests.sink import MailSink
from tests.tree import Tree


def pytest_configure(config: pytest.Config) -> None:
    from django.conf import settings

    if not os.environ.get("DATABASE_URL"):
        pytest.exit(
            "Run bin/test (or python -m tests.throwaway …): PostgreSQL must be there before pytest.",
            4,
        )
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    sweep_quickly()


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    config.option.loadscopereorder = False
    return ByFile(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    arrange(items)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """With CI=true nothing may be skipped: a skip is a failure that hides."""
    report = yield
    if os.environ.get("CI") == "true" and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped under CI: {report.longrepr}"
    return report


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None,
    django_db_blocker: pytest_django.DjangoDbBlocker,
) -> None:
    if stock := os.environ.get("TESTS_STOCK"):
        with django_db_blocker.unblock():
            copy_of_migrated(Path(stock) / "database")


@pytest.fixture(scope="session")
def django_db_setup(
    django_db_setup: None, django_db_blocker: pytest_django.DjangoDbBlocker
) -> Iterator[None]:
    """Other sessions (pokes, doors' threads) must be gone before the test database is."""
    yield
    from django.db import connection

    from sportello.core import live

    live.close()
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        # Threads of the doors that tests opened may still hold idle sessions.
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.fixture(autouse=True)
def _forget_caches() -> None:
    """What a process keeps for two seconds must not outlive a test's database, nor a language its test."""
    from django.utils import translation

    from sportello.accounts.queries import forget_company
    from sportello.accounts.retention import forget_policy
    from sportello.channels.queries import forget
    from sportello.core import consumers

    translation.deactivate()
    forget_company()
    forget_policy()
    forget()
    consumers.forget()


@pytest.fixture(autouse=True)
def _no_transaction_stays_open(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whoever leaves a transaction open blocks the next one: the test that did it fails, not a later one."""
    marker = request.node.get_closest_marker("django_db")
    if marker is None or not marker.kwargs.get("transaction"):
        yield
        return
    request.getfixturevalue("_django_db_helper")
    yield
    from django.db import connection

    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT left(query, 200) FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid() AND state LIKE 'idle in transaction%'"
            )
            left = cursor.fetchall()
        if not left:
            return
        time.sleep(0.2)
    pytest.fail(f"transactions left open: {left}")


@pytest.fixture(scope="session")
def mail_sink() -> Iterator[MailSink]:
    """The relay that ``sportello_server`` sends its mails to."""
    sink = MailSink()
    sink.start()
    yield sink
    sink.stop()


@pytest.fixture(scope="session")
def sportello_server(
    tmp_path_factory: pytest.TempPathFactory, mail_sink: MailSink
) -> Iterator[Tree]:
    """The whole product with the demo company, one per xdist worker."""
    tree = Tree(data_dir=tmp_path_factory.mktemp("served") / "var", sink=mail_sink)
    tree.start()
    yield tree
    tree.stop()


@pytest.fixture
def fresh_tree(tmp_path: Path) -> Iterator[Tree]:
    """A process tree without demo that the test starts and ends itself."""
    tree = Tree(data_dir=tmp_path / "var", demo=False)
    yield tree
    if tree.process is not None and tree.process.poll() is None:
        tree.stop()
