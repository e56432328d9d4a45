"""The site chat in every state, at three widths, light and dark: nothing may be wider than the window.

Pictures of it, ``test-results/screens/widget-*.png``: ``PICTURES=1 bin/test tests/browser/test_widget_pictures.py``.
"""

# ruff: noqa: F811  (fixtures are imported by name)

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from sportello.accounts.models import Brand
from sportello.core import live
from sportello.core.clock import now
from sportello.hours.models import Calendar
from sportello.tickets import actions
from sportello.tickets.identifying import proving
from sportello.tickets.models import Delivery
from tests import walk
from tests.browser.screens import OUT, PICTURES, WIDTHS
from tests.browser.test_widget import PIXEL, _close_live, door  # noqa: F401
from tests.waiting import eventually
from tests.widget.conftest import Door
from tests.widget.test_door import allow


def picture(page: Page, name: str, width: int, theme: str) -> None:
    if PICTURES:
        page.wait_for_timeout(250)
        page.screenshot(path=OUT / f"widget-{name}-{width}-{theme}.png")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (
        f"{name} is too wide at {width}"
    )


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_every_state(browser: Browser, door: Door, width: int, theme: str) -> None:
    Brand.objects.update(name="Bottega Aurora")
    door.shop.chat.calendar = Calendar.objects.create(
        name="Negozio", weekly={str(day): [["00:00", "24:00"]] for day in range(7)}
    )
    door.shop.chat.save()
    allow(door)
    context = browser.new_context(
        viewport={"width": width, "height": WIDTHS[width]},
        color_scheme=theme,  # type: ignore[arg-type]
        locale="it-IT",
        timezone_id="Europe/Rome",
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.set_default_timeout(8_000)
    page.goto(f"{door.url}/demo/shop?lang=it")
    bubble = page.locator(".bubble")
    expect(bubble).to_be_visible()
    picture(page, "1-shop", width, theme)

    bubble.click()
    page.get_by_role("button", name="Inizia la chat").click()
    picture(page, "2-form-error", width, theme)
    page.get_by_label("La tua domanda").fill("La Moka Aurora da 6 c’è in negozio a Lucca?")
    page.get_by_label("Nome").fill("Sofia Neri")
    page.get_by_label("E-mail").fill("sofia@posta.example")
    picture(page, "2-form", width, theme)

    page.get_by_role("button", name="Inizia la chat").click()
    expect(page.locator(".queue")).to_be_visible()
    picture(page, "3-queue", width, theme)

    ticket = walk.only_ticket()
    door.shop.giulia.name = "Giulia Ferri"
    door.shop.giulia.save()
    say = lambda text: actions.reply(ticket=ticket, actor=door.shop.actor(), now=now(), text=text)  # noqa: E731
    say(
        "Ciao Sofia! Sì, stamattina ce n’erano due in via Fillungo. Il negozio è aperto fino alle 19:30."
    )
    box = page.get_by_label("Scrivi un messaggio")
    expect(page.locator(".b:not(.me):not(.dots)")).to_have_count(1)
    box.fill("Posso passare oggi pomeriggio? Vorrei essere sicura")
    box.press("Enter")
    say(
        "Te ne metto da parte una fino a domani sera, qui c’è la pagina: https://bottega-aurora.example/moka-6. A che nome?"
    )
    expect(page.locator(".b:not(.me):not(.dots)")).to_have_count(2)
    box.fill("Grazie! Neri")
    box.press("Enter")
    expect(page.locator(".b.me")).to_have_count(3)
    eventually(lambda: ticket.messages.filter(direction="in").count() == 3)
    actions.mark_read(ticket=type(ticket).objects.get(), agent=door.shop.giulia, now=now())
    live.publish(
        "presence",
        {
            "ticket": ticket.number,
            "agent": 1,
            "name": "G",
            "initials": "G",
            "since": "",
            "mode": "viewing",
        },
    )
    expect(page.locator(".state")).to_have_text("Letto")
    live.publish(f"ticket:{ticket.pk}", {"who": "agent", "name": "Giulia"})
    expect(page.locator(".dots")).to_be_visible()
    picture(page, "4-talk", width, theme)

    page.get_by_role("button", name="Altro").click()
    picture(page, "5-menu", width, theme)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Inserisci un’emoji").click()
    picture(page, "5-emoji", width, theme)
    page.keyboard.press("Escape") if page.locator(".board").count() else None
    page.locator("input[type=file]").set_input_files(
        [
            {
                "name": "scontrino di novembre, fronte e retro.png",
                "mimeType": "image/png",
                "buffer": PIXEL,
            }
        ]
    )
    expect(page.get_by_role("button", name="Togli")).to_be_visible()
    picture(page, "5-file", width, theme)
    page.get_by_role("button", name="Invia", exact=True).click()
    context.set_offline(True)
    box.fill("Ultima cosa: si può pagare alla consegna?")
    box.press("Enter")
    expect(page.locator(".bar")).to_contain_text("Senza rete")
    picture(page, "6-offline", width, theme)
    context.set_offline(False)
    expect(page.locator(".state")).to_have_text("Inviato")

    page.get_by_role("button", name="Riduci").click()
    say("Certo, anche con la carta.")
    expect(page.locator(".bubble .n")).to_have_text("1")
    picture(page, "7-unread", width, theme)
    bubble.click()
    page.get_by_role("button", name="Altro").click()
    page.get_by_role("menuitem", name="Termina la chat").click()
    expect(page.get_by_role("button", name="Riapri")).to_be_visible()
    page.get_by_role("button", name="Mandami la conversazione").click()
    picture(page, "8-ended", width, theme)

    Calendar.objects.update(weekly={str(day): [] for day in range(7)} | {"0": [["09:00", "19:00"]]})
    allow(door)
    page.evaluate("localStorage.clear()")
    page.goto(f"{door.url}/demo/shop?lang=en")
    page.locator(".bubble").click()
    expect(page.get_by_role("heading", name="Leave us a message")).to_be_visible()
    picture(page, "9-closed", width, theme)

    message = ticket.messages.filter(direction="out").first()
    assert message is not None
    recipient = {"kind": "email", "address": "sofia@posta.example", "name": ""}
    path = proving.link_for(Delivery(message=message, channel=door.shop.mail, recipient=recipient))
    page.goto(path)
    picture(page, "10-proof", width, theme)
    page.get_by_role("button", name="È il mio indirizzo").click()
    expect(page.get_by_role("heading", name="La tua conversazione")).to_be_visible()
    picture(page, "10-proven", width, theme)
    context.close()
