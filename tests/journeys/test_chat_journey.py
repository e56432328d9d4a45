"""A visitor and an agent in two browsers, on the real process tree."""

from __future__ import annotations

import re
import statistics
import time
import uuid
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.screens import sign_in
from tests.order import MOVING_IN
from tests.tree import Tree

expect.set_options(timeout=15_000)
pytestmark = pytest.mark.timeout(MOVING_IN)
GIULIA, MARCO = "giulia@bottega-aurora.example", "marco@bottega-aurora.example"
PASSWORD = "aurora-demo"


def context_of(browser: Browser) -> BrowserContext:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="it-IT")
    context.set_default_timeout(15_000)
    return context


@pytest.fixture
def visitor(browser: Browser, sportello_server: Tree) -> Iterator[Page]:
    with_context = context_of(browser)
    page = with_context.new_page()
    page.goto(f"{sportello_server.url}/demo/shop?lang=it")
    yield page
    with_context.close()


@pytest.fixture
def giulia(browser: Browser, sportello_server: Tree) -> Iterator[Page]:
    context = context_of(browser)
    yield sign_in(context, sportello_server.url, GIULIA, PASSWORD)
    context.close()


@pytest.fixture
def marco(browser: Browser, sportello_server: Tree) -> Iterator[Page]:
    context = context_of(browser)
    yield sign_in(context, sportello_server.url, MARCO, PASSWORD)
    context.close()


def ask(page: Page, question: str, *, email: str = "") -> None:
    page.get_by_role("button", name="Apri la chat").click()
    page.get_by_label("La tua domanda").fill(question)
    page.get_by_label("Nome").fill("Sofia Neri")
    if email:
        page.get_by_label("E-mail").fill(email)
    page.get_by_role("button", name="Inizia la chat").click()


def open_ticket(agent: Page, url: str, words: str) -> None:
    """From the inbox: the row with these words."""
    row = agent.locator("#rows .row", has_text=words).first
    for _ in range(30):
        agent.goto(f"{url}/app/inbox/all")
        if row.count():
            break
        agent.wait_for_timeout(300)
    row.click()
    expect(agent.locator("#composer textarea[name=text]")).to_be_visible()


def answer(agent: Page, text: str) -> None:
    agent.locator("#composer textarea[name=text]").fill(text)
    agent.locator("#composer textarea[name=text]").press("Control+Enter")


def test_question_answer_and_back_live(visitor: Page, giulia: Page, sportello_server: Tree) -> None:
    mark = f"moka {uuid.uuid4().hex[:8]}"
    giulia.goto(f"{sportello_server.url}/app/inbox/all")
    ask(visitor, f"C’è la {mark} in negozio?")
    fresh = giulia.locator("#rows .row", has_text=mark)
    announced = giulia.get_by_text(re.compile(r"ticket nuov[oi]"))
    expect(fresh.or_(announced).first).to_be_visible()
    open_ticket(giulia, sportello_server.url, mark)
    answer(giulia, "Sì, ce ne sono due.")
    expect(visitor.get_by_text("Sì, ce ne sono due.")).to_be_visible()
    visitor.get_by_label("Scrivi un messaggio").fill("Grazie, passo alle cinque.")
    visitor.get_by_label("Scrivi un messaggio").press("Enter")
    expect(
        giulia.locator("#timeline, .timeline").get_by_text("Grazie, passo alle cinque.")
    ).to_be_visible()


def test_the_echo_takes_less_than_a_second(
    visitor: Page, giulia: Page, sportello_server: Tree
) -> None:
    """p50 from Enter in one browser to the words in the other, pages and all."""
    mark = uuid.uuid4().hex[:8]
    ask(visitor, f"Prova {mark}")
    open_ticket(giulia, sportello_server.url, mark)
    box = visitor.get_by_label("Scrivi un messaggio")
    times = []
    for n in range(7):
        words = f"messaggio {n} {mark}"
        box.fill(words)
        began = time.monotonic()
        box.press("Enter")
        giulia.get_by_text(words, exact=True).first.wait_for()
        times.append(time.monotonic() - began)
    assert statistics.median(times) <= 1.0, times


def test_two_agents_answering_at_once_are_warned(
    visitor: Page, giulia: Page, marco: Page, sportello_server: Tree
) -> None:
    mark = uuid.uuid4().hex[:8]
    ask(visitor, f"Chi mi risponde? {mark}")
    open_ticket(giulia, sportello_server.url, mark)
    open_ticket(marco, sportello_server.url, mark)
    marco.locator("#composer textarea[name=text]").type("Rispondo io")
    expect(giulia.locator(".collision")).to_contain_text("Marco")
    answer(giulia, "Risposta di Giulia.")
    expect(visitor.get_by_text("Risposta di Giulia.")).to_be_visible()
    expect(marco.get_by_text("Risposta di Giulia.").first).to_be_visible()


def test_who_left_gets_the_answer_by_mail(
    browser: Browser, giulia: Page, sportello_server: Tree
) -> None:
    sportello_server.command(
        "manage",
        "shell",
        "-v",
        "0",
        "-c",
        "from sportello.accounts.models import Company; Company.objects.update(chat_gone_seconds=2)",
    )
    mark = uuid.uuid4().hex[:8]
    address = f"sofia.{mark}@posta.example"
    context = context_of(browser)
    page = context.new_page()
    page.goto(f"{sportello_server.url}/demo/shop?lang=it")
    ask(page, f"Fate spedizioni in Sardegna? {mark}", email=address)
    open_ticket(giulia, sportello_server.url, mark)
    context.close()
    time.sleep(1)
    answer(giulia, "Sì, in tre giorni.")
    assert sportello_server.sink is not None
    mail = sportello_server.sink.wait_for(lambda m: address in str(m["To"]), timeout=40)
    body = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "/proof/" in body
    assert "tre giorni" not in body
