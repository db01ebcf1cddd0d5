"""What people take away: the numbers on screen, and nothing that a spreadsheet would run."""

import csv
import io

import openpyxl
import pytest

from analytics.dashboards.reports import REPORTS
from tests.dashboards.test_reports import BASE, tables

pytestmark = pytest.mark.django_db


def shown(table):
    return [[cell.value for cell in (row.head, *row.cells)] for row in table.rows]


@pytest.mark.parametrize("name", REPORTS)
def test_a_workbook_has_every_table_with_the_numbers_on_screen(counted, sit, name):
    browser = sit(counted.supervisor)
    answer = browser.get(f"{BASE}{name}.xlsx?period=30")
    assert answer["Content-Disposition"].startswith(f'attachment; filename="acme-{name}-')
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    on_screen = list(tables(browser.get(f"{BASE}{name}?period=30")).values())
    sheets = book.worksheets
    assert len(sheets) == len(on_screen) + 1
    for sheet, table in zip(sheets[1:], on_screen, strict=True):
        rows = list(sheet.iter_rows(min_row=2, values_only=True))
        assert [list(row) for row in rows] == [
            [pytest.approx(value) if isinstance(value, float) else value for value in row] for row in shown(table)
        ]
    about = dict(sheets[0].iter_rows(values_only=True))
    assert about["Workspace"] == "Acme"
    assert about["Time zone"] == counted.workspace.timezone


def test_a_table_as_csv_has_the_numbers_on_screen(counted, sit):
    browser = sit(counted.supervisor)
    answer = browser.get(f"{BASE}people/people.csv")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    head, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert head[0] == "Agent"
    expected = shown(tables(browser.get(f"{BASE}people"))["people"])
    assert rows == [["" if value is None else str(value) for value in row] for row in expected]


def test_what_begins_like_a_formula_is_text(counted, sit):
    browser = sit(counted.supervisor)
    rows = list(csv.reader(io.StringIO(browser.get(f"{BASE}topics/tags.csv").content.decode("utf-8-sig"))))
    assert rows[1][0] == "'@refund"
    book = openpyxl.load_workbook(io.BytesIO(browser.get(f"{BASE}topics.xlsx").content))
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
    assert [cell.data_type for cell in cells if cell.value == "@refund"] == ["s"]
    assert not any(cell.data_type == "f" for cell in cells)


def test_operators_take_away_their_own_figures_only(counted, sit):
    book = openpyxl.load_workbook(io.BytesIO(sit(counted.operator).get(f"{BASE}overview.xlsx").content))
    assert dict(book.worksheets[0].iter_rows(values_only=True))["Agent"] == "Otto"
    figures = {row[0]: row[2] for row in book.worksheets[1].iter_rows(min_row=2, values_only=True)}
    assert figures["Chats"] == 2
