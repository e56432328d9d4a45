"""One row of the table: a bar, what we measured, and what it is measured against in the same run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says."""

    tickets: int = 50_000
    sockets: int = 2_000
    data_dir: str = ""
    """A generated database to use again; empty makes one and throws it away."""


@dataclass(slots=True)
class Row:
    """`bar` and `figure` are in `unit`; `ratio` is the figure over the reference's."""

    name: str
    bar: str
    figure: float | None
    unit: str
    reference: str = ""
    reference_figure: float | None = None
    ok: bool | None = None
    """None when it could not be measured; `notes` says why."""
    notes: list[str] = field(default_factory=list)

    @property
    def ratio(self) -> float | None:
        if self.figure is None or not self.reference_figure:
            return None
        return round(self.figure / self.reference_figure, 3)

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"ratio": self.ratio}


type Measure = Callable[[Options], list[Row]]


def percentile(values: list[float], part: float) -> float:
    """The value below which that part of the values lies; infinite when there are none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))] if ordered else float("inf")


def shown(value: float | None) -> str:
    """Three digits are enough to compare."""
    if value is None:
        return "–"
    return (
        f"{value:,.0f}"
        if abs(value) >= 100
        else f"{value:.1f}"
        if abs(value) >= 10
        else f"{value:.2f}"
    )


def table(rows: list[Row]) -> str:
    """The rows as text, aligned."""
    head = ["row", "bar", "figure", "unit", "measured against", "its figure", "ratio", ""]
    mark = {True: "ok", False: "MISSED", None: "not measured"}
    cells = [
        [
            r.name,
            r.bar,
            shown(r.figure),
            r.unit,
            r.reference,
            shown(r.reference_figure),
            shown(r.ratio),
            mark[r.ok],
        ]
        for r in rows
    ]
    widths = [max(len(line[n]) for line in [head, *cells]) for n in range(len(head))]
    lines = [
        "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip()
        for line in [head, *cells]
    ]
    lines.insert(1, "  ".join("-" * width for width in widths))
    notes = [f"{r.name}: {note}" for r in rows for note in r.notes]
    return "\n".join([*lines, "", *notes])
