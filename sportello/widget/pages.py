"""Django's part of the widget: files up and down, and the page behind a proof link."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from sportello.channels import webchats
from sportello.channels.providers.webchat import frames
from sportello.core import files as stored
from sportello.core.clock import now
from sportello.widget import files
from sportello.widget.models import Visitor

PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})


@method_decorator(csrf_exempt, name="dispatch")
class Upload(View):
    """``POST /widget/<channel>/files``: one file of a proven visitor. No cookie speaks here, so no CSRF."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        chat = webchats.site_chat(kwargs["channel"])
        origin = request.headers.get("Origin")
        if chat is None or not chat.allows(origin):
            return HttpResponse(status=403)
        kwargs["chat"] = chat
        answer = super().dispatch(request, *args, **kwargs)
        answer["Access-Control-Allow-Origin"] = origin or ""
        answer["Vary"] = "Origin"
        return answer

    def options(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return HttpResponse(
            status=204,
            headers={
                "Access-Control-Allow-Methods": "POST",
                "Access-Control-Allow-Headers": "x-sportello-visitor, x-sportello-token",
                "Access-Control-Max-Age": "600",
            },
        )

    def post(self, request: HttpRequest, channel: str, chat: webchats.SiteChat) -> HttpResponse:
        visitor = _visitor_of(request, chat)
        if visitor is None:
            return JsonResponse({"error": "visitor"}, status=401)
        upload = request.FILES.get("file")
        if upload is None or not chat.settings.get("offer_files", True):
            return JsonResponse({"error": "file"}, status=400)
        try:
            file = files.receive(
                visitor=visitor, address=client_address(request), upload=upload, now=now()
            )
        except files.TooMuch:
            return JsonResponse({"error": "quota"}, status=429, headers={"Retry-After": "600"})
        except files.TooLarge:
            return JsonResponse({"error": "size"}, status=413)
        except files.NotAllowed:
            return JsonResponse({"error": "type"}, status=415)
        about = {"key": file.key, "name": file.name, "type": file.content_type, "size": upload.size}
        return JsonResponse(about, status=201)


class Download(View):
    """``GET /widget/<channel>/files/<signed>``: the link names visitor and file; the right is asked again."""

    def get(self, request: HttpRequest, channel: str, signed: str) -> HttpResponseBase:
        chat = webchats.site_chat(channel)
        named = webchats.file_of_link(signed)
        file = files.shown_to(chat=chat, visitor=named[0], key=named[1]) if chat and named else None
        if file is None:
            return HttpResponse(status=404)
        kind = file.content_type if file.content_type in PICTURES else "application/octet-stream"
        try:
            answer = FileResponse(stored.open_file(file), content_type=kind)
        except FileNotFoundError:
            return HttpResponse(status=404)
        answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(file.name, safe='')}"
        answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
        answer["Cross-Origin-Resource-Policy"] = "cross-origin"
        answer["Cache-Control"] = "private, max-age=3600"
        return answer


class ForVendor(View):
    """``GET /files/out/<signed>``: a vendor fetches what an agent sends through him."""

    def get(self, request: HttpRequest, signed: str) -> HttpResponseBase:
        file = stored.of_vendor_link(signed)
        if file is None:
            return HttpResponse(status=404)
        try:
            answer = FileResponse(stored.open_file(file), content_type=file.content_type)
        except FileNotFoundError:
            return HttpResponse(status=404)
        answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(file.name, safe='')}"
        answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
        answer["Cache-Control"] = "private, no-store"
        return answer


def client_address(request: HttpRequest) -> str:
    """Who is calling, seen through as many proxies as the operator declared."""
    hops = [
        hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()
    ]
    trusted: int = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    if trusted and len(hops) >= trusted:
        return hops[-trusted]
    return str(request.META.get("REMOTE_ADDR", ""))


def _visitor_of(request: HttpRequest, chat: webchats.SiteChat) -> Visitor | None:
    try:
        visitor = frames.uuid_of(request.headers.get("X-Sportello-Visitor"))
    except frames.BadFrame:
        return None
    return files.proven(
        chat=chat, visitor=visitor, token=request.headers.get("X-Sportello-Token", "")
    )
