"""What Bottega Aurora's customers bought: told by its till as facts, and applied like those of any shop."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sportello.accounts.models import Brand
from sportello.commerce import actions, arrivals
from sportello.commerce.contract import Raw
from sportello.core.actors import SYSTEM
from sportello.demo import names
from sportello.demo.people import PEOPLE
from sportello.demo.script import Times

PRODUCTS = {
    "uno": ("AU-UNO-RA", "Aurora Uno, rame", "449.00"),
    "uno-salvia": ("AU-UNO-SA", "Aurora Uno, salvia", "449.00"),
    "due": ("AU-DUE", "Aurora Due, due gruppi", "1290.00"),
    "moka": ("MK-6", "Moka Aurora, 6 tazze", "39.00"),
    "brera": ("MC-BRERA", "Macinino Brera", "129.00"),
    "alba": ("TZ-ALBA-6", "Tazzine Alba, 6 pezzi", "54.00"),
    "coffee": ("CF-LUCCA-1", "Miscela Lucca, 1 kg", "24.90"),
    "tamper": ("PR-58", "Pressino 58 mm", "32.00"),
    "apron": ("GR-M", "Grembiule da barista, M", "38.00"),
    "filter": ("GU-UNO", "Guarnizione gruppo Aurora Uno", "9.50"),
}
SHOPS = (
    ("LU", "Bottega Lucca", "Lucca", "Via Fillungo 112"),
    ("FI", "Bottega Firenze", "Firenze", "Via de' Neri 31"),
    ("MI", "Bottega Milano", "Milano", "Corso Garibaldi 58"),
)
STOCK = {
    "uno": (4, 2, 0), "uno-salvia": (2, 0, 3), "due": (1, 0, 1), "moka": (12, 5, 7), "brera": (6, 0, 4),
    "alba": (9, 3, 2), "coffee": (40, 22, 35), "tamper": (5, 1, 0), "apron": (7, 4, 6), "filter": (30, 12, 10),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sale:
    """One order: who, what, and how it went on (fact, day, clock)."""

    number: str
    who: str
    goods: tuple[tuple[str, int], ...]
    on: tuple[int, str]
    then: tuple[tuple[str, int, str], ...] = ()
    parcel: str = ""
    store: str = ""
    paid: bool = True
    back: tuple[str, str] | None = None
    """State and reason of a return."""


SALES = (
    Sale("BA-18804", "chiara", (("moka", 1), ("coffee", 2)), (412, "11:20"), (("delivered", 408, "10:02"),), "GL18804771IT"),
    Sale("BA-20418", "chiara", (("uno", 1), ("coffee", 1)), (46, "19:41"), (("delivered", 43, "15:10"),), "GL20418300IT"),
    Sale("BA-20574", "chiara", (("filter", 2),), (0, "07:55"), (("ready_for_pickup", 0, "08:30"),), store="FI"),
    Sale("BA-20266", "lorenzo", (("brera", 1),), (70, "21:04"), (("delivered", 66, "12:40"),), "GL20266118IT"),
    Sale("BA-19877", "roberto", (("uno", 1),), (190, "09:12"), (("delivered", 187, "16:00"),), "GL19877402IT"),
    Sale("BA-20467", "ilaria", (("alba", 1), ("coffee", 1)), (5, "18:30"), (("shipped", 4, "16:45"), ("delivered", 2, "11:20")), "GL20467555IT"),
    Sale("BA-20488", "elena", (("alba", 8),), (9, "10:15"), (("delivered", 1, "08:50"),), "SD20488002"),
    Sale("BA-20498", "silvia", (("uno", 1), ("alba", 1), ("tamper", 1)), (6, "20:11"), (("delivered", 2, "13:05"),), "GL20498730IT"),
    Sale("BA-20512", "giorgia", (("alba", 1),), (8, "08:59"), (("delivered", 2, "17:31"),), "GL20512084IT", back=("approved", "Tazzina sbeccata")),
    Sale("BA-20389", "beatrice", (("brera", 1),), (33, "22:20"), (("delivered", 30, "10:44"), ("returned", 11, "09:30")), "GL20389661IT", back=("received", "Troppo rumoroso")),
    Sale("BA-20533", "tommaso", (("uno-salvia", 1),), (6, "12:02"), (("shipped", 5, "17:20"),), "GL20533914IT"),
    Sale("BA-20551", "amina", (("moka", 1), ("coffee", 1)), (1, "13:48"), (("processing", 1, "15:00"),)),
    Sale("BA-20540", "carlo", (("brera", 1),), (5, "09:20"), (("delivered", 1, "12:12"),), "GL20540377IT"),
    Sale("BA-20421", "alessio", (("apron", 1),), (12, "16:31"), (("delivered", 9, "10:10"),), "GL20421205IT", back=("requested", "Troppo piccolo")),
    Sale("BA-20503", "valentina", (("uno-salvia", 1),), (7, "11:00"), (("delivered", 3, "09:48"),), "GL20503841IT"),
    Sale("BA-20477", "james", (("alba", 1),), (14, "10:10"), (("shipped", 12, "18:00"),), "LP20477006GB"),
    Sale("BA-20560", "davide", (("coffee", 20), ("filter", 2)), (1, "08:05"), (), paid=False),
    Sale("BA-20519", "emily", (("coffee", 2),), (4, "19:19"), (("delivered", 1, "10:33"),), "GL20519778IT"),
)  # fmt: skip
SUBSCRIBERS = (("chiara", 24), ("federico", 6), ("marta", 15))
MACHINES = (
    ("chiara", "Aurora Uno, rame", "0925-1177", "BA-20418", 46, "ok"),
    ("roberto", "Aurora Uno, rame", "0525-0342", "BA-19877", 190, "E12"),
    ("davide", "Aurora Due, due gruppi", "1124-0021", "BA-17730", 390, "ok"),
    ("davide", "Aurora Due, due gruppi", "1124-0022", "BA-17730", 390, "ok"),
)


def move_in(brand: Brand, times: Times) -> None:
    """Connect the till and let it tell."""
    connection = actions.connect(
        kind="fake",
        name="Cassa e negozio online",
        brand=brand,
        settings={"secret": names.TILL_SECRET},
        actor=SYSTEM,
        now=times.now,
    )
    facts = [*_shops(times)]
    for sale in SALES:
        facts += _told(sale, times)
    facts += _goods(times)
    arrivals.hear(connection, Raw(json.dumps(facts).encode()), received_at=times.now)
    arrivals.drain()


def _fact(type: str, at: datetime, **data: Any) -> dict[str, Any]:
    return {"type": type, "occurred_at": at.isoformat(), "data": data}


def _customer(who: str) -> dict[str, str]:
    person = PEOPLE[who]
    return {"id": f"C-{who}", "email": person.email, "phone": person.phone, "name": person.name}


def _at(times: Times, days: int, clock: str) -> datetime:
    """Never ahead: the demo may start before the shop opens."""
    return min(times.day(days, clock), times.ago(2))


def _told(sale: Sale, times: Times) -> list[dict[str, Any]]:
    lines = [
        {"sku": PRODUCTS[name][0], "name": PRODUCTS[name][1], "quantity": count, "price": PRODUCTS[name][2]}
        for name, count in sale.goods
    ]  # fmt: skip
    total = sum(Decimal(PRODUCTS[name][2]) * count for name, count in sale.goods)
    placed = _at(times, *sale.on)
    told = [
        _fact(
            "order.placed", placed, id=sale.number, number=sale.number, currency="EUR", total=str(total), lines=lines,
            payment="paid" if sale.paid else "", customer=_customer(sale.who), placed_at=placed.isoformat(),
            **({"store": sale.store} if sale.store else {}),
        )
    ]  # fmt: skip
    last = placed
    for verb, days, clock in sale.then:
        last = max(last, _at(times, days, clock))
        told.append(_fact(f"order.{verb}", last, id=sale.number))
    if sale.parcel:
        verb = "delivered" if any(step[0] == "delivered" for step in sale.then) else "shipped"
        arrived = next((s for s in sale.then if s[0] == verb), sale.then[-1])
        link = f"https://gls.example/it/traccia/{sale.parcel}"
        at = _at(times, arrived[1], arrived[2])
        told.append(_fact(f"shipment.{verb}", at, id=sale.parcel, order=sale.number, carrier="GLS", tracking_number=sale.parcel, tracking_url=link))  # fmt: skip
    if sale.back:
        state, reason = sale.back
        told.append(_fact(f"return.{state}", last, id=f"R-{sale.number}", order=sale.number, reason=reason, amount=str(total)))  # fmt: skip
    return told


def _shops(times: Times) -> list[dict[str, Any]]:
    opened = times.day(400, "09:00")
    told = [
        _fact("store.opened", opened, id=code, name=name, city=city, address=address)
        for code, name, city, address in SHOPS
    ]
    for product, counts in STOCK.items():
        sku, name, _ = PRODUCTS[product]
        for (code, *_rest), count in zip(SHOPS, counts, strict=True):
            told.append(_fact("stock.counted", times.ago(30), store=code, sku=sku, name=name, quantity=count))  # fmt: skip
    return told


def _goods(times: Times) -> list[dict[str, Any]]:
    told = []
    for who, day in SUBSCRIBERS:
        _, name, price = PRODUCTS["coffee"]
        told.append(
            _fact(
                "subscription.active", times.day(60 + day, "10:00"), id=f"AB-{who}", name=f"Abbonamento {name}", interval="P1M",
                price=price, currency="EUR", next_at=times.day(-(day % 27) - 1, "08:00").isoformat(), customer=_customer(who),
            )
        )  # fmt: skip
    for who, name, serial, order, days, state in MACHINES:
        bought = times.day(days, "12:00")
        end = bought.replace(year=bought.year + 2, day=min(bought.day, 28))
        told.append(_fact("device.registered", bought, id=serial, name=name, model=name.partition(",")[0], serial=serial, state=state, customer=_customer(who)))  # fmt: skip
        told.append(_fact("warranty.registered", bought, id=f"{order}-{serial}", product=f"Garanzia {name}", serial=serial, starts_at=bought.isoformat(), ends_at=end.isoformat(), customer=_customer(who)))  # fmt: skip
    told.append(_fact("loyalty.changed", times.day(40, "12:00"), id="L-chiara", tier="Tessera Aurora", points=512, customer=_customer("chiara")))  # fmt: skip
    return told
