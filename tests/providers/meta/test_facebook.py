"""What strangers say on a Facebook page, and the answers below it."""

from __future__ import annotations

import json
from typing import Any

from sportello.channels.contract import (
    Address,
    Edited,
    Failed,
    File,
    Inbound,
    Outbound,
    Parsed,
    Raw,
    Sent,
    Withdrawn,
)
from sportello.channels.providers.facebook import provider
from tests.providers.conformance import Conformance, impatient
from tests.providers.meta.fixtures import payloads, raw, signed
from tests.vendors.cloud import Answer
from tests.vendors.graph import TOKEN, Graph, error

PAGE, POST = "1234567890321", "1234567890321_901"
SETTINGS = {
    "page_id": PAGE,
    "page_access_token": TOKEN,
    "app_secret": "app-secret-abcdef",
    "verify_token": "pappagallo",
}


def change(field: str = "feed", page: str = PAGE, **value: Any) -> dict[str, Any]:
    changes = [{"field": field, "value": value}]
    return {"object": "page", "entry": [{"id": page, "time": 1449135003, "changes": changes}]}


def comment(**more: Any) -> dict[str, Any]:
    value: dict[str, Any] = {
        "item": "comment",
        "verb": "add",
        "comment_id": "901_77",
        "post_id": POST,
        "parent_id": POST,
        "from": {"id": "842", "name": "Ada"},
        "message": "Siete aperti?",
        "created_time": 1449135003,
    }
    return change(**value | more)


def read(data: Any) -> list[Parsed]:
    return provider.parse(raw(data), SETTINGS)


def heard(data: Any) -> Inbound:
    (found,) = read(data)
    assert isinstance(found, Inbound)
    return found


class TestConformance(Conformance):
    provider = provider
    settings = SETTINGS
    names = ("page_id", "page_access_token", "app_secret", "verify_token", "api_base")
    rate_limit = Answer(400, {"error": {"message": "Slow", "code": 32}}, {"Retry-After": "7"})
    refusal = error(200, "Permissions error", status=403)
    refusal_words = "Permissions error"

    def sign(self, body: bytes, settings: dict[str, Any]) -> Raw:
        return signed(body, str(settings["app_secret"] or ""))

    def message(self, external_id: str = "m1", text: str = "Good morning") -> bytes:
        return json.dumps(comment(comment_id=external_id, message=text)).encode()

    def ignored(self) -> list[bytes]:
        noise = (
            change(item="like", verb="add", post_id=POST, sender_id=842),
            change(item="reaction", verb="add", reaction_type="love", post_id=POST),
            comment(verb="hide"),
            comment(**{"from": {"id": PAGE, "name": "us"}}),
            change(item="event", verb="add", event_id="1", post_id=POST),
            change(item="hologram", verb="add", post_id=POST, sender_id=842),
            change("leadgen", leadgen_id=1),
            change(page="999", item="comment", verb="add", comment_id="1", message="theirs"),
        )
        return [json.dumps(item).encode() for item in noise]

    def cloud(self) -> Graph:
        return Graph()

    def outbound(self) -> Outbound:
        return answer()


def answer(**more: Any) -> Outbound:
    fields: dict[str, Any] = {
        "idempotency_key": "k-1",
        "recipient": Address("facebook", "842"),
        "text": "Fino alle 19",
        "thread_ref": "901_77",
    }
    return Outbound(**fields | more)


def test_a_comment_is_public_and_the_root_of_its_answers() -> None:
    found = heard(comment())
    assert found.sender == Address("facebook", "842", "Ada", True, "provider")
    assert (found.is_public, found.external_id, found.thread_ref) == (True, "901_77", "901_77")
    below = heard(comment(comment_id="901_78", parent_id="901_77"))
    assert (below.thread_ref, below.answers) == ("901_77", "901_77")


def test_a_visitors_post_and_a_recommendation_are_messages() -> None:
    post = heard(change(item="post", verb="add", post_id=POST, sender_id=842, message="Ciao"))
    assert (post.text, post.thread_ref, post.sender.address) == ("Ciao", POST, "842")
    rated = heard(
        change(
            "ratings",
            item="rating",
            verb="add",
            open_graph_story_id=904,
            reviewer_id=705,
            reviewer_name="Bo",
            rating=3,
            review_text="Bello",
            recommendation_type="POSITIVE",
        )
    )
    assert (rated.text, rated.thread_ref, rated.contact_name) == ("★★★☆☆\n👍\nBello", "904", "Bo")


def test_an_edit_names_the_first_and_a_photo_is_a_file() -> None:
    (edited,) = read(comment(verb="edited", message="Siete chiusi?"))
    assert isinstance(edited, Edited)
    assert (edited.text, edited.external_id) == ("Siete chiusi?", "901_77")
    (gone,) = read(comment(verb="remove"))
    assert isinstance(gone, Withdrawn)
    assert gone.external_id == "901_77"
    pictured = heard(comment(message="", photo="https://x.fbcdn.net/a.jpg"))
    assert pictured.files == (File("photo.jpg", "image/jpeg", media_ref="https://x.fbcdn.net/a.jpg"),)  # fmt: skip


def test_an_author_that_meta_hides_is_a_stranger_of_their_own() -> None:
    data = comment()
    del data["entry"][0]["changes"][0]["value"]["from"]
    found = heard(data)
    assert (found.sender.address, found.sender.verified) == ("comment:901_77", False)


def test_answers_stand_below_in_public_or_go_to_the_author_alone() -> None:
    with Graph() as cloud:
        settings = SETTINGS | {"api_base": cloud.url}
        assert isinstance(provider.send(answer(), settings, impatient()), Sent)
        private = answer(recipient=Address("comment", "901_77"))
        assert isinstance(provider.send(private, settings, impatient()), Sent)
        assert isinstance(provider.hide("901_77", settings, impatient()), Sent)
        nowhere = provider.send(answer(thread_ref=""), settings, impatient())
        assert isinstance(nowhere, Failed)
        filed = provider.send(answer(files=(File("a", "b/c", b"x"),)), settings, impatient())
        assert isinstance(filed, Failed)
    assert [c.path for c in cloud.calls] == [
        "/v25.0/901_77/comments",
        f"/v25.0/{PAGE}/messages",
        "/v25.0/901_77",
    ]
    assert cloud.posted[0] == {"message": "Fino alle 19"}
    assert cloud.posted[1]["recipient"] == {"comment_id": "901_77"}


def test_captured_payloads_are_understood() -> None:
    told = {}
    for name, data in payloads("meta/restfb-webhooks"):
        if data.get("object") == "page":
            provider.envelope(raw(data))
            told[name.split("/")[1]] = [
                p
                for p in provider.parse(raw(data), SETTINGS | {"page_id": ""})
                if isinstance(p, Inbound)
            ]
    for name, found in told.items():
        if name.startswith("messaging-") or "like" in name or "reaction" in name or "hide" in name:
            assert not found, name
        for item in found:
            assert item.is_public, name
            assert item.external_id, name
            assert item.thread_ref, name
            assert item.text or item.files, name
    assert told["feed-post-add-25"][0].text == "Let's check this"
    assert told["ratings-rating-add-31"][0].text.endswith("Ja ziemlich coole Sache")
    assert told["mention-comment-add"][0].thread_ref == "7363534231324_3754798971271444"
    assert not told["feed-comment-add-25"], "the page's own"
