"""What a report is made of, before it is a page, a spreadsheet or a mail: parts that hold cells that hold values.

A page draws the parts with templates, an export writes the tables of the same parts: so both show the same numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from . import words

# count: whole numbers. seconds: durations. share: 0 to 1. stars: 1 to 5. text: words.
Unit = Literal["count", "seconds", "share", "stars", "text"]
Value = int | float | str | None


@dataclass(frozen=True)
class Cell:
    """One value, in its unit; ``url`` opens the chats that it counts."""

    value: Value
    unit: Unit = "count"
    url: str = ""
    # Whose avatar stands before the words; "" for none.
    uid: str = ""

    @property
    def shown(self) -> str:
        """The value in words, in the active language."""
        return words.shown(self.value, self.unit)

    @property
    def brief(self) -> str:
        """The same in as little room as a column has."""
        if self.unit == "seconds" and self.value is not None:
            return words.duration(float(self.value), brief=True)
        return self.shown

    @property
    def plain(self) -> str:
        """The value as scripts read it: a number with a point, or nothing."""
        return "" if self.value is None else str(self.value)


@dataclass(frozen=True)
class Column:
    """A column of a table. ``draw`` is how a chart draws it: ``bar``, ``line``, ``dash`` or not at all."""

    name: str
    title: str
    unit: Unit = "count"
    definition: str = ""
    draw: str = ""


@dataclass(frozen=True)
class Row:
    """A line of a table: what it is about, and a cell for each further column. ``short`` is its name on an axis."""

    head: Cell
    cells: Sequence[Cell]
    short: str = ""


@dataclass(frozen=True)
class Table:
    """A table: ``columns[0]`` heads the rows, the others their cells."""

    name: str
    title: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    empty: str = ""

    @property
    def has_values(self) -> bool:
        """Whether there is anything in it but zeros and blanks."""
        return any(cell.value for row in self.rows for cell in row.cells)


@dataclass(frozen=True, kw_only=True)
class Part:
    """A block of a report, drawn by its template, ``wide`` or as half of a row."""

    name: str
    title: str
    definition: str = ""
    wide: bool = True
    template: ClassVar[str]

    def tables(self) -> Iterator[Table]:
        """Yield what an export writes."""
        return iter(())


@dataclass(frozen=True)
class Card:
    """One figure beside what it was before, and its course."""

    name: str
    title: str
    definition: str
    cell: Cell
    before: Cell
    change: words.Change
    # What stands small beside the figure: another percentile, or of how many.
    aside: str = ""
    course: Sequence[float | None] = ()


@dataclass(frozen=True, kw_only=True)
class Cards(Part):
    """The figures at the top."""

    cards: Sequence[Card]
    template = "analytics/cards.html"

    def tables(self) -> Iterator[Table]:
        """Yield one table of all figures, a row each, with its unit."""
        columns = [
            Column("figure", words.heading("figure"), "text"),
            Column("unit", words.heading("unit"), "text"),
            Column("now", words.heading("now")),
            Column("before", words.heading("before")),
        ]
        rows = [
            Row(Cell(card.title, "text"), [Cell(words.unit(card.cell.unit), "text"), card.cell, card.before])
            for card in self.cards
        ]
        yield Table(self.name, self.title, columns, rows)


@dataclass(frozen=True, kw_only=True)
class TablePart(Part):
    """A table as such. ``sort`` is the column it is sorted by, with ``-`` in front for the greatest first."""

    table: Table
    sort: str = ""
    # The addresses of the same page sorted by each column; none: it cannot be sorted.
    sort_urls: Sequence[str] = ()
    # A bar behind the column of this name shows each row's part of the greatest.
    bar: str = ""
    template = "analytics/table.html"

    def tables(self) -> Iterator[Table]:
        """Yield the table."""
        yield self.table


@dataclass(frozen=True, kw_only=True)
class Chart(Part):
    """A table drawn as bars or lines; the table itself is what everybody else reads. Its columns say how."""

    table: Table
    unit: Unit = "count"
    stacked: bool = False
    template = "analytics/chart.html"

    def tables(self) -> Iterator[Table]:
        """Yield the table behind the picture."""
        yield self.table


@dataclass(frozen=True, kw_only=True)
class Heat(Part):
    """A table whose cells are shaded by their value: ``shades[row][column]`` from 0 to 8."""

    table: Table
    shades: Sequence[Sequence[int]]
    template = "analytics/heat.html"

    def tables(self) -> Iterator[Table]:
        """Yield the table."""
        yield self.table


@dataclass(frozen=True, kw_only=True)
class Comments(Part):
    """What visitors wrote beside their ratings."""

    comments: Sequence[Comment]
    more_url: str = ""
    more_label: str = ""
    template = "analytics/comments.html"


@dataclass(frozen=True)
class Comment:
    """One rating with its words; ``url`` opens the chat."""

    stars: int
    text: str
    visitor: str
    visitor_uid: str
    agent: str
    at: object
    url: str


@dataclass(frozen=True, kw_only=True)
class Now(Part):
    """What waits and is open at this moment; the page keeps it fresh."""

    # An icon, what it is, and the figure.
    cells: Sequence[tuple[str, str, Cell]]
    template = "analytics/now.html"
