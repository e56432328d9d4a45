"""Google Play, both directions."""

from __future__ import annotations

import json
from typing import Any

from sportello.channels.contract import Failed, Inbound, Outbound, Raw, Sent
from sportello.channels.providers.google_play import provider
from sportello.channels.providers.google_play.provider import TOKENS, ServiceAccount
from tests.providers.conformance import impatient
from tests.providers.reviews.suite import ReviewConformance
from tests.vendors.cloud import Answer, Cloud
from tests.vendors.reviews import (
    PACKAGE,
    TOKEN,
    PlayApi,
    Reviewed,
    google,
    play_review,
    service_account,
)

SETTINGS: dict[str, Any] = {"package_name": PACKAGE, "service_account": service_account("")}


class TestGooglePlay(ReviewConformance):
    provider = provider
    settings = SETTINGS
    names = ("package_name", "service_account", "since", "api_base")
    refusal = google(400, "That person left us", "INVALID_ARGUMENT")
    rate_limit = Answer(429, {"error": {"code": 429, "message": "Quota exceeded"}}, {"Retry-After": "7"})  # fmt: skip

    def item(self, id: str = "r1", text: str = "Bella app", stars: int = 5, **more: Any) -> dict[str, Any]:  # fmt: skip
        return play_review(id, text, stars, **more)

    def reviewed(self, *items: dict[str, Any]) -> Reviewed:
        return PlayApi(*items)

    def answered(self, cloud: Reviewed, id: str, item: dict[str, Any], text: str) -> dict[str, Any]:
        return play_review(id, "Bella", 5, answer=text)

    def at(self, cloud: Cloud) -> dict[str, Any]:
        """With a token at hand, as after the first call: the laws are about what follows."""
        settings = super().at(cloud) | {"service_account": service_account(f"{cloud.url}/token")}
        account = ServiceAccount.read(settings)
        TOKENS.put(TOKEN, 3600, account.email, account.private_key, account.token_url)
        return settings


def fresh(cloud: PlayApi, **more: Any) -> dict[str, Any]:
    """Settings whose token nobody has fetched yet."""
    account = service_account(f"{cloud.url}/token")
    return {"package_name": PACKAGE, "service_account": account, "api_base": cloud.url} | more


def send(settings: dict[str, Any], text: str = "Grazie") -> Any:
    outbound = Outbound("k", provider_address(), text, thread_ref="r1")
    return provider.send(outbound, settings, impatient(2))


def provider_address() -> Any:
    (found,) = provider.parse(Raw(json.dumps({"review": play_review()}).encode()), {})
    assert isinstance(found, Inbound)
    return found.sender


def test_the_token_is_fetched_with_a_signed_statement_and_kept() -> None:
    with PlayApi(play_review()) as cloud:
        settings = fresh(cloud)
        assert isinstance(send(settings), Sent)
        assert isinstance(send(settings), Sent)
        assert [c.path == "/token" for c in cloud.calls] == [True, False, False]


def test_a_token_that_is_not_taken_any_more_is_replaced() -> None:
    with PlayApi(play_review()) as cloud:
        settings = fresh(cloud)
        assert isinstance(send(settings), Sent)
        cloud.tokens = ["ya29.another"]
        assert isinstance(send(settings), Sent)


def test_a_statement_that_google_refuses_is_told() -> None:
    with PlayApi() as cloud:
        cloud.script.extend([Answer(400, {"error": "invalid_grant", "error_description": "account not found"})] * 2)  # fmt: skip
        outcome = send(fresh(cloud))
        assert isinstance(outcome, Failed)
        assert outcome.permanent
        assert "account not found" in outcome.reason
        (line,) = provider.check(fresh(cloud), impatient())
        assert line.ok is False
        assert "account not found" in line.detail


def test_no_answer_about_the_token_means_that_nothing_was_sent() -> None:
    with PlayApi() as cloud:
        cloud.script.append(Answer(200, {}, delay=2.5))
        outcome = send(fresh(cloud))
    assert isinstance(outcome, Failed)
    assert not outcome.permanent


def test_what_is_no_key_file_is_told() -> None:
    for pasted in ("", "{}", "nonsense", '{"client_email": "a@b", "private_key": "no"}'):
        (line,) = provider.check({"service_account": pasted}, impatient())
        assert line.ok is False
        assert "service account key" in line.detail


def test_title_and_translation() -> None:
    item = play_review(text="Great\tIt works", user={"originalText": "Ottima\tFunziona"})
    (found,) = provider.parse(Raw(json.dumps({"review": item}).encode()), {})
    assert isinstance(found, Inbound)
    assert found.text == "★★★★★ Ottima\nFunziona"
    assert (found.language, found.contact_name) == ("it", "Ada Rossi")
    assert found.meta["app_version"] == "1.2.3"


def test_an_answer_loses_its_markup_as_google_does_it() -> None:
    """By the words that Google kept it is recognised later."""
    with PlayApi(play_review()) as cloud:
        plain, marked = send(fresh(cloud), "Ciao"), send(fresh(cloud), "<b>Ciao</b>")
    assert plain.external_id == marked.external_id
