"""Twilio's own SDK as the judge of what we accept and of what we send."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from twilio.http import HttpClient
from twilio.http.response import Response
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from sportello.channels.contract import Address, File, Outbound, Raw, Sent
from sportello.channels.providers.twilio import provider
from sportello.channels.vendors.twilio import signature
from tests.providers.conformance import impatient
from tests.providers.twilio.test_twilio import SETTINGS, URL
from tests.vendors.twilio import SID, TOKEN, TwilioApi

JUDGE = RequestValidator(TOKEN)
FORMS: list[dict[str, str]] = [
    {},
    {"Body": "Ciao", "From": "+393401234567", "MessageSid": "SM1"},
    {"Body": "", "Zed": "1", "alpha": "2", "Alpha": "3"},
    {"Body": "però è 👍 a+b&c=d %20", "ProfileName": "Zoë"},
]
URLS = [
    URL,
    f"{URL}?a=1&b=%20",
    "https://help.shop.example:443/intake/c1",
    "https://help.shop.example:8443/intake/c1",
    "http://127.0.0.1/intake/c1",
]


def called(url: str, form: dict[str, str], sign: str) -> Raw:
    return Raw(urlencode(form).encode(), {"x-twilio-signature": sign}, url=url)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("url", URLS)
def test_what_their_validator_signs_we_accept(url: str, form: dict[str, str]) -> None:
    made = JUDGE.compute_signature(url, form)
    assert signature.sign(TOKEN, url, {k: [v] for k, v in form.items()}) == made
    assert signature.genuine(called(url, form, made), TOKEN)
    assert JUDGE.validate(url, form, made)


@pytest.mark.parametrize("url", [URL, "https://help.shop.example:443/intake/c1"])
def test_with_or_without_the_port_both_say_the_same(url: str) -> None:
    """Twilio signs one spelling and calls another."""
    form = FORMS[1]
    for told in (URL, "https://help.shop.example:443/intake/c1"):
        made = JUDGE.compute_signature(told, form)
        assert JUDGE.validate(url, form, made)
        assert signature.genuine(called(url, form, made), TOKEN)


@pytest.mark.parametrize("url", ["https://evil.example/intake/c1", URL + "/", URL.upper()])
def test_what_their_validator_refuses_we_refuse(url: str) -> None:
    made = JUDGE.compute_signature(URL, FORMS[1])
    assert not JUDGE.validate(url, FORMS[1], made)
    assert not signature.genuine(called(url, FORMS[1], made), TOKEN)
    more = FORMS[1] | {"Extra": "1"}
    assert not JUDGE.validate(URL, more, made)
    assert not signature.genuine(called(URL, more, made), TOKEN)
    assert not signature.genuine(called(URL, FORMS[1], made), "another-token")


def test_a_field_that_comes_twice_is_signed_as_theirs() -> None:
    class Twice(dict[str, Any]):
        def getlist(self, name: str) -> list[str]:
            return list(self[name])

    form = Twice(MediaUrl=["b", "a", "b"], Body=["x"])
    made = JUDGE.compute_signature(URL, form)
    body = urlencode(form, doseq=True).encode()
    assert signature.genuine(Raw(body, {"x-twilio-signature": made}, url=URL), TOKEN)


@pytest.mark.parametrize("tampered", [False, True])
def test_a_json_body_is_bound_by_its_hash(tampered: bool) -> None:
    body = '{"event":"però"}'
    url = f"{URL}?bodySHA256={hashlib.sha256(body.encode()).hexdigest()}"
    made = JUDGE.compute_signature(url, {})
    seen = body + " " if tampered else body
    assert JUDGE.validate(url, seen, made) is not tampered
    raw = Raw(seen.encode(), {"x-twilio-signature": made}, url=url)
    assert signature.genuine(raw, TOKEN) is not tampered


class Recorder(HttpClient):
    """Their client's transport: keeps what it would have sent."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, Any, Any]] = []

    def request(
        self, method: str, uri: str, params: Any = None, data: Any = None, headers: Any = None, auth: Any = None,
        timeout: float | None = None, allow_redirects: bool = False,
    ) -> Response:  # fmt: skip
        self.asked.append((method, uri, data, auth))
        return Response(201, '{"sid": "SM1", "status": "queued"}')


@pytest.mark.parametrize(
    ("settings", "more"),
    [
        ({}, {"from_": "+15005550006"}),
        ({"messaging_service_sid": "MG1"}, {"messaging_service_sid": "MG1"}),
        ({"status_callback": URL}, {"from_": "+15005550006", "status_callback": URL}),
    ],
)
@pytest.mark.parametrize("addresses", [[], ["https://f.example/a.png", "https://f.example/b.pdf"]])
def test_we_send_the_form_that_their_client_sends(
    settings: dict[str, Any], more: dict[str, Any], addresses: list[str]
) -> None:
    files = tuple(File(a[-5:], "image/png", media_ref=a) for a in addresses)
    outbound = Outbound("k1", Address("phone", "+393401234567"), text="Ciao però", files=files)
    with TwilioApi() as cloud:
        outcome = provider.send(outbound, SETTINGS | settings | {"api_base": cloud.url}, impatient())  # fmt: skip
        assert isinstance(outcome, Sent)
        ours = cloud.calls[-1]
    recorder = Recorder()
    if addresses:
        more = more | {"media_url": addresses}
    Client(SID, TOKEN, http_client=recorder).messages.create(
        to="+393401234567", body="Ciao però", **more
    )
    ((method, url, form, auth),) = recorder.asked
    assert (ours.method, f"https://api.twilio.com{ours.path}") == (method, url)
    assert auth == (SID, TOKEN)
    mine = sorted(parse_qsl(ours.body.decode(), keep_blank_values=True))
    assert mine == sorted(parse_qsl(urlencode(form, doseq=True)))
