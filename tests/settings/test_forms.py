"""What the settings pages save, refuse and never show."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from sportello.accounts.models import Agent, ApiToken, Brand, Grant, Team
from sportello.accounts.models import Company as CompanyRow
from sportello.accounts.queries import company as company_now
from sportello.channels.contract import Check
from sportello.channels.models import Channel, SpoolItem, SpoolParked, SpoolTodo
from sportello.core import clock
from sportello.core.models import AuditEntry
from sportello.hours.models import Calendar
from sportello.tickets.models import CustomField, Tag
from sportello.workspace.settings import colours
from sportello.workspace.settings.forms.company import CompanyForm
from tests.settings.conftest import Company

SECRET = "imap-Passw0rt-geheim"
SMTP = "smtp://user:relay-geheim@mail.example.org:587"


def channel_form(**more: Any) -> dict[str, Any]:
    return {
        "channel_name": "Assistenza",
        "setting-address": "Assistenza@x.example",
        "setting-imap_host": "imap.example.org",
        "setting-imap_password": SECRET,
        "setting-smtp_url": SMTP,
        "then": "off",
    } | more


def made(company: Company) -> Channel:
    answer = company.client("administrator").post(
        "/app/settings/channels/new/email", channel_form(brand=company.brand.pk)
    )
    assert answer.status_code == 302, answer.context["form"].errors
    return Channel.objects.get()


def test_a_channel_is_made_from_what_its_provider_declares(company: Company) -> None:
    channel = made(company)
    assert not channel.is_active
    assert channel.plain_settings["address"] == "assistenza@x.example"
    assert channel.settings["imap_port"] == 993
    assert channel.settings["imap_password"] == SECRET
    assert SECRET not in json.dumps(channel.plain_settings)
    assert SECRET.encode() not in bytes(channel.sealed_settings)


def test_secrets_are_in_no_page_and_no_audit_entry(
    company: Company, caplog: pytest.LogCaptureFixture
) -> None:
    channel = made(company)
    client = company.client("administrator")
    other = "another-geheim"
    client.post(
        f"/app/settings/channels/{channel.pk}",
        channel_form(brand=company.brand.pk, **{"setting-imap_password": other}),
    )
    channel.refresh_from_db()
    assert channel.settings["imap_password"] == other
    bad = client.post(
        f"/app/settings/channels/{channel.pk}",
        channel_form(
            brand=company.brand.pk,
            **{"setting-address": "no address", "setting-imap_password": other},
        ),
    )
    assert bad.status_code == 422
    pages = [
        client.get(f"/app/settings/{p}").content.decode()
        for p in (f"channels/{channel.pk}", "channels", "audit", "system")
    ]
    for page in [
        *pages,
        bad.content.decode(),
        json.dumps(list(AuditEntry.objects.values("changes", "subject"))),
        caplog.text,
    ]:
        assert not [word for word in (SECRET, other, "relay-geheim") if word in page]
    entry = AuditEntry.objects.filter(action="channel.saved").get()
    assert entry.changes == {"imap_password": "changed"}


def test_a_blank_secret_keeps_the_stored_one(company: Company) -> None:
    channel = made(company)
    form = channel_form(
        brand=company.brand.pk,
        **{
            "setting-imap_password": "",
            "setting-smtp_url": "",
            "setting-imap_host": "mail.example.org",
        },
    )
    assert (
        company.client("administrator")
        .post(f"/app/settings/channels/{channel.pk}", form)
        .status_code
        == 302
    )
    channel.refresh_from_db()
    assert channel.settings["imap_password"] == SECRET
    assert channel.settings["imap_host"] == "mail.example.org"


def test_the_check_shows_what_the_provider_says_and_hides_what_an_exception_says(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = made(company)
    provider = type(channel.code)
    monkeypatch.setattr(
        provider,
        "check",
        lambda self, settings, net: [Check("Logged in", ok=True, milliseconds=184)],
    )
    url = f"/app/settings/channels/{channel.pk}/check"
    page = company.client("administrator").post(url).content.decode()
    assert "Logged in" in page
    assert "184 ms" in page

    def boom(self: Any, settings: Any, net: Any) -> list[Check]:
        raise OSError(f"cannot reach {settings['smtp_url']}")

    monkeypatch.setattr(provider, "check", boom)
    page = company.client("administrator").post(url).content.decode()
    assert "OSError" in page
    assert "geheim" not in page


def test_a_form_sets_nothing_but_its_own_fields(company: Company) -> None:
    client = company.client("agent")
    client.post(
        "/app/settings/profile",
        {
            "name": "Nuovo Nome",
            "theme": "dark",
            "density": "compact",
            "email": "boss@x.example",
            "is_superuser": "1",
            "is_staff": "1",
            "role": "administrator",
            "password": "x",
            "preferences": "{}",
        },
    )
    agent = Agent.objects.get(email="agent@x.example")
    assert agent.name == "Nuovo Nome"
    assert agent.preferences["theme"] == "dark"
    assert not agent.is_superuser
    assert not agent.is_staff
    assert [g.role for g in agent.grants.all()] == ["agent"]
    company.client("administrator").post(
        "/app/settings/company",
        {
            "name": "Aurora",
            "language": "it",
            "time_zone": "Europe/Rome",
            "undo_send_seconds": 10,
            "reopen_days": 14,
            "close_after_days": 28,
            "continue_percent": 90,
            "suggest_percent": 40,
            "country": "IT",
            "chat_gone_seconds": 60,
            "is_demo": "1",
            "id": "7",
        },
    )
    row = CompanyRow.objects.get()
    assert (row.pk, row.is_demo, row.name) == (1, False, "Aurora")


def test_a_suggestion_is_never_surer_than_going_on(company: Company) -> None:
    form = CompanyForm(
        {"name": "X", "language": "it", "time_zone": "Europe/Rome", "country": "IT",
         "continue_percent": 60, "suggest_percent": 70}
    )  # fmt: skip
    assert "suggest_percent" in form.errors
    assert "country" not in form.errors


def test_company_changes_are_audited_with_before_and_after(
    company: Company, django_capture_on_commit_callbacks: Any
) -> None:
    form = {
        "name": "Aurora",
        "language": "it",
        "time_zone": "Europe/Rome",
        "undo_send_seconds": 20,
        "reopen_days": 14,
        "close_after_days": 28,
        "continue_percent": 90,
        "suggest_percent": 40,
        "country": "IT",
        "chat_gone_seconds": 60,
        "require_second_factor": "on",
    }
    client = company.client("administrator")
    client.post("/app/settings/company", form)
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/app/settings/company", form | {"undo_send_seconds": 30})
    entry = AuditEntry.objects.filter(action="company.saved").latest("id")
    assert entry.changes == {"undo_send_seconds": [20, 30]}
    assert entry.actor_name == "Administrator"
    assert company_now().undo_send_seconds == 30
    assert (
        client.post("/app/settings/company", form | {"undo_send_seconds": 9999}).status_code == 422
    )


@pytest.mark.parametrize("colour", ["#ffee88", "#4caf50", "#ff0000", "#888888"])
def test_a_pale_brand_is_refused_and_the_nearest_that_passes_is_offered(
    company: Company, colour: str
) -> None:
    client = company.client("administrator")
    form = {"name": "Aurora", "slug": "aurora-2", "colour": colour, "language": "it"}
    answer = client.post("/app/settings/brands/new", form)
    nearest = colours.nearest_passing(colour)
    assert answer.status_code == 422
    assert nearest in answer.content.decode()
    assert colours.contrast_on_white(nearest) >= colours.ENOUGH
    assert client.post("/app/settings/brands/new", form | {"colour": nearest}).status_code == 302
    assert Brand.objects.filter(colour=nearest).exists()


def test_a_calendar_keeps_its_week(company: Company) -> None:
    client = company.client("administrator")
    form = {
        "name": "Negozio",
        "time_zone": "Europe/Rome",
        "holidays": "2026-12-25\n2026-12-08\n",
        "d0_0_from": "14:00",
        "d0_0_to": "18:00",
        "d0_1_from": "09:00",
        "d0_1_to": "13:00",
    }
    assert client.post("/app/settings/hours/new", form).status_code == 302
    row = Calendar.objects.get()
    assert row.weekly == {"0": [["09:00", "13:00"], ["14:00", "18:00"]]}
    assert row.holidays == ["2026-12-08", "2026-12-25"]
    for wrong in (
        {"d0_0_to": "12:30"},
        {"d0_1_to": ""},
        {"d0_1_from": "13:30"},
        {"holidays": "Natale"},
    ):
        assert client.post(f"/app/settings/hours/{row.pk}", form | wrong).status_code == 422


def test_grants_are_edited_and_the_last_administrator_stays(company: Company) -> None:
    client, agent = company.client("administrator"), company.agents["agent"]
    form = {
        "g-TOTAL_FORMS": 2,
        "g-INITIAL_FORMS": 1,
        "g-0-role": "agent",
        "g-0-DELETE": "on",
        "g-1-role": "supervisor",
        "g-1-team": company.team.pk,
    }
    assert client.post(f"/app/settings/agents/{agent.pk}", form).status_code == 302
    assert [(g.role, g.team_id) for g in Grant.objects.filter(agent=agent)] == [
        ("supervisor", company.team.pk)
    ]
    boss = company.agents["administrator"]
    client.post(
        f"/app/settings/agents/{boss.pk}",
        {"g-TOTAL_FORMS": 1, "g-INITIAL_FORMS": 1, "g-0-role": "agent"},
    )
    assert Grant.objects.get(agent=boss).role == "administrator"
    client.post(f"/app/settings/agents/{boss.pk}/deactivate")
    boss.refresh_from_db()
    assert boss.is_active


def test_who_is_shut_out_is_out_with_his_next_click(company: Company) -> None:
    theirs = company.client("agent")
    theirs.get("/app/settings/profile")
    assert theirs.get("/app/settings/profile").status_code == 200
    company.client("administrator").post(
        f"/app/settings/agents/{company.agents['agent'].pk}/deactivate"
    )
    assert theirs.get("/app/settings/profile").status_code == 302


def test_a_token_is_shown_once(company: Company) -> None:
    client = company.client("administrator")
    answer = client.post(
        "/app/settings/tokens/new",
        {"agent": company.agents["agent"].pk, "name": "Magazzino", "days": "30"},
    )
    raw = answer.context["raw"]
    assert raw in answer.content.decode()
    assert answer["Cache-Control"] == "no-store"
    token = ApiToken.objects.get()
    assert token.expires_at is not None
    assert token.expires_at - clock.now() > timedelta(days=29)
    for page in ("tokens", "audit"):
        assert raw not in client.get(f"/app/settings/{page}").content.decode()
    client.post(f"/app/settings/tokens/{token.pk}/revoke")
    assert client.post(f"/app/settings/tokens/{token.pk}/revoke").status_code == 404


def test_saved_replies_refuse_placeholders_that_nothing_fills(company: Company) -> None:
    client = company.client("supervisor")
    form = {"title": "Rimborso", "shortcut": "rimborso", "text": "Ciao {{contact.first_name}}"}
    assert client.post("/app/settings/replies/new", form).status_code == 302
    for text in ("{{contact.password}}", "{{ settings.secret }}"):
        assert (
            client.post(
                "/app/settings/replies/new", form | {"shortcut": "b", "text": text}
            ).status_code
            == 422
        )


def test_tags_and_fields_are_catalogues(company: Company) -> None:
    client = company.client("administrator")
    client.post("/app/settings/tags/new", {"name": "  Danno   Trasporto "})
    assert Tag.objects.get().name == "danno trasporto"
    assert client.post("/app/settings/tags/new", {"name": "danno trasporto"}).status_code == 422
    form = {
        "label": "Negozio",
        "key": "shop",
        "type": "choice",
        "choices": "Lucca\nPisa\nLucca",
        "position": 0,
    }
    assert client.post("/app/settings/fields/new", form).status_code == 302
    field = CustomField.objects.get()
    assert field.choices == ["Lucca", "Pisa"]
    client.post(f"/app/settings/fields/{field.pk}", form | {"key": "stolen", "label": "Bottega"})
    field.refresh_from_db()
    assert (field.key, field.label) == ("shop", "Bottega")


def test_a_private_team_needs_to_be_public_before_it_goes(company: Company) -> None:
    client = company.client("administrator")
    client.post(
        f"/app/settings/teams/{company.team.pk}",
        {"name": "Macchine", "slug": "macchine", "is_private": "on"},
    )
    client.post(f"/app/settings/teams/{company.team.pk}/delete")
    assert Team.objects.get().is_private


def test_parked_items_are_shown_and_tried_again(company: Company) -> None:
    channel = made(company)
    item = SpoolItem.objects.create(
        channel=channel,
        order_key="x",
        content_hash="0" * 64,
        source="smtp",
        size=1,
        received_at=clock.now(),
        body=b"x",
    )
    SpoolParked.objects.create(item=item, traceback="LookupError: <script>alert(1)</script>")
    client = company.client("administrator")
    page = client.get("/app/settings/system").content.decode()
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert(1)" not in page
    client.post(f"/app/settings/system/spool/{item.pk}/replay")
    assert SpoolTodo.objects.filter(item=item).exists()
    assert not SpoolParked.objects.exists()


def test_the_audit_log_filters_and_pages(company: Company) -> None:
    AuditEntry.objects.all().delete()
    for number in range(60):
        AuditEntry.objects.create(
            actor="system", action="tag.saved", subject=f"etichetta-{number:02d}", changes={}
        )
    AuditEntry.objects.create(
        actor="system",
        action="brand.saved",
        subject="marchio",
        changes={"colour": ["#000000", "#111111"]},
    )
    client = company.client("administrator")
    first = client.get("/app/settings/audit", {"area": "tag"})
    assert "marchio" not in first.content.decode()
    assert "etichetta-59" in first.content.decode()
    older = client.get(
        "/app/settings/audit", {"area": "tag", "before": first.context["older"]}
    ).content.decode()
    assert "etichetta-09" in older
    assert "etichetta-10" not in older
    for wrong in ({"area": "' OR 1=1"}, {"before": "9" * 30}, {"before": "x"}, {"who": "%"}):
        assert client.get("/app/settings/audit", wrong).status_code == 200
