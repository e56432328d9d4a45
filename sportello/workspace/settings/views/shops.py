"""Connections to shops: list, guided form, fields, tables, checks, what is parked."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _

from sportello.commerce import actions, arrivals, checks, queries, registry
from sportello.commerce.contract import Connector
from sportello.commerce.models import Connection, TableImport
from sportello.workspace.access import AgentRequest
from sportello.workspace.settings import connections
from sportello.workspace.settings.access import administrators
from sportello.workspace.settings.forms.shop import ColumnForm, PathForm, ShopForm
from sportello.workspace.settings.pages import form_page, page, refused, saved

PARKED_SHOWN = 10


@administrators()
def shops(request: AgentRequest) -> HttpResponse:
    return page(request, "shops", "shops", {"lines": connections.lines()})


@administrators()
def choose(request: AgentRequest) -> HttpResponse:
    return page(request, "shops", "shop_choice", {"offered": registry.offered()})


@administrators("GET", "POST")
def create(request: AgentRequest, kind: str) -> HttpResponse:
    code = _code(kind)
    form = ShopForm(request.POST or None, code=code)
    if form.is_valid():
        made = actions.connect(
            kind=kind,
            **_given(form),
            is_active=request.POST.get("then") != "off",
            **_by(request),
        )
        return saved(request, "settings:shop", made.pk)
    title = _("New connection: %(name)s") % {"name": _(code.name)}
    return form_page(request, "shops", form, title=title, template="shop", **_beside(code))


@administrators("GET", "POST")
def shop(request: AgentRequest, pk: int) -> HttpResponse:
    row = _row(pk)
    form = ShopForm(request.POST or None, code=row.code, connection=row)
    if form.is_valid():
        actions.update_connection(connection=row, **_given(form), **_by(request))
        return saved(request, "settings:shop", pk)
    context = _beside(row.code, row)
    return form_page(request, "shops", form, title=row.name, template="shop", **context)


@administrators("GET", "POST")
def fields(request: AgentRequest, pk: int) -> HttpResponse:
    """Which field of theirs is which of ours; the sample is read anew with every change."""
    row = _row(pk)
    if not row.code.is_mapped or row.code.takes_files:
        raise Http404
    form = PathForm(request.POST or None, known=row.mapping)
    if request.POST and "preview" in request.POST:
        paths = form.paths if form.is_valid() else {}
        shown = connections.preview(row, request.POST.get("sample", "")[:200_000], paths)
        return render(request, "workspace/settings/shop_preview.html", {"preview": shown})
    if form.is_valid():
        actions.change_mapping(connection=row, mapping=form.paths, **_by(request))
        return saved(request, "settings:shop", pk)
    title = _("Fields of %(name)s") % {"name": row.name}
    return form_page(
        request, "shops", form, title=title, template="shop_fields", row=row,
        preview=connections.Preview([]),
    )  # fmt: skip


@administrators("POST")
def upload(request: AgentRequest, pk: int) -> HttpResponse:
    row, file = _row(pk), request.FILES.get("table")
    if file is None:
        return refused(request, "settings:shop", pk, why=_("Choose a table first."))
    try:
        table = actions.upload(
            connection=row, name=file.name or "", content=file.read(), **_by(request)
        )
    except actions.BadTable as bad:
        return refused(request, "settings:shop", pk, why=str(bad))
    return saved(request, "settings:shop_table", pk, table.pk, said=_("Now name the columns."))


@administrators("GET", "POST")
def table(request: AgentRequest, pk: int, table_pk: int) -> HttpResponse:
    row = _row(pk)
    found = get_object_or_404(TableImport, pk=table_pk, connection=row)
    if found.state != TableImport.State.DRAFT:
        raise Http404
    form = ColumnForm(request.POST or None, columns=found.columns, known=found.mapping)
    if form.is_valid():
        try:
            actions.start_import(table=found, mapping=form.columns, **_by(request))
        except actions.BadTable as bad:
            form.add_error(None, str(bad))
        else:
            return saved(request, "settings:shop", pk, said=_("The table is being read."))
    title = _("Columns of %(name)s") % {"name": found.file_name}
    return form_page(
        request, "shops", form, title=title, template="shop_table", row=row, table=found
    )


@administrators()
def progress(request: AgentRequest, pk: int) -> HttpResponse:
    row = _row(pk)
    context = {"row": row, **_tables(row)}
    return render(request, "workspace/settings/shop_imports.html", context)


@administrators("POST")
def check(request: AgentRequest, pk: int) -> HttpResponse:
    lines = checks.check(_row(pk))
    return render(request, "workspace/settings/checks.html", {"checks": lines})


@administrators("POST")
def sync(request: AgentRequest, pk: int) -> HttpResponse:
    again = request.POST.get("again") == "1"
    actions.sync_now(connection=_row(pk), again=again, **_by(request))
    return saved(request, "settings:shop", pk, said=_("What changed is being fetched."))


@administrators("POST")
def switch(request: AgentRequest, pk: int) -> HttpResponse:
    on = request.POST.get("on") == "1"
    actions.switch(connection=_row(pk), on=on, **_by(request))
    said = _("The connection is on.") if on else _("The connection is off.")
    return saved(request, "settings:shop", pk, said=said)


@administrators("POST")
def replay(request: AgentRequest, pk: int) -> HttpResponse:
    waiting = queries.parked(_row(pk).pk).values_list("pk", flat=True)
    count = arrivals.replay(waiting)
    return saved(request, "settings:shop", pk, said=_("%(n)d are tried again.") % {"n": count})


@administrators("POST")
def delete(request: AgentRequest, pk: int) -> HttpResponse:
    row = _row(pk)
    if request.POST.get("confirm") != "1":
        why = _("Tick that its orders go as well.")
        return refused(request, "settings:shop", pk, why=why)
    actions.disconnect(connection=row, **_by(request))
    return saved(request, "settings:shops", said=_("Deleted."))


def _row(pk: int) -> Connection:
    return get_object_or_404(Connection.objects.select_related("brand"), pk=pk)


def _code(kind: str) -> Connector:
    code = registry.all_connectors().get(kind)
    if code is None or code.is_internal:
        raise Http404
    return code


def _by(request: AgentRequest) -> dict[str, Any]:
    return {"actor": request.actor, "now": timezone.now()}


def _given(form: ShopForm) -> dict[str, Any]:
    cleaned = form.cleaned_data
    return {"name": cleaned["shop_name"], "brand": cleaned["brand"], "settings": form.settings}


def _beside(code: Connector, row: Connection | None = None) -> dict[str, Any]:
    context: dict[str, Any] = {"code": code, "guide": [_(step) for step in code.guide]}
    if row is not None:
        context |= {
            "row": row,
            "line": connections.lines([row])[0],
            "parked": queries.parked(row.pk).defer("body")[:PARKED_SHOWN],
            **(_tables(row) if code.takes_files else {}),
        }
    return context


def _tables(row: Connection) -> dict[str, Any]:
    found = connections.imports(row)
    running = any(one["row"].state == TableImport.State.RUNNING for one in found)
    return {"imports": found, "running": running}
