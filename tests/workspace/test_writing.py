"""What the composer does over HTTP: send, undo, crossing answers, drafts, files, saved replies."""

from __future__ import annotations

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from sportello.automation.models import SavedReply
from sportello.core.models import StoredFile
from sportello.tickets.models import Draft, Mention, Message
from tests.workspace.conftest import Desk


def url(desk: Desk, name: str, *more: object) -> str:
    return reverse(f"workspace:{name}", args=[desk.tickets["public"].number, *more])


def test_an_answer_leaves_and_can_be_taken_back(desk: Desk) -> None:
    client = desk.client("agent")
    sent = client.post(
        url(desk, "answer"), {"kind": "reply", "text": "Arriva domani", "then": "pending"}
    ).json()
    assert sent["undo"] > 5
    back = client.post(url(desk, "undo", sent["message"])).json()
    assert back["text"] == "Arriva domani"
    assert not Message.objects.filter(pk=sent["message"]).exists()
    assert Draft.objects.get(agent=desk.agents["agent"]).text == "Arriva domani"


def test_nobody_takes_back_a_colleagues_answer(desk: Desk) -> None:
    sent = (
        desk.client("agent").post(url(desk, "answer"), {"kind": "reply", "text": "Arriva"}).json()
    )
    assert desk.client("colleague").post(url(desk, "undo", sent["message"])).status_code == 404
    assert Message.objects.filter(pk=sent["message"]).exists()


def test_two_answers_do_not_cross(desk: Desk) -> None:
    seen = Message.objects.get(ticket=desk.tickets["public"]).pk
    first = {"kind": "reply", "text": "Rispondo io", "seen": seen}
    assert desk.client("agent").post(url(desk, "answer"), first).status_code == 200
    second = {"kind": "reply", "text": "Anch'io", "seen": seen}
    crossed = desk.client("colleague").post(url(desk, "answer"), second)
    assert crossed.status_code == 409
    assert "giulia" in crossed.json()["why"].lower()
    assert (
        desk.client("colleague")
        .post(url(desk, "answer"), {"kind": "reply", "text": "Anch'io"})
        .status_code
        == 200
    )


def test_an_empty_answer_says_why(desk: Desk) -> None:
    answer = desk.client("agent").post(url(desk, "answer"), {"kind": "reply", "text": "  "})
    assert answer.status_code == 422
    assert answer.json()["why"]


def test_a_draft_is_his_own_and_shows_in_his_list_only(desk: Desk) -> None:
    desk.client("agent").post(url(desk, "draft"), {"kind": "reply", "text": "Buongiorno, "})
    assert "Buongiorno" in desk.client("agent").get("/app/inbox/all").content.decode()
    assert "Buongiorno" not in desk.client("colleague").get("/app/inbox/all").content.decode()
    desk.client("agent").post(url(desk, "draft"), {"kind": "reply", "text": ""})
    assert not Draft.objects.exists()


def test_a_file_belongs_to_who_uploaded_it(desk: Desk) -> None:
    given = SimpleUploadedFile("../../evil.html", b"<script>1</script>", content_type="text/html")
    key = desk.client("agent").post(url(desk, "upload"), {"file": given}).json()["key"]
    assert StoredFile.objects.get(key=key).name == "evil.html"
    desk.client("colleague").post(
        url(desk, "answer"), {"kind": "note", "text": "ruba", "files": key}
    )
    assert not StoredFile.objects.get(key=key).bound
    desk.client("agent").post(url(desk, "answer"), {"kind": "note", "text": "mio", "files": key})
    attachment = Message.objects.get(text="mio").attachments.get()
    got = desk.client("agent").get(url(desk, "attachment", attachment.pk))
    assert got.headers["Content-Disposition"].startswith("attachment")
    assert got.headers["Content-Security-Policy"].startswith("sandbox")
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert desk.client("elsewhere").get(url(desk, "attachment", attachment.pk)).status_code == 404


def test_a_mention_reaches_only_who_may_see_the_ticket(desk: Desk) -> None:
    named = [desk.agents["colleague"].pk, desk.agents["elsewhere"].pk]
    desk.client("agent").post(
        url(desk, "answer"), {"kind": "note", "text": "@Marco guarda", "mentions": named}
    )
    assert list(Mention.objects.values_list("agent", flat=True)) == named[:1]


def test_saved_replies_are_filled_and_unknown_places_stay(desk: Desk) -> None:
    SavedReply.objects.create(
        shortcut="ciao",
        title="Saluto",
        text="Ciao {{contact.first_name}}, {{order.number}} {% now %}",
    )
    found = desk.client("agent").get(url(desk, "replies")).json()["replies"]
    assert found[0]["text"] == "Ciao Ada, {{order.number}} {% now %}"
    assert desk.client("light").get(url(desk, "replies")).status_code == 404
