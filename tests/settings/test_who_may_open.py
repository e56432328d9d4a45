"""Every address below /app/settings against every role: a new page without a guard fails here."""

from __future__ import annotations

import pytest
from django.urls import URLPattern

from sportello.automation.models import SavedReply
from sportello.channels.actions import create_channel
from sportello.channels.models import Channel
from sportello.core.models import AuditEntry
from sportello.tickets.models import Tag
from sportello.workspace.settings import urls
from tests.settings.conftest import Company

PATTERNS: list[URLPattern] = urls.urlpatterns
FOR_ALL = {"index", "profile", "notices"}
FOR_SUPERVISORS = {
    "replies",
    "new_reply",
    "reply",
    "delete_reply",
    "tags",
    "new_tag",
    "tag",
    "delete_tag",
}
ROLES = ["administrator", "supervisor", "agent", "light", "brand administrator"]


def address(pattern: URLPattern) -> str:
    route = (
        str(pattern.pattern)
        .replace("<int:pk>", "987654")
        .replace("<slug:kind>", "email")
        .replace("<int:table_pk>", "1")
    )
    return f"/app/settings/{route}"


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda p: p.name)
def test_wrong_rights_are_refused_before_anything_is_looked_up(
    company: Company, pattern: URLPattern
) -> None:
    for role in ROLES:
        may = (
            pattern.name in FOR_ALL
            or role == "administrator"
            or (role == "supervisor" and pattern.name in FOR_SUPERVISORS)
        )
        client = company.client(role)
        answers = {
            client.get(address(pattern)).status_code,
            client.post(address(pattern)).status_code,
        }
        if may:
            assert 403 not in answers, role
        else:
            assert answers <= {403, 405}, role
            assert 403 in answers, role


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda p: p.name)
def test_who_is_signed_out_is_led_to_the_door(company: Company, pattern: URLPattern) -> None:
    answer = company.client("nobody").get(address(pattern))
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/")


def test_a_refused_post_changes_nothing(company: Company) -> None:
    channel = create_channel(
        provider="email", name="Posta", brand=company.brand, settings={"address": "a@x.example"}
    )
    reply = SavedReply.objects.create(shortcut="a", title="A", text="a")
    tag = Tag.objects.create(name="reso")
    AuditEntry.objects.all().delete()
    client = company.client("agent")
    for path in (
        f"channels/{channel.pk}/switch",
        f"channels/{channel.pk}/delete",
        f"replies/{reply.pk}/delete",
        f"tags/{tag.pk}/delete",
        f"agents/{company.agents['administrator'].pk}/deactivate",
        f"teams/{company.team.pk}/delete",
        "tokens/new",
    ):
        assert client.post(f"/app/settings/{path}", {"on": "0"}).status_code == 403
    assert Channel.objects.get().is_active
    assert Tag.objects.exists()
    assert SavedReply.objects.exists()
    company.agents["administrator"].refresh_from_db()
    assert company.agents["administrator"].is_active
    assert not AuditEntry.objects.exists()


def test_get_changes_nothing_anywhere(company: Company) -> None:
    """Verbs answer 405 to GET: a link in a mail cannot press a button."""
    client = company.client("administrator")
    verbs = [
        p
        for p in PATTERNS
        if p.name
        and p.name.split("_")[0]
        in {
            "delete",
            "switch",
            "revoke",
            "withdraw",
            "deactivate",
            "reactivate",
            "reset",
            "replay",
            "check",
            "test",
        }
    ]
    assert len(verbs) > 10
    for pattern in verbs:
        assert client.get(address(pattern)).status_code == 405, pattern.name
