"""No serious violation by axe-core on any page, light and dark; 200 % zoom loses nothing; motion can be switched off."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect

from tests.browser.screens import sign_in
from tests.tree import Tree

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
PAGES = (
    "inbox/all",
    "inbox/all?q=zzzz",
    "contacts",
    "outbox",
    *("settings/" + name for name in ("profile", "notices", "company", "brands/1", "hours/1", "teams", "agents", "audit", "system")),
    *("settings/" + name for name in ("channels", "channels/new", "channels/1", "replies/1", "tags", "fields", "fields/new", "consents", "consents/new", "tokens/new")),
)  # fmt: skip


LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
COLOURS = ["color-contrast", "link-in-text-block"]
"""The rules that ask how something looks; all others read the document, which is the same in the dark."""


def violations(page: Page) -> list[str]:
    """The serious and critical ones in either theme, a line each: rule, where, what is wrong."""
    page.evaluate(AXE.read_text("utf-8"))
    found: list[dict[str, Any]] = []
    for theme, rules in {"light": LEVELS, "dark": COLOURS}.items():
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        found += page.evaluate(
            "only => axe.run(document, {resultTypes: ['violations'], runOnly: only}).then(r => r.violations)",
            {"type": "rule" if rules is COLOURS else "tag", "values": rules},
        )
    return [
        f"{page.url} {rule['id']}: {node['html'][:120]} {node['failureSummary'][:160]}"
        for rule in found
        if rule["impact"] in {"serious", "critical"}
        for node in rule["nodes"]
    ]


def test_no_serious_violation(browser: Browser, sportello_server: Tree) -> None:
    context = browser.new_context(
        viewport={"width": 1440, "height": 900}, locale="it-IT", reduced_motion="reduce"
    )
    url = sportello_server.url
    page = context.new_page()
    bad: list[str] = []
    for address in ("/accounts/login/", "/accounts/password/reset/", "/nowhere"):
        page.goto(url + address)
        bad += violations(page)
    page = sign_in(context, url, "admin@bottega-aurora.example", "aurora-demo")
    for address in PAGES:
        page.goto(f"{url}/app/{address}")
        bad += violations(page)
    page.goto(f"{url}/app/inbox/all?q=gruppo")
    page.locator("#rows .row").first.click()
    expect(page.locator("#ticket[data-number]")).to_be_visible()
    bad += violations(page)
    page.keyboard.press("n")
    page.keyboard.type("Vedi")
    bad += violations(page)
    page.keyboard.press("Escape")
    for key in ("a", "?", "Control+k"):
        page.keyboard.press(key)
        page.wait_for_timeout(300)
        bad += violations(page)
        page.keyboard.press("Escape")
    page.goto(f"{url}/demo/shop?lang=it")
    page.locator(".bubble").click()
    page.wait_for_timeout(400)
    bad += violations(page)
    context.close()
    assert not bad, "\n".join(dict.fromkeys(bad))


def test_at_200_per_cent_nothing_is_lost(browser: Browser, sportello_server: Tree) -> None:
    """1440 px at twice the size are 720 px of CSS: no page is wider than the window."""
    context = browser.new_context(viewport={"width": 720, "height": 450}, device_scale_factor=2)
    page = sign_in(context, sportello_server.url, "admin@bottega-aurora.example", "aurora-demo")
    for address in PAGES:
        page.goto(f"{sportello_server.url}/app/{address}")
        wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
        assert not wide, address
    context.close()


def test_motion_stops_when_asked(browser: Browser, sportello_server: Tree) -> None:
    context = browser.new_context(reduced_motion="reduce")
    page = sign_in(context, sportello_server.url, "giulia@bottega-aurora.example", "aurora-demo")
    slow = page.evaluate(
        "[...document.querySelectorAll('*')].map(e => getComputedStyle(e))"
        ".filter(s => [s.transitionDuration, s.animationDuration].join().split(',').some(d => parseFloat(d) > 0.01)).length"
    )
    assert slow == 0
    context.close()


def test_the_list_is_one_tab_stop_with_arrows_inside(
    browser: Browser, sportello_server: Tree
) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = sign_in(context, sportello_server.url, "giulia@bottega-aurora.example", "aurora-demo")
    page.goto(f"{sportello_server.url}/app/inbox/all")
    rows = page.locator("#rows > .row")
    assert rows.count() > 5
    expect(page.locator('#rows > .row[tabindex="0"]')).to_have_count(1)
    rows.first.focus()
    page.keyboard.press("ArrowDown")
    expect(rows.nth(1)).to_be_focused()
    page.keyboard.press("End")
    expect(rows.last).to_be_focused()
    expect(page.locator('#rows > .row[tabindex="0"]')).to_have_count(1)
    context.close()
