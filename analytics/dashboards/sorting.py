"""Tables sorted by a column that the address names, without a script."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from .shapes import Cell, Column, Row


def sorted_rows(rows: Sequence[Row], columns: Sequence[Column], asked: str) -> tuple[list[Row], str]:
    """Return the rows in the order of a column (``name``, or ``-name`` for the greatest first), and what it was.

    What has no value stands last either way; a column that is not there is the first figure, the greatest first.
    """
    names = [column.name for column in columns]
    if asked.removeprefix("-") not in names:
        asked = f"-{names[1]}"
    place = names.index(asked.removeprefix("-"))
    known = [row for row in rows if _cell(row, place).value is not None]
    unknown = [row for row in rows if _cell(row, place).value is None]
    ordered = sorted(known, key=lambda row: _key(_cell(row, place)), reverse=asked.startswith("-"))
    return [*ordered, *unknown], asked


def sort_urls(address: str, columns: Sequence[Column], sort: str) -> list[str]:
    """Return for each column the address that sorts by it: names from A, figures from the greatest; then reversed."""
    joined = "&" if "?" in address else "?"
    return [f"{address}{joined}{urlencode({'sort': _next(column, sort)})}" for column in columns]


def _next(column: Column, sort: str) -> str:
    first = column.name if column.unit == "text" else f"-{column.name}"
    other = f"-{column.name}" if column.unit == "text" else column.name
    return other if sort == first else first


def _cell(row: Row, place: int) -> Cell:
    return row.head if place == 0 else row.cells[place - 1]


def _key(cell: Cell) -> tuple[bool, float, str]:
    value = cell.value
    return (True, 0, value.casefold()) if isinstance(value, str) else (False, float(value or 0), "")
