"""Text messages by Twilio, both directions."""

from __future__ import annotations

import dataclasses
from typing import Any
from urllib.parse import parse_qs, urlencode

import pytest

from sportello.channels.contract import (
    Address,
    Failed,
    File,
    Inbound,
    Outbound,
    QuickReply,
    Raw,
    Refused,
    Sent,
    Status,
    StatusUpdate,
)
from sportello.channels.providers.twilio import provider
from sportello.channels.vendors.twilio import signature
from sportello.core.net import NetError
from tests.providers.conformance import Conformance, impatient
from tests.vendors import fixtures
from tests.vendors.cloud import Cloud
from tests.vendors.twilio import SID, TOKEN, TwilioApi, refusal

URL = "https://help.shop.example/intake/c1"
SETTINGS: dict[str, Any] = {"account_sid": SID, "auth_token": TOKEN, "from_number": "+15005550006"}


def form(**fields: str) -> bytes:
    return urlencode(fields).encode()


def parsed(**fields: str) -> list[Any]:
    return provider.parse(Raw(form(**fields)), SETTINGS)


def message(**fields: str) -> Inbound:
    base = {"MessageSid": "SM1", "AccountSid": SID, "From": "+393401234567", "To": "+15005550006"}
    (found,) = parsed(**(base | {"Body": "Ciao", "NumMedia": "0"} | fields))
    assert isinstance(found, Inbound)
    return found


class TestTwilio(Conformance):
    provider = provider
    settings = SETTINGS
    names = ("account_sid", "auth_token", "from_number", "api_base")
    recipient = "+393401234567"
    refusal = refusal(400, 21211, "That person left us")

    def sign(self, body: bytes, settings: dict[str, Any]) -> Raw:
        fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
        made = signature.sign(settings["auth_token"] or "", URL, fields)
        return Raw(body, {"x-twilio-signature": made}, url=URL)

    def message(self, external_id: str = "m1", text: str = "Good morning") -> bytes:
        return form(MessageSid=external_id, From="+393401234567", To="+15005550006", Body=text)

    def statuses(self) -> list[bytes]:
        return [
            form(MessageSid="SM9", SmsSid="SM9", MessageStatus=s, To="+393401234567")
            for s in ("sent", "delivered", "read")
        ]

    def ignored(self) -> list[bytes]:
        return [form(MessageSid="SM9", MessageStatus="brand_new")]

    def cloud(self) -> Cloud:
        return TwilioApi()


class TestSignature:
    def test_the_vectors_of_twilios_own_sdk(self) -> None:
        """Values of twilio-python's tests/unit/test_request_validator.py."""
        fields = {
            "CallSid": "CA1234567890ABCDE", "Caller": "+14158675309", "Digits": "1234",
            "From": "+14158675309", "To": "+18005551212",
        }  # fmt: skip
        url = "https://mycompany.com/myapp.php?foo=1&bar=2"
        raw = Raw(form(**fields), {"x-twilio-signature": "RSOYDt4T1cUTdK1PDd93/VVr8B8="}, url=url)
        assert signature.genuine(raw, "12345")
        with_port = dataclasses.replace(raw, url=url.replace(".com/", ".com:443/"))
        assert signature.genuine(with_port, "12345")
        assert not signature.genuine(dataclasses.replace(raw, url=url + "&x=1"), "12345")

    def test_a_json_body_is_bound_by_its_hash(self) -> None:
        digest = "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"
        url = f"https://mycompany.com/myapp.php?foo=1&bar=2&bodySHA256={digest}"
        body = b'{"property": "value", "boolean": true}'
        raw = Raw(body, {"x-twilio-signature": "a9nBmqA0ju/hNViExpshrM61xv4="}, url=url)
        assert signature.genuine(raw, "12345")
        assert not signature.genuine(dataclasses.replace(raw, body=body + b" "), "12345")

    def test_blank_and_repeated_fields_are_signed(self) -> None:
        body = b"A=&B=2&B=1&B=2&C=%E2%82%AC+x"
        made = signature.sign("t", URL, {"A": [""], "B": ["1", "2"], "C": ["€ x"]})
        assert signature.genuine(Raw(body, {"x-twilio-signature": made}, url=URL), "t")

    def test_without_the_public_address_nobody_is_let_in(self) -> None:
        with pytest.raises(Refused):
            provider.verify(Raw(b"", {"x-twilio-signature": "x"}), SETTINGS)


class TestReading:
    def test_a_message(self) -> None:
        found = message(Body="Ciao\x00", FromCountry="IT")
        assert (found.external_id, found.text, found.thread_ref, found.meta) == ("SM1", "Ciao", "", {})  # fmt: skip
        assert found.sender == Address("phone", "+393401234567", verified=True, how="provider")

    def test_media_stay_at_twilio(self) -> None:
        urls = {"MediaUrl0": "https://api.twilio.com/m/1", "MediaContentType0": "image/png"}
        found = message(**urls, Body="", NumMedia="1")
        assert [(f.name, f.content_type, f.media_ref) for f in found.files] == [
            ("file-1.png", "image/png", "https://api.twilio.com/m/1")
        ]

    def test_who_wants_no_more_is_marked(self) -> None:
        assert message(Body="Arresta").meta == {"opt_out": True}
        assert message(Body="STOP", OptOutType="STOP").meta == {"opt_out": True}
        assert message(Body="START", OptOutType="START").meta == {"opt_out": False}

    def test_whatsapp_and_rcs_come_along(self) -> None:
        found = message(From="whatsapp:+393401234567", ProfileName="Ada")
        assert (found.sender.kind, found.sender.address, found.thread_ref) == ("whatsapp", "+393401234567", "whatsapp")  # fmt: skip
        assert message(From="whatsapp:IN.208", ExternalUserId="IN.208").sender.address == "IN.208"
        assert message(From="rcs:+393401234567").sender.kind == "phone"

    def test_a_place_is_a_link(self) -> None:
        assert "mlat=12.1&mlon=75.2" in message(Body="", Latitude="12.1", Longitude="75.2").text

    def test_a_failure_is_told_in_words(self) -> None:
        (found,) = parsed(MessageSid="SM9", MessageStatus="undelivered", ErrorCode="30006")
        assert isinstance(found, StatusUpdate)
        assert found.status is Status.FAILED
        assert "landline" in found.reason

    def test_the_payloads_beside_the_repository_are_read(self) -> None:
        for name, payload in fixtures.payloads("chatwoot-specs/twilio"):
            (found,) = parsed(**payload)
            assert isinstance(found, StatusUpdate if "MessageStatus" in payload else Inbound), name


class TestSending:
    def send(self, cloud: Cloud, **fields: Any) -> Any:
        plain: dict[str, Any] = {"recipient": Address("phone", "+39 340 1234567"), "text": "Ciao"}
        outbound = Outbound("k", **(plain | fields))
        settings = SETTINGS | {"api_base": cloud.url, "status_callback": URL}
        return provider.send(outbound, settings, impatient())

    def test_the_form_is_as_documented(self) -> None:
        file = File("a.png", "image/png", media_ref="https://files.example/a.png")
        with TwilioApi() as cloud:
            outcome = self.send(cloud, files=(file,), quick_replies=(QuickReply("y", "Yes"),))
            assert isinstance(outcome, Sent)
            assert outcome.external_id.startswith("SM")
            assert cloud.calls[0].form == {
                "To": "+393401234567",
                "From": "+15005550006",
                "Body": "Ciao\n1. Yes",
                "MediaUrl": "https://files.example/a.png",
                "StatusCallback": URL,
            }

    def test_an_answer_goes_back_the_way_it_came(self) -> None:
        with TwilioApi() as cloud:
            self.send(cloud, thread_ref="rcs")
            self.send(cloud, recipient=Address("whatsapp", "+393401234567"))
            sent = [(c.form["From"], c.form["To"]) for c in cloud.calls]
        assert sent == [
            ("rcs:+15005550006", "rcs:+393401234567"),
            ("whatsapp:+15005550006", "whatsapp:+393401234567"),
        ]

    def test_an_rcs_sender_is_an_agent_with_a_name(self) -> None:
        with TwilioApi() as cloud:
            for sender in ("rcs:shop_agent", "shop_agent"):
                outbound = Outbound("k", Address("phone", "+393401234567"), "Ciao", thread_ref="rcs")  # fmt: skip
                settings = SETTINGS | {"api_base": cloud.url, "rcs_sender": sender}
                assert isinstance(provider.send(outbound, settings, impatient()), Sent)
                form = cloud.calls[-1].form
                assert (form["From"], form["To"]) == ("rcs:shop_agent", "rcs:+393401234567")
            plain = Outbound("k", Address("phone", "+393401234567"), "Ciao")
            provider.send(plain, settings, impatient())
            assert cloud.calls[-1].form["From"] == "+15005550006"

    def test_a_file_without_a_public_address_is_refused_before_anything_leaves(self) -> None:
        with TwilioApi() as cloud:
            outcome = self.send(cloud, files=(File("a.png", "image/png", b"x"),))
            assert not cloud.calls
        assert isinstance(outcome, Failed)
        assert "a.png" in outcome.reason

    def test_who_opted_out_is_not_reached(self) -> None:
        with TwilioApi() as cloud:
            cloud.opted_out.add("+393401234567")
            outcome = self.send(cloud)
        assert isinstance(outcome, Failed)
        assert outcome.permanent
        assert "STOP" in outcome.reason

    def test_media_are_fetched_with_the_password(self) -> None:
        with TwilioApi() as cloud:
            cloud.media["/m1"] = b"PNG"
            url = f"{cloud.url}/2010-04-01/Accounts/{SID}/m1"
            settings = SETTINGS | {"api_base": cloud.url}
            file = File("a", "image/png", media_ref=url)
            assert provider.fetch_media(file, settings, impatient()).content == b"PNG"
            gone = dataclasses.replace(file, media_ref=url + "gone")
            with pytest.raises(NetError):
                provider.fetch_media(gone, settings, impatient())

    def test_the_password_goes_to_twilio_only(self) -> None:
        elsewhere = SETTINGS | {"api_base": "https://api.twilio.com"}
        with TwilioApi() as other:
            file = File("a", "image/png", media_ref=f"{other.url}/x")
            with pytest.raises(NetError):
                provider.fetch_media(file, elsewhere, impatient())
        assert "authorization" not in other.calls[0].headers


def test_the_check_tells_a_number_without_webhook() -> None:
    with TwilioApi() as cloud:
        assert cloud.number is not None
        cloud.number["sms_url"] = ""
        lines = provider.check(SETTINGS | {"api_base": cloud.url}, impatient())
    assert [line.ok for line in lines] == [True, False, None]
