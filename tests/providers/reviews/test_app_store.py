"""The App Store, both directions."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import jwt
import pytest

from sportello.channels.contract import Address, Failed, Inbound, Outbound, Raw
from sportello.channels.providers.app_store import provider
from sportello.channels.providers.app_store.provider import token
from sportello.core.net import Blocked
from tests.providers.conformance import impatient
from tests.providers.reviews.suite import ReviewConformance
from tests.vendors.cloud import Answer
from tests.vendors.reviews import APPLE, EC_KEY, ConnectApi, Reviewed, apple, store_review

SETTINGS: dict[str, Any] = APPLE | {"private_key": EC_KEY}


class TestAppStore(ReviewConformance):
    provider = provider
    settings = SETTINGS
    names = ("app_id", "key_id", "issuer_id", "private_key", "since", "api_base")
    refusal = apple(409, "ENTITY_ERROR", "That person left us")
    rate_limit = Answer(429, {"errors": [{"code": "RATE_LIMIT_EXCEEDED"}]}, {"Retry-After": "7"})

    def item(self, id: str = "r1", text: str = "Bella app", stars: int = 5, **more: Any) -> dict[str, Any]:  # fmt: skip
        return store_review(id, text, stars, **more)

    def wrapped(self, item: dict[str, Any]) -> dict[str, Any]:
        return {"data": item, "response": None}

    def reviewed(self, *items: dict[str, Any]) -> Reviewed:
        return ConnectApi(*items)

    def answered(self, cloud: Reviewed, id: str, item: dict[str, Any], text: str) -> dict[str, Any]:
        assert isinstance(cloud, ConnectApi)
        return {"data": item, "response": cloud.responses[id]}


@pytest.mark.parametrize(
    "pasted",
    [EC_KEY, EC_KEY.replace("\n", ""), EC_KEY.replace("\n", " "), EC_KEY.replace("\n", "\\n"), "".join(EC_KEY.splitlines()[1:-1])],
)  # fmt: skip
def test_a_key_pasted_into_one_line_still_signs(pasted: str) -> None:
    with ConnectApi(store_review()) as cloud:
        settings = SETTINGS | {"private_key": pasted, "api_base": cloud.url}
        (line,) = provider.check(settings, impatient())
    assert (line.ok, line.detail) == (True, "The app has 1 reviews.")


def test_an_individual_key_names_no_issuer() -> None:
    claims = jwt.decode(token(SETTINGS | {"issuer_id": ""}), options={"verify_signature": False})
    assert claims["sub"] == "user"
    assert "iss" not in claims


def test_what_is_no_key_is_told() -> None:
    with pytest.raises(Blocked, match="private key"):
        token(SETTINGS | {"private_key": "nonsense"})
    outcome = provider.send(Outbound("k", Address("app_store", "r1"), "Ciao"), {}, impatient())
    assert isinstance(outcome, Failed)
    assert outcome.permanent


def test_a_wrong_key_is_told() -> None:
    with ConnectApi() as cloud:
        (line,) = provider.check(SETTINGS | {"key_id": "OTHER", "api_base": cloud.url}, impatient())
    assert line.ok is False
    assert "Apple does not accept the key" in line.detail


def test_many_reviews_come_in_pages() -> None:
    with ConnectApi(*(store_review(f"r{n:02}", at=f"2026-11-20T10:{n:02}:00Z") for n in range(9, -1, -1))) as cloud:  # fmt: skip
        cloud.page = 4
        settings = SETTINGS | {"api_base": cloud.url, "since": "2026-01-01"}
        items = [raw for raw, _ in provider.poll(settings, {}, impatient(3)) if raw.body]
    assert len(items) == 10
    assert len(cloud.calls) == 3


def test_an_answer_given_elsewhere_is_news() -> None:
    with ConnectApi(store_review()) as cloud:
        settings = SETTINGS | {"api_base": cloud.url, "since": "2026-01-01", "every_minutes": 0}
        *_, (_, cursor) = provider.poll(settings, {}, impatient(3))
        answer = {"responseBody": "Grazie!", "lastModifiedDate": "2026-11-21T09:00:00Z", "state": "PUBLISHED"}  # fmt: skip
        cloud.responses["r1"] = {"type": "customerReviewResponses", "id": "x", "attributes": answer}
        (raw, cursor), _end = provider.poll(settings, cursor, impatient(3))
    said, echo = provider.parse(raw, {})
    assert isinstance(said, Inbound)
    assert "edited" not in said.meta
    assert getattr(echo, "text", "") == "Grazie!"


def test_title_nickname_and_country() -> None:
    item = {"data": store_review(title="Ottima", text="Funziona"), "response": None}
    (found,) = provider.parse(Raw(json.dumps({"review": item}).encode()), {})
    assert isinstance(found, Inbound)
    assert found.text == "★★★★★ Ottima\nFunziona"
    assert (found.contact_name, found.meta["territory"]) == ("ada_r", "ITA")


def test_without_a_word_from_apple_the_wait_is_minutes() -> None:
    with ConnectApi() as cloud:
        cloud.script.append(apple(429, "RATE_LIMIT_EXCEEDED", "The request rate limit has been reached."))  # fmt: skip
        outbound = Outbound("k", Address("app_store", "r1"), "Ciao", thread_ref="r1")
        outcome = provider.send(outbound, SETTINGS | {"api_base": cloud.url}, impatient())
    assert isinstance(outcome, Failed)
    assert outcome.retry_after == timedelta(minutes=5)
