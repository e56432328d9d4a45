"""Answering elsewhere in the browser: one key, the line that leads over, templates, text messages counted."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.screens import sign_in
from tests.tree import Tree
from tests.vendors.graph import TOKEN, Graph

SUBJECT = "Guarnizione della moka"
BODY = "Buongiorno {{1}}, l'ordine {{2}} è pronto in bottega."
PASSWORD = "aurora-demo"


@dataclass
class Counter:
    """One customer with an e-mail address, a proved number and WhatsApp, on which he has never written."""

    url: str
    token: str
    number: int

    def call(self, method: str, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        request = urllib.request.Request(
            f"{self.url}/api/v1{path}", data, headers, method=method.upper()
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.loads(answer.read() or b"null")


def furnish(url: str, token: str, graph: str) -> Counter:
    """Channels and a customer; asked twice it makes a second customer and no second channel."""
    counter = Counter(url, token, 0)
    active = [c for c in counter.call("get", "/channels")["items"] if c["status"] != "off"]
    channels = {c["provider"]: c for c in active}
    if "twilio" not in channels:
        settings = {"account_sid": "AC1", "auth_token": "t", "from_number": "+39055000"}
        body = {
            "provider": "twilio",
            "name": "SMS",
            "settings": settings,
            "price": {"amount": 0.07},
        }
        counter.call("post", "/channels", body)
        settings = {"phone_number_id": "1", "access_token": TOKEN, "app_secret": "s", "verify_token": "v", "waba_id": "2"}  # fmt: skip
        body = {
            "provider": "whatsapp",
            "name": "WhatsApp negozio",
            "settings": settings | {"api_base": graph},
        }
        counter.call("post", "/channels", body)
    tag = len(counter.call("get", "/contacts?q=Chiara%20Ponte")["items"])
    addresses = [("email", f"chiara{tag}@ponte.example"), ("phone", f"+39055123456{tag}"), ("whatsapp", f"39055123456{tag}")]  # fmt: skip
    identities = [{"kind": k, "address": a, "verified": True} for k, a in addresses]
    contact = counter.call("post", "/contacts", {"name": "Chiara Ponte", "identities": identities})
    mail = next(c for c in counter.call("get", "/channels")["items"] if c["provider"] == "email")
    ticket = counter.call(
        "post", "/tickets",
        {"subject": SUBJECT, "text": "Quando arriva la guarnizione?", "contact": {"id": contact["id"]}, "channel": mail["id"]},
    )  # fmt: skip
    counter.number = ticket["number"]
    return counter


@pytest.fixture(scope="module")
def token(sportello_server: Tree) -> str:
    return sportello_server.token()


@pytest.fixture(scope="module")
def cloud() -> Iterator[Graph]:
    with Graph() as cloud:
        part = {"type": "BODY", "text": BODY}
        cloud.templates = [
            {"name": "ordine_pronto", "language": "it", "status": "APPROVED", "components": [part]}
        ]
        yield cloud


@pytest.fixture(scope="module")
def desk(browser: Browser, sportello_server: Tree, token: str, cloud: Graph) -> Iterator[Page]:
    """An administrator who has fetched the templates by the button on the channel's page."""
    url = sportello_server.url
    furnish(url, token, cloud.url)
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="it-IT")
    page = sign_in(context, url, "admin@bottega-aurora.example", PASSWORD)
    page.goto(f"{url}/app/settings/channels")
    page.get_by_role("link", name="WhatsApp negozio").click()
    page.get_by_role("button", name="Aggiorna l'elenco ora").click()
    expect(page.locator("#templates")).to_contain_text("ordine_pronto")
    yield page
    context.close()


@pytest.fixture
def counter(sportello_server: Tree, token: str, cloud: Graph) -> Counter:
    return furnish(sportello_server.url, token, cloud.url)


@pytest.fixture
def page(desk: Page, counter: Counter) -> Page:
    desk.goto(f"{counter.url}/app/tickets/{counter.number}?view=all")
    expect(desk.locator("#ticket[data-number]")).to_be_visible()
    return desk


def words(page: Page) -> str:
    return page.locator("#composer textarea").input_value()


def chosen(page: Page) -> str:
    return page.locator("#composer [name=channel]:checked").get_attribute("data-name") or ""


def test_one_key_answers_elsewhere_and_a_line_leads_over(page: Page, counter: Counter) -> None:
    page.keyboard.press("r")
    page.keyboard.type("Arriva domani.")
    assert chosen(page) == "Assistenza"
    page.keyboard.press("Alt+c")
    while chosen(page) != "SMS":
        page.keyboard.press("Alt+c")
    line, _gap, rest = words(page).partition("\n\n")
    assert SUBJECT in line
    assert rest == "Arriva domani."
    expect(page.locator(".bridge-bar")).to_be_visible()
    page.keyboard.type(" Buona giornata!")
    assert words(page).endswith("Arriva domani. Buona giornata!"), "the caret stays where it was"
    page.keyboard.press("Alt+1")
    assert chosen(page) == "Assistenza"
    assert words(page) == "Arriva domani. Buona giornata!"
    page.locator(".reach", has_text="SMS").click()
    assert SUBJECT in words(page)
    page.reload()
    expect(page.locator("#composer textarea")).to_have_value(
        f"{line}\n\nArriva domani. Buona giornata!"
    )
    page.locator("[data-bridge-off]").click()
    assert words(page) == "Arriva domani. Buona giornata!"
    page.keyboard.press("Control+Enter")
    expect(page.locator(".toast")).to_be_visible()
    sent = counter.call("get", f"/tickets/{counter.number}/messages")["items"][-1]
    assert sent["channel"]["provider"] == "twilio"
    assert sent["text"] == "Arriva domani. Buona giornata!"


def test_a_line_alone_is_neither_draft_nor_answer(page: Page, counter: Counter) -> None:
    page.locator(".reach", has_text="SMS").click()
    assert SUBJECT in words(page)
    page.locator("#composer textarea").click()
    page.keyboard.press("Control+Enter")
    page.wait_for_timeout(1200)
    assert len(counter.call("get", f"/tickets/{counter.number}/messages")["items"]) == 1
    page.reload()
    assert words(page) == ""


def test_outside_the_window_the_composer_says_why_and_offers_templates(
    page: Page, counter: Counter
) -> None:
    page.locator(".reach", has_text="WhatsApp").click()
    part = page.locator(".template-part")
    expect(part).to_contain_text("il cliente deve prima scrivere qui")
    expect(page.locator("#composer .box")).to_be_hidden()
    page.get_by_role("button", name="Invia e metti in attesa").click()
    expect(page.locator("#composer > .problem")).to_contain_text("Scegli un modello")
    part.locator("select").select_option("ordine_pronto/it")
    first, second = part.locator("[name=value]").all()
    first.fill("Chiara")
    expect(part.locator(".template-preview")).to_contain_text("Buongiorno Chiara, l'ordine {{2}}")
    second.fill("A-17")
    page.get_by_role("button", name="Invia e metti in attesa").click()
    expect(page.locator(".toast")).to_be_visible()
    sent = counter.call("get", f"/tickets/{counter.number}/messages")["items"][-1]
    assert sent["text"] == "Buongiorno Chiara, l'ordine A-17 è pronto in bottega."
    page.locator("[data-undo]").click()
    expect(part.locator("[name=value]").first).to_have_value("Chiara")


def test_text_messages_are_counted_priced_and_made_plain(page: Page) -> None:
    page.locator(".reach", has_text="SMS").click()
    page.locator("[data-bridge-off]").click()
    area, count = page.locator("#composer textarea"), page.locator("#composer .count")
    area.fill("a" * 231)
    expect(count).to_have_text("2 SMS · GSM-7 · 231/306 · ≈ 0,14 €")
    expect(page.locator(".parts details")).to_be_visible()
    area.fill("L’ordine è pronto – grazie")
    expect(count).to_contain_text("UCS-2")
    expect(page.locator(".foreign")).to_contain_text("“’”")
    page.locator("[data-plain]").click()
    assert words(page) == "L'ordine è pronto - grazie"
    expect(count).to_contain_text("1 SMS · GSM-7 · 26/160")
    expect(page.locator(".parts")).to_be_hidden()


def test_buttons_under_the_answer_survive_a_reload_and_leave(page: Page, counter: Counter) -> None:
    page.keyboard.press("r")
    page.keyboard.type("Va bene giovedì?")
    page.locator("[data-choices]").click()
    page.keyboard.type("Sì")
    page.keyboard.press("Enter")
    page.keyboard.type("No")
    page.keyboard.press("Enter")
    expect(page.locator(".choices .how")).to_have_text("come elenco numerato")
    page.wait_for_timeout(1000)
    page.reload()
    expect(page.locator(".choices .tag")).to_have_count(2)
    page.locator(".choices .tag button").first.click()
    expect(page.locator(".choices .tag")).to_have_count(1)
    page.locator("#composer textarea").click()
    page.keyboard.press("Control+Enter")
    expect(page.locator(".choices-sent")).to_have_text("No")


def test_a_file_the_channel_does_not_take_is_named_before_sending(page: Page) -> None:
    page.keyboard.press("r")
    page.keyboard.type("Ecco i conti.")
    page.locator("#composer input[type=file]").set_input_files(
        {"name": "conti.zip", "mimeType": "application/zip", "buffer": b"PK"}
    )
    expect(page.locator(".attach[data-key]")).to_contain_text("conti.zip")
    expect(page.locator(".misfit")).to_be_hidden()
    page.locator(".reach", has_text="SMS").click()
    expect(page.locator(".misfit")).to_contain_text("SMS non accetta “conti.zip”")
    expect(page.locator(".attach.bad")).to_be_visible()
    page.locator(".attach button").click()
    expect(page.locator(".misfit")).to_be_hidden()


def test_all_ways_are_listed_with_what_one_chooses_by(page: Page) -> None:
    page.locator(".ways-open").click()
    menu = page.locator("#menu")
    expect(menu).to_contain_text("≈ 0,07 € per ogni parte")
    expect(menu).to_contain_text("mai usato finora")
    menu.locator(".way", has_text="SMS").click()
    expect(menu).to_be_hidden()
    assert chosen(page) == "SMS"
