"""Querysets that become SQL once, and whose plan PostgreSQL keeps.

Django writes a queryset into SQL each time it is asked for: half a millisecond of processor for a statement
that the server answers in a tenth of one. A page that asks twenty things pays that twenty times. Here the
queryset is written when it is first asked for, with `Slot` in the places of its values::

    @compiled
    def identities_of(*, contact: Any) -> QuerySet[Identity]:
        return Identity.objects.filter(contact_id=contact).order_by("id")

    identities_of(contact=7)  # a list of identities

The plan is kept, too, which suits reads by a key. Where the plan hangs on the values (a view of the inbox has
an index of its own), `planned_anew` keeps the text only. See docs/decisions/27-compiled-querysets.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import update_wrapper
from inspect import Parameter, signature
from types import SimpleNamespace
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import BooleanField, Expression, Func, QuerySet
from django.db.models.query import ModelIterable

from sportello.core import sql


class Slot(Expression):
    """Where a value will stand."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        return "%s", [self]


class Among(Func):
    """``column = ANY(list)``, for a slot whose value is a list: ``filter(Among("message_id", ids))``."""

    template, arg_joiner = "%(expressions)s)", " = ANY("
    output_field = BooleanField()


SHAPES = 500
"""Forms kept of one queryset: beyond that many it begins anew."""


def compiled[R](
    write: Callable[..., QuerySet[Any, R]], *, plans_anew: bool = False
) -> Callable[..., list[R]]:
    """The queryset that `write` returns, as a function that gives its rows.

    Keyword arguments are the slots. Positional ones choose the form: it is written once for each of their
    values, which `write` gets as they are (an agent's rights, for instance). Rows are model instances, with
    ``select_related``, ``only`` and ``defer``, or those of ``values_list``; what is to be prefetched, the
    caller prefetches.
    """
    slots = {
        name: Slot(name)
        for name, one in signature(write).parameters.items()
        if one.kind is Parameter.KEYWORD_ONLY
    }
    kept: dict[tuple[Any, ...], _Written] = {}
    fetch = _fetch_planned_anew if plans_anew else sql.fetch

    def rows(*shape: Any, **values: Any) -> list[R]:
        written = kept.get(shape)
        if written is None:
            if len(kept) >= SHAPES:
                kept.clear()
            written = kept[shape] = _Written(write(*shape, **slots))
        return list(written.rows(fetch(written.statement, filled(written.parameters, values))))

    return update_wrapper(rows, write)


def planned_anew[R](write: Callable[..., QuerySet[Any, R]]) -> Callable[..., list[R]]:
    """`compiled`, where the plan hangs on the values: a view of the inbox has an index of its own."""
    return compiled(write, plans_anew=True)


def filled(parameters: Sequence[Any], values: Mapping[str, Any]) -> list[Any]:
    """The parameters of a statement with its slots, once there are values for them."""
    return [values[one.name] if isinstance(one, Slot) else one for one in parameters]


def _fetch_planned_anew(statement: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


class _Written:
    """A queryset as SQL, and what Django needs to make objects of the rows."""

    def __init__(self, queryset: QuerySet[Any, Any]) -> None:
        compiler = queryset.query.get_compiler(DEFAULT_DB_ALIAS)
        self.statement, self.parameters = compiler.as_sql()
        self.select, self.klass_info = compiler.select, compiler.klass_info
        self.annotation_col_map = compiler.annotation_col_map
        chosen = [expression for expression, _sql, _alias in compiler.select or ()]
        self.converters = list(compiler.get_converters(chosen).items())
        self.fetch_mode: Any = vars(queryset)["_fetch_mode"]
        self.makes_models = issubclass(queryset._iterable_class, ModelIterable)

    def rows(self, raw: list[tuple[Any, ...]]) -> Iterator[Any]:
        found = self._converted(raw)
        if not self.makes_models:
            return map(tuple, found)
        # Django's own way from rows to objects, which asks these few things of a queryset and its compiler.
        answered = SimpleNamespace(
            select=self.select,
            klass_info=self.klass_info,
            annotation_col_map=self.annotation_col_map,
            execute_sql=lambda **_how: found,
            results_iter=iter,
        )
        query = SimpleNamespace(get_compiler=lambda using: answered)
        asked: Any = SimpleNamespace(
            query=query, db=DEFAULT_DB_ALIAS, _fetch_mode=self.fetch_mode, _known_related_objects={}
        )
        return iter(ModelIterable(asked))

    def _converted(self, rows: Sequence[tuple[Any, ...]]) -> list[Any]:
        if not self.converters:
            return list(rows)
        out = []
        for row in map(list, rows):
            for at, (convert, expression) in self.converters:
                for one in convert:
                    row[at] = one(row[at], expression, connection)
            out.append(row)
        return out
