"""Reports to take away: CSV of one table, XLSX of all tables of a report. The numbers are not rounded."""

from __future__ import annotations

import io
from collections.abc import Sequence

from django.utils.translation import gettext as _

from chat.sheets import Book, CsvRows

from . import words
from .asking import Asked
from .shapes import Column, Table

# What a spreadsheet shows a value of this unit as.
_FORMATS = {"share": "0.0%", "stars": "0.00", "seconds": "0.0", "count": "#,##0"}


def as_csv(table: Table) -> bytes:
    """Return a table as CSV in UTF-8."""
    text = io.StringIO()
    rows = CsvRows(text, [_head(column) for column in table.columns])
    for row in table.rows:
        rows.write([cell.value for cell in (row.head, *row.cells)])
    return text.getvalue().encode()


def as_xlsx(asked: Asked, title: str, tables: Sequence[Table]) -> bytes:
    """Return a workbook: a sheet that says what was asked, and one for each table."""
    file = io.BytesIO()
    book = Book(file, formats=_FORMATS)
    book.about([(_("Report"), title), (_("Workspace"), asked.seat.workspace.name), *described(asked)])
    for table in tables:
        _sheet(book, table)
    book.close()
    return file.getvalue()


def described(asked: Asked) -> list[tuple[str, str]]:
    """Return what was asked for, in words: the days, the zone they are counted in, and the filters."""
    lines = [
        (_("Period"), asked.days),
        (_("Compared with"), asked.days_before),
        (_("Time zone"), asked.span.workspace.timezone),
    ]
    titles = {"department": _("Department"), "channel": _("Channel"), "agent": _("Agent"), "widget": _("Widget")}
    for name, value in asked.filters.items():
        lines.append((titles[name], next(choice.name for choice in asked.choices[name] if choice.value == value)))
    return [*lines, (_("Agent"), asked.seat.name)] if asked.own else lines


def _sheet(book: Book, table: Table) -> None:
    heads = [_head(column) for column in table.columns]
    sheet = book.sheet(table.title, heads, ["text"] * len(heads))
    widths = [len(head) for head in heads]
    for row in table.rows:
        cells = (row.head, *row.cells)
        sheet.write([cell.value for cell in cells], [cell.unit for cell in cells])
        widths = [max(width, len(cell.shown)) for width, cell in zip(widths, cells, strict=True)]
    sheet.widths(widths)


def _head(column: Column) -> str:
    """Return a column's title with what its numbers are in, where that is not plain."""
    return f"{column.title} ({words.unit(column.unit)})" if column.unit in ("seconds", "share") else column.title
