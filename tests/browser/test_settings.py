"""The settings and the door in a real browser: passkeys, the colour that passes, every page at every width."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from sportello.accounts import actions
from sportello.accounts.models import Agent, Brand, Team
from sportello.accounts.queries import forget_company
from sportello.automation.models import SavedReply
from sportello.channels.actions import create_channel
from sportello.channels.models import Channel
from sportello.core.actors import SYSTEM
from sportello.core.models import SentMail
from sportello.hours.models import Calendar
from sportello.tickets.models import CustomField, Tag
from tests.browser.screens import OUT, PICTURES, WIDTHS

PASSWORD = "lungo-abbastanza-9"
MAIL = "admin@bottega-aurora.example"
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def house(settings: Any, live_server: Any) -> str:
    """Bottega Aurora in small, served."""
    settings.SPORTELLO_DEMO = True
    settings.EMAIL_URL = ""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    settings.SPORTELLO_URL = url = live_server.url.replace("127.0.0.1", "localhost")
    forget_company()
    actions.save_company(values={"name": "Bottega Aurora"}, actor=SYSTEM)
    boss = actions.create_agent(
        email=MAIL, name="Aurora Bianchi", role="administrator", password=PASSWORD
    )
    brand = Brand.objects.create(name="Bottega Aurora", slug="aurora")
    team = Team.objects.create(name="Macchine", slug="macchine")
    Calendar.objects.create(name="Negozio", weekly={"0": [["09:00", "13:00"], ["14:00", "18:00"]]})
    create_channel(
        provider="email",
        name="Assistenza",
        brand=brand,
        team=team,
        settings={"address": "assistenza@bottega-aurora.example", "imap_password": "geheim-geheim"},
    )
    create_channel(
        provider="webchat", name="Chat", brand=brand, settings={"origins": "https://a.example"}
    )
    SavedReply.objects.create(shortcut="rimborso", title="Rimborso", text="Ciao", created_by=boss)
    Tag.objects.create(name="garanzia")
    CustomField.objects.create(key="order", label="Numero d’ordine")
    raw = b"Subject: Ciao\r\nContent-Type: text/html\r\n\r\n<p>Ciao</p>"
    SentMail.objects.create(sender=MAIL, recipients=[MAIL], subject="Ciao", raw=raw)
    return url


def sign_in(context: BrowserContext, url: str) -> Page:
    page = context.new_page()
    page.set_default_timeout(10_000)
    page.goto(f"{url}/accounts/login/")
    page.get_by_label("E-mail").fill(MAIL)
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Entra", exact=True).click()
    page.wait_for_url("**/app/**")
    return page


def addresses() -> dict[str, str]:
    boss = Agent.objects.get(email=MAIL)
    row = {
        "brand": Brand,
        "calendar": Calendar,
        "team": Team,
        "reply": SavedReply,
        "tag": Tag,
        "field": CustomField,
    }
    folders = {"calendar": "hours", "reply": "replies"}
    named = {
        name: f"/app/settings/{folders.get(name, name + 's')}/{model.objects.get().pk}"
        for name, model in row.items()
    }
    lists = "profile notices company brands hours teams agents agents/invite channels channels/new channels/new/email replies tags fields tokens tokens/new audit system"
    named |= {name.replace("/", "-"): f"/app/settings/{name}" for name in lists.split()}
    named |= {
        f"channel-{c.provider}": f"/app/settings/channels/{c.pk}" for c in Channel.objects.all()
    }
    return named | {
        "agent": f"/app/settings/agents/{boss.pk}",
        "outbox": "/app/outbox",
        "mail": f"/app/outbox/{SentMail.objects.get().pk}",
        "second-factor": "/accounts/2fa/",
        "sessions": "/accounts/sessions/",
        "password": "/accounts/password/change/",
    }


@pytest.mark.timeout(180)
def test_every_page_fits_every_width_and_complains_of_nothing(browser: Browser, house: str) -> None:
    """Also in the dark, looked at where it is narrowest. ``PICTURES=1`` leaves a picture of each, all of them in both."""
    looks = [(width, "light") for width in WIDTHS]
    looks += [(width, "dark") for width in WIDTHS] if PICTURES else [(min(WIDTHS), "dark")]
    context = browser.new_context(locale="it-IT")
    page = sign_in(context, house)
    complaints: list[str] = []
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    for name, address in addresses().items():
        answer = page.goto(house + address)
        assert answer is not None
        assert answer.status == 200, name
        for width, theme in looks:
            page.set_viewport_size({"width": width, "height": WIDTHS[width]})
            page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
            wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
            assert not wide, (name, width, theme)
            if PICTURES:
                page.screenshot(path=OUT / f"settings-{name}-{width}-{theme}.png")
    context.close()
    # The stand-in server has no sockets: only the desk's own connection may fail.
    assert [c for c in complaints if "/ws" not in c and "WebSocket" not in c] == []


def test_a_passkey_is_made_and_opens_the_door(browser: Browser, house: str) -> None:
    context = browser.new_context(locale="it-IT")
    page = sign_in(context, house)
    devices = context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    page.goto(f"{house}/accounts/2fa/webauthn/add/")
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Continua").click()
    page.locator("[name=passwordless]").check()
    page.get_by_role("button", name="Aggiungi").click()
    page.wait_for_url("**/recovery-codes/")
    expect(page.locator("#codes")).to_have_value(re.compile(r"(\S+\s+){9}\S+"))
    page.goto(f"{house}/accounts/logout/")
    page.get_by_role("button", name="Esci").click()
    page.goto(f"{house}/accounts/login/")
    page.get_by_role("button", name="Entra con una passkey").click()
    page.wait_for_url("**/app/**")
    context.close()


def test_a_pale_colour_is_refused_and_the_offered_one_taken(browser: Browser, house: str) -> None:
    context = browser.new_context(locale="it-IT")
    page = sign_in(context, house)
    page.goto(f"{house}/app/settings/brands/{Brand.objects.get().pk}")
    page.get_by_label("Colore").fill("#ffcc66")
    page.get_by_role("button", name="Salva").click()
    expect(page.locator(".why")).to_contain_text("#a16b00")
    page.locator("[data-use]").click()
    page.get_by_role("button", name="Salva").click()
    page.wait_for_url("**/brands")
    expect(page.get_by_role("status").first).to_contain_text("Salvato")
    assert Brand.objects.get().colour == "#a16b00"
    context.close()


def test_a_secret_is_seen_while_it_is_typed_and_never_again(browser: Browser, house: str) -> None:
    context = browser.new_context(locale="it-IT")
    page = sign_in(context, house)
    page.goto(f"{house}/app/settings/channels/new/email")
    secret = page.locator("[name=setting-imap_password]")
    secret.fill("nuovo-segreto")
    page.locator("[data-reveal=id_setting-imap_password]").click()
    expect(secret).to_have_attribute("type", "text")
    page.locator("[name=setting-address]").fill("altra@bottega-aurora.example")
    page.get_by_role("button", name="Salva spento").click()
    expect(page.locator(".pill", has_text="spento")).to_be_visible()
    assert "nuovo-segreto" not in page.content()
    expect(secret).to_have_value("")
    expect(secret).to_have_attribute("placeholder", "••••••••")
    context.close()
