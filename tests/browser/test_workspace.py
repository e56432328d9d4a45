"""The desk in Chromium: by keyboard, with two agents at one ticket, while mail comes in."""

from __future__ import annotations

import re
import smtplib
import time
from collections.abc import Callable, Iterator
from email.message import EmailMessage

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.screens import sign_in
from tests.tree import Tree

PASSWORD = "aurora-demo"
MAILBOX = "assistenza@bottega-aurora.example"
type Sit = Callable[[str], Page]


@pytest.fixture
def sit(browser: Browser, sportello_server: Tree) -> Iterator[Sit]:
    """A desk of one's own: signed in, with no errors on its console."""
    contexts, complaints = [], []

    def at_desk(name: str) -> Page:
        context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="it-IT")
        contexts.append(context)
        page = sign_in(context, sportello_server.url, f"{name}@bottega-aurora.example", PASSWORD)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda said: (
                complaints.append(said.text) if "Content Security Policy" in said.text else None
            ),
        )
        return page

    yield at_desk
    for context in contexts:
        context.close()
    assert not complaints


def write_in(
    server: Tree, subject: str, text: str, sender: str = "nuova.cliente@posta.example"
) -> None:
    """A customer's mail, by SMTP."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, MAILBOX, subject
    message["Message-ID"] = f"<{time.time_ns()}@posta.example>"
    message.set_content(text)
    with smtplib.SMTP("localhost", server.smtp_port) as smtp:
        smtp.send_message(message)


def fresh_ticket(server: Tree, page: Page, subject: str) -> str:
    """A new ticket by mail; answers its address."""
    write_in(server, subject, f"Buongiorno, {subject}?", f"c{time.time_ns()}@posta.example")
    for _ in range(40):
        page.goto(f"{server.url}/app/inbox/all?q={subject.split()[-1]}")
        row = page.locator("#rows .row", has_text=subject)
        if row.count():
            return f"{server.url}/app/tickets/{row.first.get_attribute('data-number')}?view=all"
        page.wait_for_timeout(250)
    raise AssertionError("The mail did not become a ticket.")


def test_a_day_by_keyboard(sit: Sit, sportello_server: Tree) -> None:
    page = sit("giulia")
    page.goto(f"{sportello_server.url}/app/inbox/all")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("#ticket[data-number]")).to_be_visible()
    expect(page.locator("#rows .row.sel")).to_have_count(1)
    assert "/app/tickets/" in page.url
    page.keyboard.press("n")
    expect(page.locator("#composer")).to_have_class(re.compile("as-note"))
    page.keyboard.type("Da tastiera")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#tail .msg.note").last).to_contain_text("Da tastiera")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    page.keyboard.type("> non")
    expect(page.locator("#palette .it.is-on")).to_contain_text("non assegnate")
    page.keyboard.press("Enter")
    page.wait_for_url("**/app/inbox/unassigned")
    page.keyboard.press("?")
    expect(page.locator("#keysheet")).to_be_visible()


def test_an_answer_is_taken_back_with_z(sit: Sit, sportello_server: Tree) -> None:
    page = sit("giulia")
    page.goto(fresh_ticket(sportello_server, page, "Zuccheriera arancio"))
    page.keyboard.press("r")
    page.keyboard.type("Subito da lei")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".toast")).to_contain_text("Annulla")
    expect(page.locator("#tail .msg.out")).to_have_count(1)
    page.locator("#composer textarea").blur()
    page.keyboard.press("z")
    expect(page.locator("#tail .msg.out")).to_have_count(0)
    expect(page.locator("#composer textarea")).to_have_value("Subito da lei")


def test_what_arrives_announces_itself_and_moves_nothing(sit: Sit, sportello_server: Tree) -> None:
    page = sit("giulia")
    page.goto(f"{sportello_server.url}/app/inbox/all")
    page.wait_for_timeout(700)
    first = page.locator("#rows .row").first.get_attribute("id")
    write_in(sportello_server, "Arrivo annunciato", "Buongiorno", "arrivo@posta.example")
    expect(page.locator("#fresh-bar")).to_be_visible(timeout=10_000)
    assert page.locator("#rows .row").first.get_attribute("id") == first
    page.keyboard.press(".")
    expect(page.locator("#rows .row").first).to_contain_text("Arrivo annunciato")
    expect(page.locator("#fresh-bar")).to_be_hidden()


def test_a_new_message_appears_while_one_writes(sit: Sit, sportello_server: Tree) -> None:
    page = sit("giulia")
    url = fresh_ticket(sportello_server, page, "Macinino verde")
    page.goto(url)
    page.fill("#composer textarea", "Sto scrivendo")
    colleague = sit("marco")
    colleague.goto(url)
    colleague.keyboard.press("n")
    colleague.keyboard.type("Una nota per te")
    colleague.keyboard.press("Control+Enter")
    expect(page.locator("#tail .msg.note")).to_contain_text("Una nota per te")
    expect(page.locator("#composer textarea")).to_have_value("Sto scrivendo")


def test_two_answers_do_not_cross(sit: Sit, sportello_server: Tree) -> None:
    giulia, marco = sit("giulia"), sit("marco")
    url = fresh_ticket(sportello_server, giulia, "Caffettiera doppia")
    giulia.goto(url)
    marco.goto(url)
    giulia.keyboard.press("r")
    giulia.keyboard.type("Rispondo io al cliente")
    expect(marco.locator(".collision")).to_contain_text("Giulia")
    giulia.keyboard.press("Control+Enter")
    expect(marco.locator("#tail .msg.out")).to_contain_text("Rispondo io")
    marco.fill("#composer textarea", "Anche io")
    marco.keyboard.press("Control+Enter")
    expect(marco.locator(".problem")).to_contain_text("Giulia")
    expect(marco.locator("#tail .msg.out")).to_have_count(1)
    expect(marco.locator(".split [type=submit]").first).to_contain_text("Invia lo stesso")
    marco.click(".split [type=submit] >> nth=0")
    expect(marco.locator("#tail .msg.out")).to_have_count(2)


def test_writing_survives_a_closed_tab(sit: Sit, sportello_server: Tree) -> None:
    page = sit("giulia")
    url = fresh_ticket(sportello_server, page, "Bozza salvata")
    page.goto(url)
    page.fill("#composer textarea", "A metà frase")
    expect(page.locator(".hint")).to_contain_text("bozza salvata")
    page.goto(f"{sportello_server.url}/app/inbox/all")
    expect(page.locator("#rows .draft").first).to_be_visible()
    page.goto(url)
    expect(page.locator("#composer textarea")).to_have_value("A metà frase")


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (1100, 800), (768, 1024), (390, 844)])
def test_nothing_is_wider_than_the_window(
    browser: Browser, sportello_server: Tree, width: int, height: int
) -> None:
    context = browser.new_context(viewport={"width": width, "height": height}, locale="it-IT")
    page = sign_in(context, sportello_server.url, "giulia@bottega-aurora.example", PASSWORD)
    for address in ("/app/inbox/all", "/app/contacts"):
        page.goto(sportello_server.url + address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.goto(f"{sportello_server.url}/app/inbox/all")
    page.locator("#rows .row").first.click()
    expect(page.locator("#composer")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if width < 640:
        expect(page.locator("#list")).to_be_hidden()
        page.click("[data-back]")
        expect(page.locator("#list")).to_be_visible()
    context.close()
