"""``/files``: uploads that a reply or a note takes along."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from ninja import File, Router, Status
from ninja.files import UploadedFile

from sportello.api.problems import invalid
from sportello.api.requests import ApiRequest
from sportello.api.shapes import FileOut
from sportello.core.clock import now
from sportello.tickets import uploads

router = Router(tags=["files"])


@router.post("", response={201: FileOut}, summary="Upload a file")
def upload(request: ApiRequest, file: File[UploadedFile]) -> Any:
    """One file as multipart/form-data, field `file`. Yours alone until a message takes it along."""
    extra = sorted({*request.FILES, *request.POST} - {"file"})
    if extra or len(request.FILES.getlist("file")) != 1:
        raise invalid(extra[0] if extra else "file", "Send one file in the field “file”.")
    row = uploads.take_in(
        agent=request.agent,
        name=file.name or "",
        content_type=file.content_type or "",
        content=file.read(),
        now=now(),
    )
    url = f"{settings.SPORTELLO_URL}/files/{row.key}"
    body = {"key": row.key, "name": row.name, "type": row.content_type, "size": row.blob.size}
    return Status(201, body | {"url": url})
