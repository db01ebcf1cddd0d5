"""Small pictures of the reports as SVG whose sizes are attributes, since the policy allows no inline styles."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from chat.templatetags.inbox import as_time

from ..dashboards import words
from ..dashboards.shapes import Cell, Column, Row, TablePart

register = template.Library()

_WIDTH, _HEIGHT, _EDGE = 100, 28, 2


@register.simple_tag
def spark(course: Sequence[float | None]) -> SafeString | str:
    """A figure's course as a small line; nothing where there are fewer than two points to join."""
    known = [value for value in course if value is not None]
    if len(known) < 2:
        return ""
    most = max(known) or 1
    step = _WIDTH / (len(course) - 1)
    points = [
        None
        if value is None
        else (round(place * step, 1), round(_EDGE + (1 - value / most) * (_HEIGHT - 2 * _EDGE), 1))
        for place, value in enumerate(course)
    ]
    return format_html(
        '<svg class="spark" viewBox="0 0 {} {}" preserveAspectRatio="none" aria-hidden="true"><path d="{}"/></svg>',
        _WIDTH,
        _HEIGHT,
        " ".join(_strokes(points)),
    )


def _strokes(points: Sequence[tuple[float, float] | None]) -> Iterator[str]:
    """Yield a path through the points, lifted where one is missing."""
    pen_is_down = False
    for point in points:
        if point is not None:
            yield f"{'L' if pen_is_down else 'M'}{point[0]} {point[1]}"
        pen_is_down = point is not None


@register.simple_tag
def bar(cell: Cell, part: TablePart) -> SafeString:
    """A bar as long as the cell's part of the greatest of its column; shares are parts of one."""
    place = [column.name for column in part.table.columns].index(part.bar) - 1
    most = 1.0 if cell.unit == "share" else max((_number(row.cells[place]) for row in part.table.rows), default=0)
    width = round(100 * _number(cell) / most, 1) if most else 0
    return format_html(
        '<svg class="cell-bar" aria-hidden="true"><rect class="track" width="100%" height="100%" rx="3"/>'
        '<rect class="fill" width="{}%" height="100%" rx="3"/></svg>',
        width,
    )


def _number(cell: Cell) -> float:
    return 0.0 if cell.value is None or isinstance(cell.value, str) else float(cell.value)


@register.simple_tag
def when(value: datetime | str) -> SafeString | str:
    """A moment in the workspace's time, like everything in the reports; the inbox shows the reader's."""
    moment = as_time(value)
    if moment is None:
        return ""
    local = timezone.localtime(moment)
    return format_html('<time datetime="{}">{}</time>', local.isoformat(), words.moment(local))


@register.filter
def with_columns(row: Row, columns: Sequence[Column]) -> list[tuple[Cell, Column]]:
    """The cells of a row, each with its column."""
    return list(zip(row.cells, columns[1:], strict=True))


@register.filter
def from_greatest(name: str) -> str:
    """A column's name as a sort that has the greatest first."""
    return f"-{name}"


@register.filter
def at(values: Sequence[object], place: int) -> object:
    """The value at a place."""
    return values[place]


@register.filter
def stars(count: int) -> list[bool]:
    """Five stars, of which so many are full."""
    return [place < count for place in range(5)]


@register.filter
def beside(first: Sequence[object], second: Sequence[object]) -> list[tuple[object, object]]:
    """Two lists, side by side."""
    return list(zip(first, second, strict=False))
