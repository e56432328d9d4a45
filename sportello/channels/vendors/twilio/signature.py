"""``X-Twilio-Signature``: HMAC-SHA1 over the address as Twilio called it and the sorted form."""

from __future__ import annotations

import base64
import hashlib
import hmac
from urllib.parse import parse_qs, urlsplit, urlunsplit

from sportello.channels.contract import Raw
from sportello.channels.vendors.shapes import same


def sign(token: str, url: str, form: dict[str, list[str]]) -> str:
    told = url + "".join(name + value for name in sorted(form) for value in sorted(set(form[name])))
    made = hmac.new(token.encode(), told.encode("utf-8", "surrogatepass"), hashlib.sha1)
    return base64.b64encode(made.digest()).decode()


def form_of(raw: Raw) -> dict[str, list[str]]:
    """The form's fields with all their values, blanks kept. Empty for what is no form."""
    try:
        return parse_qs(raw.body.decode("utf-8", "replace"), keep_blank_values=True)
    except ValueError:
        return {}


def genuine(raw: Raw, token: str) -> bool:
    """Whether Twilio signed this call. A JSON body is bound by ``bodySHA256`` in the address."""
    given = raw.headers.get("x-twilio-signature", "")
    if not token or not raw.url:
        return False
    digest = parse_qs(urlsplit(raw.url).query).get("bodySHA256", [""])[0]
    if digest:
        if not same(digest.lower(), hashlib.sha256(raw.body).hexdigest()):
            return False
        form: dict[str, list[str]] = {}
    else:
        form = form_of(raw)
    return any(same(given, sign(token, url, form)) for url in _spellings(raw.url))


def _spellings(url: str) -> list[str]:
    """With and without the port: Twilio signs one or the other."""
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname or ""
    except ValueError:
        return [url]
    usual = {"https": 443, "http": 80}.get(parts.scheme)
    if not host or usual is None:
        return [url]
    named = f"[{host}]" if ":" in host else host
    others = [named] if port else [f"{named}:{usual}"]
    return [url, *(urlunsplit(parts._replace(netloc=netloc)) for netloc in others)]
