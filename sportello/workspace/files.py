"""``/files/<key>``: bytes that strangers sent, handed out as harmlessly as can be.

Whose request it is comes from a session, a bearer token or, on the files' own origin
(`SPORTELLO_FILES_URL`), from a signed address that lives a minute. The right to see the message is
asked in every case, at every request.
"""

from __future__ import annotations

from urllib.parse import quote, urlencode, urlsplit

from django.conf import settings
from django.core import signing
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from sportello.accounts.actions import authenticate_token
from sportello.accounts.models import Agent
from sportello.accounts.queries import owes_second_factor
from sportello.core import files
from sportello.core.actors import Actor
from sportello.core.models import StoredFile
from sportello.tickets import uploads
from sportello.tickets.confidential import documents
from sportello.tickets.locking import NotAllowed
from sportello.workspace.pictures import NotAPicture, redrawn

SIGNED_FOR = 60
"""Seconds."""
SALT = "files.door"
THUMBNAIL = (444, 324)
SHOWN = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
}
"""First bytes of the pictures that may be shown in place; WebP has its mark in two parts."""
HEADERS = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-store",
    "Referrer-Policy": "no-referrer",
}


@require_safe
def serve(request: HttpRequest, key: str) -> HttpResponseBase:
    """The file, a thumbnail of it with ``?size=thumb``, or 404: hidden and missing are alike."""
    agent, signed = _who(request, key)
    if agent is None:
        raise Http404
    file = uploads.shown_to(agent, key)
    if file is None or not _may_open(agent, file, request.GET.get("size") == "thumb"):
        raise Http404
    if _elsewhere() and not signed and not _is_bearer(request):
        return _locked(HttpResponseRedirect(_signed_url(request, file, agent)))
    if request.GET.get("size") == "thumb":
        return _locked(_thumbnail(file))
    return _locked(_whole(file))


def _may_open(agent: Agent, file: StoredFile, is_thumbnail: bool) -> bool:
    """What holds covered data needs a right of its own, is written down, and has no thumbnail."""
    ticket = uploads.ticket_of(file)
    if ticket is None:
        return True
    if is_thumbnail and documents.kinds_in(file):
        return False
    try:
        documents.check_opens(file, ticket, Actor.agent(agent.pk))
    except NotAllowed:
        return False
    return True


def _who(request: HttpRequest, key: str) -> tuple[Agent | None, bool]:
    """The agent, and whether a signed address says so."""
    if _is_files_host(request):
        return _signer(request, key), True
    if _is_bearer(request):
        raw = request.headers["Authorization"].partition(" ")[2]
        agent = authenticate_token(raw)
        return (None if agent is None or owes_second_factor(agent) else agent), False
    return (request.user if isinstance(request.user, Agent) else None), False


def _is_bearer(request: HttpRequest) -> bool:
    return request.headers.get("Authorization", "").lower().startswith("bearer ")


def _elsewhere() -> bool:
    return bool(settings.SPORTELLO_FILES_URL)


def _is_files_host(request: HttpRequest) -> bool:
    own = urlsplit(settings.SPORTELLO_FILES_URL).netloc
    return _elsewhere() and request.get_host().lower() == own.lower()


def _signed_url(request: HttpRequest, file: StoredFile, agent: Agent) -> str:
    query = {"s": signing.dumps([file.key, agent.pk], salt=SALT)}
    if request.GET.get("size") == "thumb":
        query["size"] = "thumb"
    return f"{settings.SPORTELLO_FILES_URL}/files/{file.key}?{urlencode(query)}"


def _signer(request: HttpRequest, key: str) -> Agent | None:
    """Bound to the file and the agent, and short-lived."""
    try:
        said = signing.loads(request.GET.get("s", ""), salt=SALT, max_age=SIGNED_FOR)
    except signing.BadSignature:
        return None
    if not isinstance(said, list) or len(said) != 2 or said[0] != key:
        return None
    return Agent.objects.filter(pk=said[1], is_active=True).first()


def _thumbnail(file: StoredFile) -> HttpResponse:
    try:
        return HttpResponse(redrawn(file, *THUMBNAIL), content_type="image/webp")
    except NotAPicture as error:
        raise Http404 from error


def _whole(file: StoredFile) -> HttpResponseBase:
    """As a download. Only a picture that Pillow reads whole, of a kind browsers only paint, may be shown."""
    shown = _picture_type(file)
    try:
        content = files.open_file(file)
    except FileNotFoundError as error:
        raise Http404 from error
    response = FileResponse(content, content_type=shown or "application/octet-stream")
    response["Content-Disposition"] = disposition("inline" if shown else "attachment", file.name)
    return response


def _picture_type(file: StoredFile) -> str | None:
    try:
        with files.open_file(file) as content:
            start = content.read(16)
    except FileNotFoundError as error:
        raise Http404 from error
    webp = start[:4] == b"RIFF" and start[8:12] == b"WEBP"
    found = (
        "image/webp"
        if webp
        else next((t for mark, t in SHOWN.items() if start.startswith(mark)), None)
    )
    if found is None:
        return None
    try:
        redrawn(file, *THUMBNAIL)
    except NotAPicture:
        return None
    return found


def disposition(kind: str, name: str) -> str:
    """Both forms of RFC 6266: plain ASCII for the old, UTF-8 for all others."""
    clean = files.clean_name(name)
    plain = "".join(c if c.isascii() and c not in '"\\%;' else "_" for c in clean)
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(clean, safe='')}"


def _locked[R: HttpResponseBase](response: R) -> R:
    for name, value in HEADERS.items():
        response[name] = value
    # From another origin the desk itself must be able to show them.
    response["Cross-Origin-Resource-Policy"] = "cross-origin" if _elsewhere() else "same-origin"
    return response
