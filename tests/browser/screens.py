"""Pictures of every page at three widths, light and dark, into ``test-results/screens``.

``python -m tests.browser.screens [--url http://localhost:8000] [--mail …] [--password …] [--only inbox] [--quick]``
against a running installation (``bin/run``) with the demo company in it.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

OUT = Path(__file__).resolve().parents[2] / "test-results" / "screens"
WIDTHS = {1440: 900, 768: 1024, 390: 844}
PICTURES = os.environ.get("PICTURES") == "1"
"""Whether the tests leave pictures behind, too: nothing asks them, and taking them is half of the time."""
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--force-color-profile=srgb",
    "--font-render-hinting=none",
    "--disable-features=LocalNetworkAccessChecks",  # pages of made-up sites ask this machine
]


SETTINGS = (
    *("profile", "notices", "company", "brands", "brands/1", "hours", "hours/1", "teams", "agents", "agents/invite", "audit", "system"),
    *("channels", "channels/new", "channels/1", "replies", "replies/1", "tags", "fields", "fields/new", "consents", "consents/new", "tokens", "tokens/new"),
)  # fmt: skip
"""Those that the role may not open show how a refusal looks."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium: Playwright's own cannot be fetched."""
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


def sign_in(context: BrowserContext, url: str, mail: str, password: str) -> Page:
    page = context.new_page()
    page.goto(f"{url}/accounts/login/")
    page.fill("input[name=login]", mail)
    page.fill("input[name=password]", password)
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/app/**")
    return page


def pages(page: Page, url: str) -> dict[str, str]:
    """Name → address; the ticket with the most to tell is the newest of all."""
    page.goto(f"{url}/app/inbox/all")
    number = page.locator("#rows .row").first.get_attribute("data-number")
    return {
        "inbox": "/app/inbox/mine",
        "inbox-all": "/app/inbox/all",
        "ticket": f"/app/tickets/{number}?view=all",
        "empty": "/app/inbox/spam",
        "contacts": "/app/contacts",
        "outbox": "/app/outbox",
        "lost": "/app/nowhere",
        "filters": "/app/inbox/all?q=gruppo",
        "shop": "/demo/shop?lang=it",
        **{f"settings-{name.replace('/', '-')}": f"/app/settings/{name}" for name in SETTINGS},
    }


def states(page: Page, url: str, suffix: str) -> None:
    """What only a key opens, over the ticket with the most to tell."""
    page.goto(f"{url}/app/inbox/all?q=gruppo")
    number = page.locator("#rows .row").first.get_attribute("data-number")
    page.goto(f"{url}/app/tickets/{number}?view=all")
    for name, key in {"palette": "Control+k", "keys": "?", "assign": "a", "snooze": "h", "tag": "l", "note": "n"}.items():  # fmt: skip
        page.keyboard.press(key)
        page.wait_for_timeout(400)
        page.screenshot(path=OUT / f"{name}-{suffix}.png")
        page.keyboard.press("Escape")


def shoot(browser: Browser, args: argparse.Namespace) -> None:
    for theme in ("light",) if args.quick else ("light", "dark"):
        for width, height in WIDTHS.items():
            context = browser.new_context(
                viewport={"width": width, "height": height}, color_scheme=theme, locale="it-IT", timezone_id="Europe/Rome",
                reduced_motion="reduce", has_touch=width < 640, is_mobile=width < 640,
            )  # fmt: skip
            if not args.only or "sign-in" in args.only:
                door = context.new_page()
                door.goto(f"{args.url}/accounts/login/")
                door.screenshot(path=OUT / f"sign-in-{width}-{theme}.png")
                door.close()
            page = sign_in(context, args.url, args.mail, args.password)
            complaints: list[str] = []
            page.on(
                "console",
                lambda said, to=complaints: (
                    to.append(said.text) if said.type in {"error", "warning"} else None
                ),
            )
            page.on("pageerror", lambda error, to=complaints: to.append(str(error)))
            for name, address in (pages(page, args.url) | dict(args.also)).items():
                if args.only and name not in args.only and name not in dict(args.also):
                    continue
                page.goto(args.url + address)
                page.wait_for_timeout(400)
                page.screenshot(path=OUT / f"{name}-{width}-{theme}.png")
            if not args.only or "states" in args.only:
                states(page, args.url, f"{width}-{theme}")
            for complaint in dict.fromkeys(complaints):
                print(f"{width} {theme}: {complaint}")
            context.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="http://localhost:8000")
    parser.add_argument("--mail", default="giulia@bottega-aurora.example")
    parser.add_argument("--password", default="aurora-demo")
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--also", nargs=2, action="append", default=[], metavar=("NAME", "ADDRESS"))
    parser.add_argument("--quick", action="store_true", help="light only")
    OUT.mkdir(parents=True, exist_ok=True)
    with chromium() as browser:
        shoot(browser, parser.parse_args())
    print(f"Pictures in {OUT}")


if __name__ == "__main__":
    main()
