"""The Italian catalogue: ``extract`` new words, ``compile`` them, ``--check`` that none is missing. Babel does it all."""

from __future__ import annotations

import sys
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

PACKAGE = Path(__file__).resolve().parents[1]
LOCALE = PACKAGE / "locale"
LANGUAGES = ("it",)
_METHODS = [
    ("**/migrations/**", "ignore"),
    ("**.py", "python"),
    ("**/templates/**.html", "sportello.config.translations:extract_template"),
    ("**/templates/**.txt", "sportello.config.translations:extract_template"),
]
_KEYWORDS: dict[str, object] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}


def extract_template(fileobj, keywords, comment_tags, options):  # type: ignore[no-untyped-def]
    """A Babel extractor for Django templates: Django turns them into Python calls, Babel reads those."""
    from babel.messages.extract import extract_python
    from django.utils.translation.template import templatize

    source = templatize(fileobj.read().decode("utf-8"))
    yield from extract_python(BytesIO(source.encode("utf-8")), keywords, comment_tags, options)


def gather() -> Catalog:
    """All words of the sources."""
    _settings()
    template = Catalog(project="Sportello", charset="utf-8")
    for path, _line, message, comments, context in extract_from_dir(
        str(PACKAGE),
        method_map=_METHODS,
        keywords=_KEYWORDS,  # type: ignore[arg-type]
        comment_tags=("Translators:",),
    ):
        template.add(message, locations=[(path, 0)], auto_comments=comments, context=context)
    return template


def extract() -> None:
    """Bring every catalogue up to date with the sources; what is no longer said is dropped."""
    template = gather()
    for language in LANGUAGES:
        catalogue = _read(language)
        catalogue.update(template, no_fuzzy_matching=True, update_header_comment=False)
        catalogue.obsolete.clear()
        path = _path(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            write_po(
                file, catalogue, width=100, sort_output=True, no_location=True, omit_header=False
            )


def compile_all() -> None:
    """Write the ``.mo`` files that are older than their ``.po``."""
    for language in LANGUAGES:
        path = _path(language)
        built = path.with_suffix(".mo")
        if path.exists() and (not built.exists() or built.stat().st_mtime < path.stat().st_mtime):
            with built.open("wb") as file:
                write_mo(file, _read(language))


def missing() -> list[str]:
    """Words of the sources that a catalogue does not have, as ``language: word``."""
    template = gather()
    faults: list[str] = []
    for language in LANGUAGES:
        catalogue = _read(language)
        for message in template:
            if not message.id:
                continue
            word = message.id if isinstance(message.id, str) else message.id[0]
            known = catalogue.get(word, message.context)
            said = known.string if known else None
            if not said or (not isinstance(said, str) and not all(said)):
                faults.append(f"{language}: {word!r}")
    return faults


def _settings() -> None:
    from django.conf import settings

    if not settings.configured:
        settings.configure(USE_I18N=True)


def _path(language: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def _read(language: str) -> Catalog:
    path = _path(language)
    if not path.exists():
        return Catalog(locale=language, project="Sportello", charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=language, charset="utf-8")


def main(arguments: list[str]) -> int:
    if "--check" in arguments:
        faults = missing()
        print("\n".join(faults))
        return 1 if faults else 0
    if "extract" in arguments:
        extract()
    compile_all()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
