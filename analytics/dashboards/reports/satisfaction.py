"""Satisfaction: what visitors said of it, in stars and in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ... import queries
from ...queries import Rating
from .. import behind, courses, words
from ..asking import Asked
from ..courses import Course
from ..figures import FIGURES, cards, column, link
from ..shapes import Cards, Cell, Chart, Column, Comments, Part, Row, Table, TablePart

COMMENTS = 20


def build(asked: Asked, extra: Mapping[str, str]) -> Sequence[Part]:
    """Return the parts of the report."""
    found = courses.course(asked)
    comparison = queries.compare(asked.span, asked.where)
    shown = cards(asked, ("satisfaction", "content", "ratings"), comparison, found.points)
    return [
        Cards(name="figures", title=_("Figures"), cards=shown),
        _distribution(asked, comparison.now.satisfaction),
        _course(asked, found),
        _comments(asked, comparison.now.satisfaction),
    ]


def _distribution(asked: Asked, rating: Rating) -> TablePart:
    """Return how many gave how many stars, the best first."""
    title = _("How visitors rated")
    columns = [Column("stars", _("Stars"), "text"), Column("share", _("Share"), "share"), Column("count", _("Ratings"))]
    rows = []
    for stars in range(5, 0, -1):
        count = rating.stars[stars - 1]
        url = link(asked, f"rating_{stars}") if count else ""
        name = ngettext("{n} star", "{n} stars", stars).format(n=stars)
        share = count / rating.count if rating.count else None
        rows.append(Row(Cell(name, "text"), [Cell(share, "share"), Cell(count, url=url)]))
    return TablePart(
        name="ratings",
        title=title,
        definition=FIGURES["satisfaction"].definition,
        table=Table("ratings", title, columns, rows),
        bar="share",
        wide=False,
    )


def _course(asked: Asked, found: Course) -> Chart:
    title = _("Satisfaction over time")
    columns = [column("satisfaction", "line"), column("ratings")]
    rows = courses.rows(asked, found, ["satisfaction", "ratings"])
    table = courses.table("satisfaction-course", title, columns, rows, found.by)
    return Chart(name="satisfaction-course", title=title, table=table, unit="stars", wide=False)


def _comments(asked: Asked, rating: Rating) -> Comments:
    title = _("What visitors wrote")
    more = rating.commented > COMMENTS
    return Comments(
        name="comments",
        title=title,
        comments=behind.comments(asked, COMMENTS) if rating.commented else (),
        more_url=link(asked, "commented") if more else "",
        more_label=_("All {n} comments").format(n=words.number(rating.commented)) if more else "",
    )
