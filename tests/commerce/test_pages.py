"""Orders beside the ticket, and the pages that connect shops, as people use them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import translation

from sportello.commerce import acting, actions, arrivals, tables
from sportello.commerce.contract import Raw
from sportello.commerce.models import Connection, Deed, Order, TableImport
from sportello.core.actors import SYSTEM
from sportello.core.clock import now
from sportello.workspace import purchases
from tests.commerce.conftest import Till
from tests.settings.conftest import Company, company  # noqa: F401  (a fixture)
from tests.workspace.conftest import Desk, desk  # noqa: F401  (a fixture)


@pytest.fixture
def bought(desk: Desk) -> Order:  # noqa: F811
    connection = actions.connect(kind="fake", name="Till", brand=desk.shop.brand, settings={"secret": "s"}, actor=SYSTEM, now=now())  # fmt: skip
    address = desk.tickets["public"].contact.identities.get().address
    till = Till(desk.shop, connection)
    till.tell(till.order("BA-77", total="39.00", payment="paid", lines=[{"sku": "MK", "name": "<b>Moka</b>", "price": "39"}], customer={"email": address}))  # fmt: skip
    return till.bought("BA-77")


def test_the_card_the_menu_and_a_refund(desk: Desk, bought: Order) -> None:  # noqa: F811
    giulia, number = desk.client("agent"), desk.tickets["public"].number
    page = giulia.get(f"/app/tickets/{number}").content.decode()
    assert "BA-77" in page
    assert "&lt;b&gt;Moka" in page
    menu = giulia.get(f"/app/tickets/{number}/orders/{bought.pk}").content.decode()
    assert "data-quote=" in menu
    where = f"/app/tickets/{number}/orders/{bought.pk}/refund"
    assert 'value="39.00"' in giulia.get(where).content.decode()
    assert giulia.post(where, {"amount": "40"}).status_code == 422
    assert giulia.post(where, {"amount": "much"}).status_code == 422
    assert not Deed.objects.exists()
    assert giulia.post(where, {"amount": "9.5", "reason": "Chipped"}).status_code == 200
    acting.act(Deed.objects.get().pk, now=now())
    bought.refresh_from_db()
    assert bought.refunded == Decimal("9.5")


@pytest.mark.parametrize("who", ["light", "elsewhere", "nobody"])
def test_who_may_not_answer_may_not_ask_the_shop(desk: Desk, bought: Order, who: str) -> None:  # noqa: F811
    where = f"/app/tickets/{desk.tickets['public'].number}/orders/{bought.pk}/cancel"
    assert desk.client(who).post(where, {}).status_code in {302, 403, 404}
    assert not Deed.objects.exists()


def test_another_customers_order_is_not_there(desk: Desk, bought: Order) -> None:  # noqa: F811
    other = next(t for t in desk.tickets.values() if t.contact_id != bought.contact_id)
    for path in ("", "/refund"):
        where = f"/app/tickets/{other.number}/orders/{bought.pk}{path}"
        assert desk.client("administrator").get(where).status_code == 404


def test_the_quote_speaks_the_customers_language(bought: Order) -> None:
    with translation.override("en"):
        italian, english = purchases.quote(bought, "it"), purchases.quote(bought, "en")
    assert "Ordine BA-77 del" in italian
    assert "39,00\xa0€" in italian
    assert "Order BA-77 of" in english
    assert "€39.00" in english


def test_a_shop_is_connected_switched_and_removed(company: Company) -> None:  # noqa: F811
    admin = company.client("administrator")
    assert admin.get(reverse("settings:choose_shop")).status_code == 200
    new = reverse("settings:new_shop", args=["woocommerce"])
    values = {"shop_name": "Woo", "brand": company.brand.pk, "setting-site": "https://shop.example", "setting-history_days": 30}  # fmt: skip
    assert admin.post(new, values).status_code == 422
    keys = {f"setting-{n}": "s3cret-key" for n in ("consumer_key", "consumer_secret", "webhook_secret")}  # fmt: skip
    assert admin.post(new, values | keys).status_code == 302
    row = Connection.objects.get()
    page = reverse("settings:shop", args=[row.pk])
    shown = admin.get(page).content.decode()
    assert row.webhook_url in shown
    assert "s3cret-key" not in shown
    assert admin.post(page, values | {"shop_name": "Negozio"}).status_code == 302
    row.refresh_from_db()
    assert (row.name, row.settings["consumer_key"]) == ("Negozio", "s3cret-key")
    arrivals.store(row, Raw(b"{"), received_at=now())
    arrivals.drain()
    assert "Unreadable" in admin.get(page).content.decode()
    admin.post(reverse("settings:replay_shop", args=[row.pk]))
    admin.post(reverse("settings:switch_shop", args=[row.pk]), {"on": "0"})
    row.refresh_from_db()
    assert (row.is_active, row.poll_at) == (False, None)
    remove = reverse("settings:delete_shop", args=[row.pk])
    admin.post(remove)
    assert Connection.objects.exists()
    admin.post(remove, {"confirm": "1"})
    assert not Connection.objects.exists()


def test_fields_are_named_with_a_sample_before_the_eyes(company: Company) -> None:  # noqa: F811
    admin = company.client("administrator")
    row = actions.connect(kind="rest", name="ERP", brand=company.brand, settings={"items": "orders"}, actor=SYSTEM, now=now())  # fmt: skip
    page = reverse("settings:shop_fields", args=[row.pk])
    sample = '{"orders": [{"n": "A-12", "tot": "39,00", "st": "boh"}]}'
    look = {"preview": "1", "sample": sample, "number": "n", "total": "tot"}
    assert "A-12" in admin.post(page, look).content.decode()
    assert "boh" in admin.post(page, look | {"state": "st"}).content.decode()
    assert admin.post(page, {"number": "n"}).status_code == 302
    row.refresh_from_db()
    assert row.mapping == {"number": "n"}


def test_a_table_goes_in_by_the_page(company: Company) -> None:  # noqa: F811
    admin = company.client("administrator")
    row = actions.connect(kind="csv", name="ERP", brand=company.brand, settings={}, actor=SYSTEM, now=now())  # fmt: skip
    upload = reverse("settings:upload_shop_table", args=[row.pk])
    assert admin.post(upload).status_code == 302
    admin.post(upload, {"table": SimpleUploadedFile("o.csv", b"Ordine;Totale\nA1;3,00\nA2;x\n")})
    table = TableImport.objects.get()
    where = reverse("settings:shop_table", args=[row.pk, table.pk])
    assert "Ordine" in admin.get(where).content.decode()
    assert admin.post(where, {"total": "Totale"}).status_code == 422
    assert admin.post(where, {"number": "Ordine", "total": "Totale"}).status_code == 302
    tables.run(table.pk)
    shown = admin.get(reverse("settings:shop_imports", args=[row.pk])).content.decode()
    assert "hx-get" not in shown
    assert "“x”" in shown or "«x»" in shown
    assert Order.objects.count() == 1


@pytest.mark.parametrize("role", ["supervisor", "agent", "light", "nobody"])
def test_only_administrators_connect_shops(company: Company, role: str) -> None:  # noqa: F811
    for name in ("shops", "choose_shop"):
        assert company.client(role).get(reverse(f"settings:{name}")).status_code in {302, 403}
