"""What an agent shapes in the composer survives a reload and an answer that is taken back."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, expect

from tests.browser.screens import sign_in
from tests.tree import Tree


def test_bold_words_come_back_after_a_reload_and_after_undo(
    browser: Browser, sportello_server: Tree
) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="it-IT")
    page = sign_in(context, sportello_server.url, "giulia@bottega-aurora.example", "aurora-demo")
    page.goto(f"{sportello_server.url}/app/inbox/all?q=gruppo")
    page.locator("#rows .row").first.click()
    expect(page.locator("#ticket[data-number]")).to_be_visible()
    page.keyboard.press("r")
    page.locator("[data-rich]").click()
    bold = page.get_by_role("button", name="Grassetto")
    expect(bold).to_have_attribute("aria-pressed", "false")
    page.locator(".rich").press_sequentially("Gentile ")
    bold.click()
    expect(bold).to_have_attribute("aria-pressed", "true")
    page.keyboard.type("Chiara")
    page.reload()  # at once: what the closing page sends may arrive after the next page was asked for
    expect(page.locator(".rich")).to_have_text("Gentile Chiara")
    expect(page.locator(".rich strong")).to_have_text("Chiara")
    expect(page.locator("#composer .hint")).to_contain_text(re.compile(r"\d\d:\d\d"))
    page.locator(".rich").click()
    page.keyboard.press("Control+Enter")
    expect(page.locator(".toast")).to_be_visible()
    page.locator("[data-undo]").click()
    expect(page.locator(".rich strong")).to_have_text("Chiara")
    context.close()
