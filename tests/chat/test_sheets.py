"""Tables to take away: nothing in them runs, and a million rows need no more memory than ten."""

import csv
import io
import tracemalloc
from datetime import datetime, timedelta
from pathlib import Path

import openpyxl
import pytest

from chat.sheets import MARK, Book, CsvRows

# What a stranger may call themselves, and what a spreadsheet must be given for it.
FORMULAS = [
    ("=1+1", "'=1+1"),
    ("@SUM(A1)", "'@SUM(A1)"),
    ("-2+3+cmd|' /C calc'!A0", "'-2+3+cmd\\|' /C calc'!A0"),
    ("\t=1+1", "'\t=1+1"),
    ("\r=1+1", "'\r=1+1"),
    (" =1+1", "' =1+1"),
    ("＝1+1", "'＝1+1"),
    ("hello;=1+1", "hello;'=1+1"),
    ("-5", "-5"),
    ("a = b", "a = b"),
]
# The writer takes this for its own markup, and would write a formula of it.
MARKUP = '<r></t></is></c><c r="B2"><f>1+1</f></c><c r="C2" t="inlineStr"><is><t></r>'


@pytest.mark.parametrize(("written", "expected"), FORMULAS)
def test_csv_has_no_formulas(written, expected):
    text = io.StringIO(newline="")
    CsvRows(text, ["Name"]).write([written])
    assert list(csv.reader(io.StringIO(text.getvalue().removeprefix(MARK), newline="")))[1] == [expected]


@pytest.mark.parametrize("folder", [True, False])
def test_xlsx_has_no_formulas_and_the_text_as_it_was(tmp_path: Path, folder: bool):
    words = [written for written, _expected in FORMULAS if "\r" not in written] + ["http://example.com", "7"]
    file = io.BytesIO()
    book = Book(file, folder=str(tmp_path) if folder else "")
    sheet = book.sheet("Chats", ["Name", "Other"], ["text", "text"])
    for word in [*words, MARKUP]:
        sheet.write([word, None])
    book.close()
    rows = list(openpyxl.load_workbook(file).worksheets[0].iter_rows(min_row=2))
    assert [row[0].value for row in rows[:-1]] == words
    assert rows[-1][0].value == f" {MARKUP}"
    assert {cell.data_type for row in rows for cell in row} <= {"s", "n"}
    assert not any(row[1].value for row in rows)


def test_times_and_durations_are_such(tmp_path: Path):
    row = [datetime(2023, 4, 22, 9, 48, 30), timedelta(hours=101, seconds=31), None, 7]
    text = io.StringIO()
    CsvRows(text, ["a", "b", "c", "d"]).write(row)
    assert text.getvalue().splitlines()[1] == "2023-04-22 09:48:30,101:00:31,,7"
    file = io.BytesIO()
    book = Book(file)
    book.sheet("Chats", ["a", "b", "c", "d"], ["time", "length", "text", "count"]).write(row)
    book.close()
    cells = next(openpyxl.load_workbook(file).worksheets[0].iter_rows(min_row=2))
    assert cells[0].value == row[0] and cells[2].value is None and cells[3].value == 7
    assert (cells[0].number_format, cells[1].number_format) == ("yyyy-mm-dd hh:mm:ss", "[hh]:mm:ss")
    assert cells[1].value == row[1]


def test_rows_do_not_stay_in_memory(tmp_path: Path):
    def needs(count: int) -> int:
        tracemalloc.start()
        with (tmp_path / "a.xlsx").open("wb") as file, (tmp_path / "a.csv").open("w", newline="") as text:
            book = Book(file, folder=str(tmp_path))
            sheet, lines = book.sheet("Chats", ["a", "b"], ["text", "count"]), CsvRows(text, ["a", "b"])
            for number in range(count):
                sheet.write([f"Some words that are nobody else's {number}", number])
                lines.write([f"Some words that are nobody else's {number}", number])
            book.close()
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    small = needs(500)
    assert needs(8_000) < small + 300_000
