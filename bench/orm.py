"""The usual way: a Django view that verifies and inserts by the ORM, a request a commit, behind our bridge."""

from __future__ import annotations

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.core.handlers.wsgi import WSGIHandler  # noqa: E402
from django.db import transaction  # noqa: E402
from django.http import HttpRequest, HttpResponse  # noqa: E402
from django.urls import path  # noqa: E402

from sportello.channels.contract import Raw  # noqa: E402
from sportello.channels.models import SpoolItem, SpoolTodo  # noqa: E402
from sportello.channels.queries import channel_by_public_id  # noqa: E402
from sportello.config.bridge import WsgiBridge  # noqa: E402
from sportello.config.database import pool_connections  # noqa: E402
from sportello.core.clock import now  # noqa: E402

pool_connections()


def store(request: HttpRequest, channel: str) -> HttpResponse:
    """The same work as the intake door, one row at a time."""
    mouth = channel_by_public_id(channel)
    assert mouth is not None
    raw = Raw(request.body, {k.lower(): v for k, v in request.headers.items()}, "")
    mouth.provider.verify(raw, mouth.settings)
    envelope = mouth.provider.envelope(raw)
    with transaction.atomic():
        item = SpoolItem.objects.create(
            channel_id=mouth.id,
            order_key=envelope.order_key,
            external_ids=list(envelope.external_ids),
            content_hash="",
            source="orm",
            headers=dict(raw.headers),
            body=raw.body,
            size=len(raw.body),
            received_at=now(),
        )
        SpoolTodo.objects.create(item=item, channel_id=mouth.id, order_key=envelope.order_key)
    return HttpResponse(status=200)


urlpatterns = [path("orm/<str:channel>", store)]
settings.ROOT_URLCONF = "bench.orm"
settings.MIDDLEWARE = settings.MIDDLEWARE[:1] + settings.MIDDLEWARE[3:4]
app = WsgiBridge(WSGIHandler())
