"""The command line. Each command is a function here or in the module it names; imports wait until they are needed."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

from sportello.config import env, listening
from sportello.config.database import at_hand
from sportello.core.database import extensions
from sportello.core.database.embedded import AlreadyRunningError, CannotStartError
from sportello.core.database.outside import UnfitServerError

type Command = Callable[[argparse.Namespace], int]

_EXPECTED = (
    env.BadEnvironmentError,
    listening.PortTakenError,
    AlreadyRunningError,
    CannotStartError,
    UnfitServerError,
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Returns the exit code; expected failures are one sentence on standard error."""
    words = list(sys.argv[1:] if argv is None else argv)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sportello.config.settings")
    options, rest = _parser().parse_known_args(words)
    if rest and options.command is not manage:
        _parser().error(f"unknown argument: {rest[0]}")
    options.rest = words[1:]
    _export(options)
    command: Command = options.command
    try:
        return command(options)
    except _EXPECTED as problem:
        print(f"sportello: {problem}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="sportello", description="One counter for every channel.")
    commands = parser.add_subparsers(required=True, metavar="command")

    def add(name: str, command: Command, text: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=text, description=text)
        sub.set_defaults(command=command)
        return sub

    for name, command, text in (
        ("serve", serve, "everything: database, web, worker, mail"),
        ("web", web, "pages, API, webhooks and sockets on one port"),
        ("worker", worker, "applies what came in, follows events, runs jobs"),
        ("mail", mail, "the SMTP receiver"),
    ):
        sub = add(name, command, text)
        sub.add_argument("--port", type=int)
        sub.add_argument("--smtp-port", type=int)
        sub.add_argument("--data-dir")
        sub.add_argument("--no-demo", action="store_true")
    commands.add_parser("nursery").set_defaults(command=nursery)  # for `serve`, no help line
    migrate_parser = add("migrate", migrate, "bring the schema up to date")
    migrate_parser.add_argument("--first-demo", action="store_true", help=argparse.SUPPRESS)
    add("demo", demo, "move the demo company in, when it is not there")
    seed_parser = add("seed", seed, "the same as demo; with --tickets, as large as you like")
    seed_parser.add_argument("--tickets", type=int, default=0, help="generated tickets to add")
    invite_parser = add(
        "invite",
        invite,
        "print a link by which somebody joins; the first administrator comes in so",
    )
    invite_parser.add_argument("email")
    invite_parser.add_argument(
        "--role",
        default="administrator",
        choices=("administrator", "supervisor", "agent", "light"),
    )
    invite_parser.add_argument("--data-dir")
    token_parser = add("token", token, "print a new API token of an agent")
    token_parser.add_argument("email")
    replay_parser = add("replay", replay, "apply parked raw items again")
    replay_parser.add_argument(
        "ids", nargs="*", type=int, help="spool ids; all parked items when none is given"
    )
    add("doctor", doctor, "check the installation and say what to do")
    for name, command, text in (
        ("backup", backup, "write the database and the files into a folder"),
        ("restore", restore, "bring a backup back; what is there now is replaced"),
    ):
        add(name, command, text).add_argument("folder")
    add("shell", manage, "Python with the models at hand")
    add("manage", manage, "any Django management command").add_argument(
        "words", nargs=argparse.REMAINDER
    )
    return parser


def _export(options: argparse.Namespace) -> None:
    """Options are the environment's other spelling: children read the environment only."""
    for option, name in (("port", "PORT"), ("smtp_port", "SMTP_PORT"), ("data_dir", "DATA_DIR")):
        value = getattr(options, option, None)
        if value is not None:
            os.environ[f"SPORTELLO_{name}"] = str(value)
    if getattr(options, "no_demo", False):
        os.environ["SPORTELLO_DEMO"] = "0"


def serve(options: argparse.Namespace) -> int:
    from sportello.config.supervisor import serve as run

    return run(env.current())


def web(options: argparse.Namespace) -> int:
    return _process("web")


def worker(options: argparse.Namespace) -> int:
    return _process("worker")


def mail(options: argparse.Namespace) -> int:
    return _process("mail")


def nursery(options: argparse.Namespace) -> int:
    from sportello.config.nursery import main as run

    return run()


def _process(name: str) -> int:
    os.environ["PGAPPNAME"] = f"sportello {name}"
    main_of = importlib.import_module(f"sportello.config.{name}").main
    with at_hand(env.current()):
        return int(main_of())


def migrate(options: argparse.Namespace) -> int:
    with at_hand(env.current()):
        extensions.install(env.current().dsn)
        _django()
        from django.core.management import call_command

        call_command("migrate", verbosity=0, interactive=False)
        call_command("createcachetable", verbosity=0)
        if options.first_demo and env.current().demo:
            _seed_when_empty()
    return 0


def demo(options: argparse.Namespace) -> int:
    with at_hand(env.current()):
        _django()
        _seed_when_empty()
    return 0


def seed(options: argparse.Namespace) -> int:
    with at_hand(env.current()):
        _django()
        _seed_when_empty()
        if options.tickets > 0:
            _verb("sportello.demo.generate", "generate")(tickets=options.tickets)
    return 0


def _seed_when_empty() -> None:
    from django.contrib.auth import get_user_model

    if get_user_model()._default_manager.exists():
        return
    importlib.import_module("sportello.demo.seed").seed()


def invite(options: argparse.Namespace) -> int:
    with at_hand(env.current()):
        _django()
        from django.core.exceptions import ValidationError
        from django.db import ProgrammingError

        from sportello.accounts.actions import InvitationRefused
        from sportello.core.actors import Actor

        link: Callable[..., str] = _verb("sportello.accounts.actions", "invitation_link")
        try:
            url = link(email=options.email, role=options.role, actor=Actor("system"))
        except InvitationRefused:
            return _failed(f"{options.email} can sign in already")
        except ValidationError:
            return _failed(f"{options.email} is not an e-mail address")
        except ProgrammingError:
            return _failed("nothing is there yet: start bin/run once, with the same data directory")
    print(f"{url}\n\nIt works once, for seven days.")
    return 0


def token(options: argparse.Namespace) -> int:
    with at_hand(env.current()):
        _django()
        create_token: Callable[..., str] = _verb("sportello.accounts.actions", "create_token")
        from django.core.exceptions import ObjectDoesNotExist

        try:
            print(create_token(email=options.email))
        except ObjectDoesNotExist:
            return _failed(f"no agent has the address {options.email}")
    return 0


def replay(options: argparse.Namespace) -> int:
    with at_hand(env.current()):
        _django()
        count = _verb("sportello.tickets.applier", "replay")(options.ids)
        print(f"{count} items will be applied again.")
    return 0


def doctor(options: argparse.Namespace) -> int:
    from sportello.config.doctor import examine

    return examine(env.current())


def backup(options: argparse.Namespace) -> int:
    from sportello.config import backup as backups

    return backups.write(env.current(), options.folder)


def restore(options: argparse.Namespace) -> int:
    from sportello.config import backup as backups

    return backups.bring_back(env.current(), options.folder)


def manage(options: argparse.Namespace) -> int:
    words = ["shell"] if not hasattr(options, "words") else options.rest
    with at_hand(env.current()):
        from django.core.management import execute_from_command_line

        execute_from_command_line(["sportello manage", *words])
    return 0


def _failed(why: str) -> int:
    print(f"sportello: {why}", file=sys.stderr)
    return 1


def _django() -> None:
    import django

    django.setup()


def _verb(module: str, name: str) -> Callable[..., Any]:
    verb: Callable[..., Any] = getattr(importlib.import_module(module), name)
    return verb
