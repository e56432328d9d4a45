"""Trustpilot, both directions."""

from __future__ import annotations

import json
from typing import Any

from sportello.channels.contract import Address, Failed, Inbound, Outbound, Raw, Sent
from sportello.channels.providers.trustpilot import provider
from sportello.channels.providers.trustpilot.provider import TOKENS
from tests.providers.conformance import impatient
from tests.providers.reviews.suite import ReviewConformance
from tests.vendors.cloud import Answer, Cloud
from tests.vendors.reviews import PAIR, TOKEN, UNIT, WRITER, Reviewed, TrustpilotApi, trust_review

KEY, _, SECRET = PAIR.partition(":")
SETTINGS: dict[str, Any] = {"business_unit_id": UNIT, "api_key": KEY, "api_secret": SECRET, "business_user_id": WRITER}  # fmt: skip


class TestTrustpilot(ReviewConformance):
    provider = provider
    settings = SETTINGS
    names = ("business_unit_id", "api_key", "api_secret", "business_user_id", "since", "api_base")
    refusal = Answer(400, {"message": "That person left us"})

    def item(self, id: str = "r1", text: str = "Bella app", stars: int = 5, **more: Any) -> dict[str, Any]:  # fmt: skip
        return trust_review(id, text, stars, **more)

    def reviewed(self, *items: dict[str, Any]) -> Reviewed:
        return TrustpilotApi(*items)

    def answered(self, cloud: Reviewed, id: str, item: dict[str, Any], text: str) -> dict[str, Any]:
        return item | {"companyReply": {"text": text, "createdAt": "2026-11-21T10:00:00Z"}}

    def at(self, cloud: Cloud) -> dict[str, Any]:
        """With a token at hand, as after the first call: the laws are about what follows."""
        TOKENS.put(TOKEN, 3600, PAIR, cloud.url)
        return super().at(cloud)


def send(settings: dict[str, Any]) -> Any:
    outbound = Outbound("k", Address("trustpilot", "c77"), "Grazie", thread_ref="r1")
    return provider.send(outbound, settings, impatient(2))


def test_the_token_is_fetched_kept_and_replaced() -> None:
    with TrustpilotApi() as cloud:
        settings = SETTINGS | {"api_base": cloud.url}
        assert isinstance(send(settings), Sent)
        assert isinstance(send(settings), Sent)
        assert len(cloud.calls) == 3
        cloud.tokens = ["another"]
        assert isinstance(send(settings), Sent)


def test_wrong_keys_are_told() -> None:
    with TrustpilotApi() as cloud:
        settings = SETTINGS | {"api_base": cloud.url, "api_secret": "wrong"}
        (line,) = provider.check(settings, impatient())
        outcome = send(settings)
    assert line.ok is False
    assert "The API key or secret is wrong." in line.detail
    assert isinstance(outcome, Failed)
    assert outcome.permanent


def test_who_may_not_answer_is_told() -> None:
    with TrustpilotApi() as cloud:
        outcome = send(SETTINGS | {"api_base": cloud.url, "business_user_id": "other"})
    assert isinstance(outcome, Failed)
    assert "may not reply" in outcome.reason


def test_order_number_and_invited_address() -> None:
    body = json.dumps({"review": trust_review(title="Ottimi", text="Veloci")}).encode()
    (found,) = provider.parse(Raw(body), {})
    assert isinstance(found, Inbound)
    assert found.text == "★★★★★ Ottimi\nVeloci"
    assert found.sender == Address("trustpilot", "c77", "Ada Rossi", verified=True, how="provider")
    assert found.claimed == (Address("email", "ada@home.example"),)
    assert found.meta["reference"] == "IT-1042"
