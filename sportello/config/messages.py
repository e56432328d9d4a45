"""The translations: ``python -m sportello.config.messages [--check | --compile]``.

Without an option: reads all message ids from the sources, brings ``locale/it`` up to date, sorted and
without line numbers (so that two people who add words rarely meet in one line), and compiles it.
``--compile`` only compiles what has changed (bin/install does it: compiled catalogues are not kept in
git). ``--check`` changes nothing and fails when a translation is missing, fuzzy, malformed or stale.
"""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

PACKAGE = Path(__file__).resolve().parents[1]
LOCALES = PACKAGE / "locale"
TRANSLATED = ("it",)
EPOCH = datetime(2026, 11, 21, tzinfo=UTC)
"""Instead of the moment of each run, which would change the file for nothing."""

_SINGLE = ("_", "_now", "said", "gettext", "gettext_lazy", "gettext_noop")
KEYWORDS = {
    **dict.fromkeys(_SINGLE, None),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
}


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m sportello.config.messages")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--compile", action="store_true", dest="only_compile")
    options = parser.parse_args(argv)
    if options.only_compile:
        compile_changed()
        return 0
    template = collect()
    if options.check:
        problems = list(check(template))
        print("\n".join(problems) or "All translations are there.")
        return 1 if problems else 0
    for locale in TRANSLATED:
        missing = update(locale, template)
        print(f"{locale}: {len(template)} messages, {missing} without a translation")
    compile_changed()
    return 0


def compile_changed() -> None:
    """Compile each catalogue whose compiled form is missing or older. Needs neither Django nor a database."""
    for source in sorted(LOCALES.glob("*/LC_MESSAGES/django.po")):
        target = source.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime_ns < source.stat().st_mtime_ns:
            fresh = target.with_suffix(".new")
            with fresh.open("wb") as file:
                write_mo(file, _read(source.parent.parent.name), use_fuzzy=False)
            fresh.replace(target)


def update(locale: str, template: Catalog) -> int:
    """Bring one catalogue up to date; returns how many translations it lacks. Running it twice changes nothing."""
    merged = _merged(locale, template)
    path = _path(locale)
    path.parent.mkdir(parents=True, exist_ok=True)
    text = _written(merged)
    if not path.exists() or path.read_bytes() != text:
        path.write_bytes(text)
    return sum(1 for message in merged if message.id and not _is_complete(message))


def check(template: Catalog) -> Iterator[str]:
    """Everything that is wrong, a line each."""
    for locale in TRANSLATED:
        known = _read(locale)
        for message in template:
            if not message.id:
                continue
            kept = known.get(message.id, message.context)
            if kept is None or not _is_complete(kept):
                yield f"{locale}: not translated: {_shown(message)}"
                continue
            for problem in kept.check(known):
                yield f"{locale}: {_shown(message)}: {problem}"


def collect() -> Catalog:
    """All message ids of the product: Python, templates, and what providers and events declare."""
    template = Catalog(project="Sportello", charset="utf-8")
    for path in sorted(PACKAGE.rglob("*.py")):
        _add(template, path.read_bytes())
    for path in sorted(
        [*PACKAGE.rglob("templates/**/*.html"), *PACKAGE.rglob("templates/**/*.txt")]
    ):
        _add(template, _templatized(path))
    for path in sorted(PACKAGE.rglob("jinja2/**/*.html")):
        _add(template, path.read_bytes(), "jinja2.ext:babel_extract")
    for text in declared():
        template.add(text)
    return template


def declared() -> Iterator[str]:
    """Words that stand in declarations and are translated when shown."""
    import django

    django.setup()
    from sportello.channels import registry
    from sportello.commerce import mapping
    from sportello.commerce import registry as connectors
    from sportello.core.events import event_types
    from sportello.core.operations import all_operations

    for path in sorted([*PACKAGE.glob("*/events.py"), *PACKAGE.glob("*/operations/[a-z]*.py")]):
        import_module(".".join(("sportello", *path.relative_to(PACKAGE).with_suffix("").parts)))

    for provider in registry.all_providers().values():
        yield from (provider.name, *provider.guide)
        for setting in provider.settings:
            yield from (text for text in (setting.label, setting.help) if text)
            yield from (label for _, label in setting.choices)
    for connector in connectors.all_connectors().values():
        yield from (connector.name, *connector.guide)
        for setting in connector.settings:
            yield from (text for text in (setting.label, setting.help) if text)
    yield from (label for _, label in mapping.FIELDS)
    for event in event_types().values():
        yield event.sentence
    for operation in all_operations().values():
        yield operation.label


def _add(template: Catalog, source: bytes, written_in: str = "python") -> None:
    for _line, found, _comments, context in extract(
        written_in, io.BytesIO(source), KEYWORDS, options={"encoding": "utf-8"}
    ):
        template.add(found if isinstance(found, str) else tuple(found), context=context)


def _templatized(path: Path) -> bytes:
    """A template as the Python that Django's own extraction sees: words in gettext calls, the rest blank."""
    from django.utils.translation.template import templatize

    lines = templatize(path.read_text("utf-8"), origin=str(path)).splitlines()
    # Without indentation: blanked-out markup is not laid out as Python would be.
    return "\n".join(line.strip() for line in lines).encode()


def _merged(locale: str, template: Catalog) -> Catalog:
    catalogue = _read(locale)
    catalogue.update(template, no_fuzzy_matching=True)
    return catalogue


def _path(locale: str) -> Path:
    return LOCALES / locale / "LC_MESSAGES" / "django.po"


def _read(locale: str) -> Catalog:
    if not _path(locale).exists():
        return Catalog(locale=locale, charset="utf-8")
    with _path(locale).open("rb") as file:
        return read_po(file, locale=locale, charset="utf-8")


def _written(catalogue: Catalog) -> bytes:
    catalogue.header_comment = "# Sportello"
    catalogue.project, catalogue.version, catalogue.fuzzy = "Sportello", "", False
    catalogue.last_translator = catalogue.language_team = catalogue.msgid_bugs_address = "Sportello"
    catalogue.creation_date = catalogue.revision_date = EPOCH
    out = io.BytesIO()
    write_po(out, catalogue, width=100, no_location=True, sort_output=True, ignore_obsolete=True)
    return out.getvalue()


def _is_complete(message: Message) -> bool:
    strings = message.string if isinstance(message.string, list | tuple) else (message.string,)
    return not message.fuzzy and bool(strings) and all(strings)


def _shown(message: Message) -> str:
    return repr(message.id if isinstance(message.id, str) else message.id[0])


if __name__ == "__main__":
    import os

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sportello.config.settings")
    sys.exit(main())
