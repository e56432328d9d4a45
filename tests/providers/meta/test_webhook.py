"""The signature and the challenge that all of Meta's products share."""

from __future__ import annotations

import pytest

from sportello.channels.contract import Challenge, Raw, Refused
from sportello.channels.vendors.meta import webhook
from sportello.channels.vendors.meta.graph import Graph, GraphError
from tests.providers.conformance import impatient
from tests.providers.meta.fixtures import vectors
from tests.vendors.cloud import Answer
from tests.vendors.graph import TOKEN
from tests.vendors.graph import Graph as Cloud


def test_signature_vectors_hold() -> None:
    found = vectors("meta")
    assert len(found) >= 2
    for vector in found:
        body = vector["body"].encode()
        settings = {"app_secret": vector["secret"]}
        webhook.verify(Raw(body, {"x-hub-signature-256": vector["expected"]}), settings)
        for forged in (body + b" ", body[:-1]):
            with pytest.raises(Refused):
                webhook.verify(Raw(forged, {"x-hub-signature-256": vector["expected"]}), settings)


def test_the_challenge_is_answered_to_who_knows_the_token() -> None:
    settings = {"verify_token": "pappagallo"}
    asked = {
        "hub.mode": "subscribe",
        "hub.verify_token": "pappagallo",
        "hub.challenge": "1158201444",
    }
    assert webhook.challenge(asked, settings) == Challenge(200, "1158201444")
    for wrong in (
        asked | {"hub.verify_token": "cocorita"},
        asked | {"hub.verify_token": "è"},
        asked | {"hub.mode": "x"},
        {"hub.mode": "subscribe", "hub.challenge": "1"},
    ):
        answer = webhook.challenge(wrong, settings)
        assert answer is not None
        assert answer.status == 403
    empty = webhook.challenge(asked | {"hub.verify_token": ""}, {"verify_token": ""})
    assert empty is not None
    assert empty.status == 403
    assert webhook.challenge({}, settings) is None


def test_the_token_goes_to_metas_hosts_only() -> None:
    with Cloud() as ours, Cloud() as theirs:
        graph = Graph({"access_token": TOKEN, "api_base": ours.url}, impatient())
        graph.media(f"{ours.url}/lookaside/picture", token=True)
        with pytest.raises(GraphError):
            graph.media(f"{theirs.url}/lookaside/picture", token=True)
        assert "authorization" in ours.calls[0].headers
        assert "authorization" not in theirs.calls[0].headers


def test_a_token_that_meta_quotes_is_not_told() -> None:
    with Cloud() as cloud:
        cloud.script.append(
            Answer(400, {"error": {"message": f"Malformed access token {TOKEN}", "code": 190}})
        )
        graph = Graph({"access_token": TOKEN, "api_base": cloud.url}, impatient())
        with pytest.raises(GraphError, match="Malformed access token …"):
            graph.get("me")


def test_meta_tells_the_pause_in_a_header_of_its_own() -> None:
    usage = (
        '{"1234": [{"type": "whatsapp", "call_count": 100, "estimated_time_to_regain_access": 3}]}'
    )
    with Cloud() as cloud:
        cloud.script.append(
            Answer(
                400,
                {"error": {"message": "x", "code": 80007}},
                {"X-Business-Use-Case-Usage": usage},
            )
        )
        graph = Graph({"access_token": TOKEN, "api_base": cloud.url}, impatient())
        with pytest.raises(GraphError) as caught:
            graph.get("me")
    assert caught.value.retry_after == 180
