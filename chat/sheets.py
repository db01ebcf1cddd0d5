"""Tables that people take away: CSV and XLSX, written row by row, so that a million rows need no more memory than ten.

Whatever a cell holds is what a stranger may have written: no spreadsheet runs any of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol, TextIO

import xlsxwriter
from defusedcsv import csv
from django.utils.translation import gettext as _

Value = str | int | float | datetime | timedelta | None

# How Excel knows that a text is UTF-8.
MARK = "\ufeff"
# What a worksheet can hold, with its head.
MOST_ROWS = 1_048_576
_WIDEST = 60
# Formulas that defusedcsv lets through: behind blanks, in letters of double width, and where a semicolon separates.
_BEHIND_BLANKS = re.compile(r"\A[\s\x00-\x20]+(?=[=+\-@|%])|\A\s*(?=[＝＋－＠])")
_BEHIND_SEMICOLON = re.compile(r";(?=\s*[=+\-@|%＝＋－＠])")

TEXT, TIME, LENGTH, COUNT = "text", "time", "length", "count"
# What a spreadsheet shows a value as; others may be given to a Book.
_FORMATS = {TIME: "yyyy-mm-dd hh:mm:ss", LENGTH: "[hh]:mm:ss", COUNT: "0"}


class Rows(Protocol):
    """Whatever takes a table, row after row."""

    def write(self, row: Sequence[Value]) -> None:
        """Add a row."""


class CsvRows:
    """A table as CSV. Times are ``2023-04-22 09:48:30``, durations ``00:00:31``."""

    def __init__(self, file: TextIO, heads: Iterable[str]) -> None:
        file.write(MARK)
        self._writer = csv.writer(file)
        self.write(list(heads))

    def write(self, row: Sequence[Value]) -> None:
        """Add a row."""
        self._writer.writerow([_plain(value) for value in row])


def _plain(value: Value) -> str | int | float:
    if isinstance(value, str):
        return _BEHIND_SEMICOLON.sub(";'", f"'{value}" if _BEHIND_BLANKS.match(value) else value)
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, timedelta):
        return clock(int(value.total_seconds()))
    return "" if value is None else value


def clock(total: int) -> str:
    """Return seconds as ``00:00:31``; hours may have more digits than two."""
    minutes, second = divmod(total, 60)
    hour, minute = divmod(minutes, 60)
    return f"{hour:02}:{minute:02}:{second:02}"


class Book:
    """A workbook. Rows go to a file of their own in ``folder`` at once; without one, all of it stays in memory."""

    def __init__(self, target: Any, *, folder: str = "", formats: Mapping[str, str] | None = None) -> None:
        where = {"constant_memory": True, "tmpdir": folder} if folder else {"in_memory": True}
        strings = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
        # Times are those of the workspace, and a spreadsheet knows no zones.
        self._book = xlsxwriter.Workbook(target, {**where, **strings, "remove_timezone": True})
        self._book.use_zip64()
        shown = {**_FORMATS, **(formats or {})}
        self._styles = {unit: self._book.add_format({"num_format": form}) for unit, form in shown.items()}
        self._head = self._book.add_format({"bold": True, "bottom": 1})
        self._names: set[str] = set()

    def about(self, lines: Iterable[tuple[str, str]]) -> None:
        """Add the sheet that says what the workbook is about: names and their values."""
        sheet = self._add(_("About"))
        sheet.set_column(0, 0, 24)
        sheet.set_column(1, 1, 60)
        for number, (name, value) in enumerate(lines):
            sheet.write_string(number, 0, name, self._head)
            sheet.write_string(number, 1, _harmless(value))

    def sheet(self, title: str, heads: Sequence[str], units: Sequence[str]) -> SheetRows:
        """Add a sheet for one table. ``units`` say how a column's values are shown."""
        return SheetRows(self, self._add(title), heads, units)

    def _add(self, title: str) -> Any:
        return self._book.add_worksheet(_sheet_name(title, self._names))

    def style(self, unit: str) -> Any:
        """Return the format of a unit; None for text."""
        return self._styles.get(unit)

    @property
    def head(self) -> Any:
        """The format of a head."""
        return self._head

    def close(self) -> None:
        """Write the file."""
        self._book.close()


class SheetRows:
    """One table of a workbook."""

    def __init__(self, book: Book, sheet: Any, heads: Sequence[str], units: Sequence[str]) -> None:
        self._book, self._sheet, self._units, self._line = book, sheet, units, 1
        for place, head in enumerate(heads):
            sheet.write_string(0, place, head, book.head)
        self.widths([len(head) for head in heads])
        sheet.freeze_panes(1, 1)

    @property
    def room(self) -> int:
        """How many more rows a spreadsheet can hold in it."""
        return MOST_ROWS - self._line

    def write(self, row: Sequence[Value], units: Sequence[str] | None = None) -> None:
        """Add a row; ``units`` where they are not the column's."""
        for place, (value, unit) in enumerate(zip(row, units or self._units, strict=True)):
            self._cell(place, value, self._book.style(unit))
        self._line += 1

    def _cell(self, place: int, value: Value, style: Any) -> None:
        if isinstance(value, str):
            if value:
                self._sheet.write_string(self._line, place, _harmless(value))
        elif isinstance(value, datetime | timedelta):
            self._sheet.write_datetime(self._line, place, value, style)
        elif value is not None:
            self._sheet.write_number(self._line, place, value, style)

    def widths(self, letters: Iterable[int]) -> None:
        """Make each column as wide as so many letters."""
        for place, width in enumerate(letters):
            self._sheet.set_column(place, place, min(width + 2, _WIDEST))


def _harmless(text: str) -> str:
    """Return text that the writer takes for text: what looks like its own markup it would write out as it is."""
    return f" {text}" if text.startswith("<r>") and text.endswith("</r>") else text


def _sheet_name(title: str, taken: set[str]) -> str:
    """Return a name that a sheet may have: 31 characters, none of a few, not twice."""
    plain = re.sub(r"[\[\]:*?/\\]", " ", title).strip("' ")[:31].rstrip("' ") or "–"
    name, number = plain, 2
    while name.casefold() in taken:
        name, number = f"{plain[:27].rstrip()} {number}", number + 1
    taken.add(name.casefold())
    return name
