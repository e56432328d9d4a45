"""Pages at /app/."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from sportello.workspace.views import (
    bulk,
    compose,
    contacts,
    files,
    inbox,
    menus,
    outbox,
    palette,
    preferences,
    ticket,
    verbs,
)

app_name = "workspace"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", inbox.home, name="home"),
    path("inbox/<str:view>", inbox.view, name="inbox"),
    path("inbox/<str:view>/rows", inbox.fresh_rows, name="rows"),
    path("inbox/<str:view>/counts", inbox.counts, name="counts"),
    path("inbox/<str:view>/sort", inbox.sort, name="sort"),
    path("next", inbox.next_ticket, name="next"),
    path("bulk/menu/<str:name>", menus.bulk, name="bulk_menu"),
    path("bulk/<str:verb>", bulk.do, name="bulk"),
    path("tickets/<int:number>", ticket.page, name="ticket"),
    path("tickets/<int:number>/older", ticket.older, name="older"),
    path("tickets/<int:number>/live", ticket.live, name="live"),
    path("tickets/<int:number>/read", ticket.read, name="read"),
    path("tickets/<int:number>/history", ticket.history, name="history"),
    path("tickets/<int:number>/do/<str:verb>", verbs.do, name="verb"),
    path("tickets/<int:number>/menu/<str:name>", menus.menu, name="menu"),
    path("tickets/<int:number>/field/<str:key>", menus.custom_field, name="field_menu"),
    path("tickets/<int:number>/message/<int:message_id>/menu", menus.message, name="message_menu"),
    path("tickets/<int:number>/answer", compose.answer, name="answer"),
    path("tickets/<int:number>/undo/<int:message_id>", compose.undo, name="undo"),
    path("tickets/<int:number>/ways", compose.ways, name="ways"),
    path("tickets/<int:number>/templates", compose.approved_texts, name="templates"),
    path("tickets/<int:number>/elsewhere/<int:message_id>", compose.elsewhere, name="elsewhere"),
    path("tickets/<int:number>/draft", compose.draft, name="draft"),
    path("tickets/<int:number>/upload", compose.upload, name="upload"),
    path("tickets/<int:number>/replies", compose.replies, name="replies"),
    path("tickets/<int:number>/mail/<int:message_id>", files.mail, name="mail"),
    path("tickets/<int:number>/raw/<int:message_id>", files.raw, name="raw"),
    path("tickets/<int:number>/attachment/<int:attachment>", files.attachment, name="attachment"),
    path("tickets/<int:number>/picture/<int:attachment>", files.picture, name="picture"),
    path("colleagues", compose.colleagues, name="colleagues"),
    path("find", palette.find, name="find"),
    path("preferences", preferences.keep, name="preferences"),
    path("contacts", contacts.people, name="contacts"),
    path("contacts/<int:contact_id>", contacts.person, name="contact"),
    path("outbox", outbox.page, name="outbox"),
    path("outbox/<int:mail_id>", outbox.page, name="outbox_mail"),
    path("outbox/<int:mail_id>/html", outbox.body, name="outbox_body"),
    path("outbox/<int:mail_id>/eml", outbox.download, name="outbox_eml"),
]
