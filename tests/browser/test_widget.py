"""The site chat in a real browser, on the demo shop and on a hostile page."""

# ruff: noqa: F811  (fixtures are imported by name)

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from sportello.core.clock import now
from sportello.core.models import StoredFile
from sportello.tickets import actions
from sportello.tickets.models import Message, Ticket
from tests import walk
from tests.waiting import eventually
from tests.widget.conftest import Door, _close_live, door  # noqa: F401
from tests.widget.test_door import allow


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="it-IT")
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext, door: Door) -> Page:
    page = context.new_page()
    page.set_default_timeout(8_000)
    page.goto(f"{door.url}/demo/shop?lang=it")
    return page


def answer(door: Door, text: str) -> Message:
    return actions.reply(
        ticket=Ticket.objects.latest("pk"), actor=door.shop.actor(), now=now(), text=text
    )


def begin(page: Page, question: str = "La Moka da 6 c’è?") -> None:
    page.get_by_role("button", name="Apri la chat").click()
    page.get_by_label("La tua domanda").fill(question)
    page.get_by_label("Nome").fill("Sofia Neri")
    page.get_by_role("button", name="Inizia la chat").click()
    expect(page.locator(".state")).to_have_text("Inviato")
    eventually(Ticket.objects.exists)


def test_a_visitor_asks_and_an_agent_answers(page: Page, door: Door) -> None:
    begin(page)
    expect(page.locator(".queue")).to_contain_text("Tocca a te")
    ticket = walk.only_ticket()
    assert ticket.contact.name == "Sofia Neri"
    sent = answer(door, "Sì, guarda https://shop.example/moka <b>qui</b>")
    bubble = page.locator(".b:not(.me):not(.dots)")
    expect(bubble).to_contain_text("<b>qui</b>")
    expect(bubble.get_by_role("link")).to_have_attribute("rel", re.compile("noopener"))
    expect(page.locator(".w h2")).to_have_text("Giulia, Shop")
    expect(page.locator(".queue")).to_be_hidden()
    eventually(lambda: sent.deliveries.get().state == "read")


def test_an_answer_shows_on_the_bubble_while_the_window_is_shut(page: Page, door: Door) -> None:
    begin(page)
    page.get_by_role("button", name="Riduci").click()
    answer(door, "eccomi")
    expect(page.locator(".bubble .n")).to_have_text("1")
    page.reload()
    expect(page.locator(".bubble .n")).to_have_text("1")
    page.get_by_role("button", name="1 messaggio nuovo").click()
    expect(page.locator(".b", has_text="eccomi")).to_be_visible()
    expect(page.locator(".bubble .n")).to_be_hidden()


def test_a_button_under_the_answer_says_its_title_and_goes(page: Page, door: Door) -> None:
    begin(page)
    actions.reply(
        ticket=Ticket.objects.latest("pk"), actor=door.shop.actor(), now=now(), text="Va bene giovedì?",
        choices=["Sì, grazie", "No"],
    )  # fmt: skip
    page.locator(".choices").get_by_role("button", name="Sì, grazie").click()
    expect(page.locator(".b.me").last).to_have_text("Sì, grazie")
    expect(page.locator(".choices")).to_be_hidden()
    eventually(lambda: Message.objects.filter(direction="in", text="Sì, grazie").count() == 1)


def test_what_is_typed_offline_is_sent_once_even_after_a_reload(
    page: Page, context: BrowserContext, door: Door
) -> None:
    begin(page)
    context.set_offline(True)
    box = page.get_by_label("Scrivi un messaggio")
    box.fill("scritto in galleria")
    box.press("Enter")
    expect(page.locator(".state")).to_contain_text("Aspetta la rete")
    expect(page.locator(".bar")).to_contain_text("Senza rete")
    context.set_offline(False)
    page.reload()
    eventually(lambda: Message.objects.filter(text="scritto in galleria").count() == 1)
    page.get_by_role("button", name=re.compile("Apri la chat")).click()
    expect(page.locator(".b", has_text="scritto in galleria")).to_have_count(1)
    assert "scritto" not in page.evaluate(
        "JSON.stringify(JSON.parse(Object.values(localStorage)[0]).outbox)"
    )


def test_a_server_that_was_away_is_found_again_and_nothing_is_missed(
    page: Page, context: BrowserContext, door: Door
) -> None:
    begin(page)
    context.set_offline(True)
    answer(door, "uno")
    answer(door, "due")
    context.set_offline(False)
    expect(page.locator(".b:not(.me):not(.dots)")).to_have_text(["uno", "due"])


def test_by_keyboard_alone(page: Page, door: Door) -> None:
    bubble = page.get_by_role("button", name="Apri la chat")
    bubble.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("La tua domanda")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_label("La tua domanda")).to_be_focused()
    expect(page.get_by_text("Scrivi la tua domanda.")).to_be_visible()
    page.keyboard.type("Con la tastiera")
    for _ in range(3):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Scrivi un messaggio")).to_be_focused()
    page.keyboard.type("riga uno")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("riga due")
    page.keyboard.press("Enter")
    expect(page.locator(".b.me").nth(1)).to_have_text("riga uno\nriga due", use_inner_text=True)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Scrivi un messaggio")).to_have_value("😄")
    page.keyboard.press("Escape")
    expect(page.locator(".w")).to_be_hidden()
    expect(page.locator(".bubble")).to_be_focused()


def test_the_log_is_announced_politely_and_the_window_has_a_name(page: Page, door: Door) -> None:
    begin(page)
    log = page.get_by_role("log")
    expect(log).to_have_attribute("aria-live", "polite")
    expect(page.get_by_role("dialog", name="Shop")).to_be_visible()


def test_full_screen_on_a_phone_traps_the_focus(browser: Browser, door: Door) -> None:
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, reduced_motion="reduce"
    )
    page = context.new_page()
    page.goto(f"{door.url}/demo/shop?lang=it")
    page.get_by_role("button", name="Apri la chat").click()
    window = page.get_by_role("dialog")
    expect(window).to_have_attribute("aria-modal", "true")
    box = window.bounding_box()
    assert box is not None
    assert [round(box[side]) for side in ("x", "y", "width", "height")] == [0, 0, 390, 844]
    for _ in range(12):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.localName") == "sportello-chat"
    sizes = page.evaluate(
        "[...document.querySelector('sportello-chat').shadowRoot.querySelectorAll('input:not([type=file]),textarea')]"
        ".map(e => parseFloat(getComputedStyle(e).fontSize))"
    )
    assert min(sizes) >= 16
    context.close()


def test_a_file_goes_up_and_belongs_to_the_message(page: Page, door: Door) -> None:
    begin(page)
    picture = {"name": "tazza.png", "mimeType": "image/png", "buffer": PIXEL}
    page.locator("input[type=file]").set_input_files([picture])  # type: ignore[list-item]
    expect(page.get_by_role("button", name="Togli tazza.png")).to_be_visible()
    page.get_by_role("button", name="Invia", exact=True).click()
    expect(page.locator("img.photo")).to_be_visible()
    assert page.locator("img.photo").evaluate("i => i.decode().then(() => i.naturalWidth)") == 1
    assert StoredFile.objects.get().bound
    page.locator("input[type=file]").set_input_files(
        [{"name": "x.html", "mimeType": "text/html", "buffer": b"<p>"}]
    )
    expect(page.get_by_role("alert")).to_contain_text("non si può mandare")


def test_outside_opening_hours_a_message_needs_an_address(page: Page, door: Door) -> None:
    from sportello.hours.models import Calendar

    expect(
        page.locator(".bubble")
    ).to_be_visible()  # else the first page's question keeps the old answer
    door.shop.chat.calendar = Calendar.objects.create(name="Never", weekly={})
    door.shop.chat.save()
    allow(door)
    page.reload()
    page.get_by_role("button", name="Apri la chat").click()
    expect(page.get_by_role("heading", name="Lasciaci un messaggio")).to_be_visible()
    page.get_by_label("La tua domanda").fill("Quando aprite?")
    page.get_by_role("button", name="Invia il messaggio").click()
    expect(page.get_by_text("Scrivi un indirizzo e-mail")).to_be_visible()
    page.get_by_label("E-mail").fill("sofia@posta.example")
    page.get_by_role("button", name="Invia il messaggio").click()
    expect(page.locator(".state")).to_have_text("Inviato")


def test_end_and_reopen(page: Page, door: Door) -> None:
    begin(page)
    expect(page.locator(".queue")).to_be_visible()
    page.get_by_role("button", name="Altro").click()
    page.get_by_role("menuitem", name="Termina la chat").click()
    expect(page.get_by_role("heading", name=re.compile("Chat conclusa"))).to_be_visible()
    assert walk.only_ticket().status == "solved"
    page.get_by_role("button", name="Riapri").click()
    box = page.get_by_label("Scrivi un messaggio")
    box.fill("non era tutto")
    box.press("Enter")
    eventually(lambda: walk.only_ticket().status in {"new", "open"})
    expect(page.locator(".b.me")).to_have_count(2)


def test_a_hostile_page_gets_nothing_by_post_message(
    page: Page, context: BrowserContext, door: Door
) -> None:
    begin(page)
    before = page.locator(".b").count()
    page.evaluate(
        """() => { const verbs = ["open", "close", "say", "identify", "reset", "hello", "token", "set"];
        for (const verb of verbs) for (const data of [verb, {type: verb}, {sportello: verb}, JSON.stringify({[verb]: {}})])
          { window.postMessage(data, "*"); document.querySelector("sportello-chat").shadowRoot.dispatchEvent(new MessageEvent("message", {data})); }
        window.heard = []; addEventListener("message", e => window.heard.push(e.data)); }"""
    )
    frame = "<iframe srcdoc=\"<script>parent.postMessage({type:'say',text:'x'},'*')</script>\"></iframe>"
    page.evaluate("html => document.body.insertAdjacentHTML('beforeend', html)", frame)
    page.wait_for_timeout(400)
    assert page.locator(".b").count() == before
    expect(page.locator(".w")).to_be_visible()
    token = page.evaluate("JSON.parse(Object.values(localStorage)[0]).token")
    assert len(token) == 43
    assert token not in page.evaluate("JSON.stringify(window.heard)")


def test_a_site_that_is_not_listed_shows_no_chat(context: BrowserContext, door: Door) -> None:
    allow(door, origins="https://example.com")
    page = context.new_page()
    html = f'<html><body><h1>Shop</h1><script async src="{door.url}/widget.js" data-channel="{door.shop.chat.public_id}"></script></body></html>'
    for site, shown in (("https://example.com", 1), ("https://evil-example.com", 0)):
        page.route(f"{site}/", lambda route: route.fulfill(body=html, content_type="text/html"))
        page.goto(f"{site}/")
        page.wait_for_timeout(600)
        assert page.locator("sportello-chat").count() == shown


def test_a_foreign_page_with_odd_styles_cannot_bend_the_chat(
    context: BrowserContext, door: Door
) -> None:
    allow(door, origins="https://example.com")
    page = context.new_page()
    page.set_default_timeout(8_000)
    html = f"""<html lang="en" style="font-size:40px"><head><style>* {{ color: red !important; font: 40px serif !important }}
      button {{ display: none !important }}</style></head><body><h1>Shop</h1>
      <script async src="{door.url}/widget.js" data-channel="{door.shop.chat.public_id}"></script></body></html>"""
    page.route(
        "https://example.com/", lambda route: route.fulfill(body=html, content_type="text/html")
    )
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto("https://example.com/")
    page.get_by_role("button", name="Open the chat with Shop").click()
    page.get_by_label("Your question").fill("Hello")
    page.get_by_role("button", name="Start the chat").click()
    expect(page.locator(".b.me")).to_have_css("font-size", "14px")
    assert all(
        url.startswith((door.url, "https://example.com", f"ws://localhost:{door.port}"))
        for url in requests
    )


PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63606060000000040001f61738550000000049454e44ae426082"
)
