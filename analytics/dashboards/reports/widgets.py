"""Widgets and triggers: how often a widget was seen and opened, what came of it, and which messages people answered."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from ... import queries
from ...definitions import METRICS
from ...queries import Filter, TriggerFigures, WidgetFigures
from .. import words
from ..asking import Asked
from ..behind import OTHER_PAGES
from ..figures import link
from ..shapes import Card, Cards, Cell, Column, Part, Row, Table, TablePart, Unit


def build(asked: Asked, extra: Mapping[str, str]) -> Sequence[Part]:
    """Return the report of one widget: the one that is filtered by, else the first."""
    widgets = asked.choices.get("widget", [])
    if not widgets:
        return [_nothing()]
    chosen = next((each for each in widgets if each.pk == asked.where.widget_uid), widgets[0])
    assert isinstance(chosen.pk, uuid.UUID)
    # Of the other filters the counts of a widget know nothing, nor may the lists behind them.
    asked = replace(asked, where=Filter(widget_uid=chosen.pk), filters={"widget": chosen.value})
    now, before = queries.widget(asked.span, chosen.pk), queries.widget(asked.before, chosen.pk)
    return [
        Cards(name="figures", title=chosen.name, cards=_cards(asked, now, before)),
        _triggers(asked, now),
        _pages(asked, now),
    ]


def _nothing() -> TablePart:
    title = _("Widgets")
    empty = _("This workspace has no widget yet. An admin can make one, under Widgets in the administration.")
    columns = [Column("widget", _("Widget"), "text")]
    return TablePart(name="widgets", title=title, table=Table("widgets", title, columns, [], empty))


def _cards(asked: Asked, now: WidgetFigures, before: WidgetFigures) -> list[Card]:
    chats = link(asked, "total") if now.chats.total else ""
    opened = _share(now.opens, now.views)
    return [
        _card("views", _("Shown"), _("How often a page with the widget was opened."), (now.views, before.views)),
        _card(
            "opens",
            _("Opened"),
            _("How often somebody opened the widget’s window."),
            (now.opens, before.opens),
            aside=opened,
        ),
        _card(
            "chats",
            str(METRICS["total"][0]),
            str(METRICS["total"][1]),
            (now.chats.total, before.chats.total),
            url=chats,
        ),
        _card(
            "conversion",
            str(METRICS["conversion"][0]),
            str(METRICS["conversion"][1]),
            (now.conversion, before.conversion),
            unit="share",
            of=before.views,
            url=chats,
        ),
    ]


def _card(
    name: str,
    title: str,
    definition: str,
    values: tuple[float | None, float | None],
    *,
    unit: Unit = "count",
    of: int | None = None,
    url: str = "",
    aside: str = "",
) -> Card:
    now, before = values
    good = "up" if unit == "share" else ""
    change = words.change(now, before, unit, good, of=int(before or 0) if of is None else of)
    return Card(name, title, definition, Cell(now, unit, url), Cell(before, unit), change, aside)


def _share(part: int, whole: int) -> str:
    return _("{share} of the times shown").format(share=words.percent(part / whole)) if whole else ""


def _triggers(asked: Asked, now: WidgetFigures) -> TablePart:
    """Return how each proactive message did. One that was deleted since has no name any more."""
    title = _("Proactive messages")
    names = {choice.pk: choice.name for choice in asked.choices.get("trigger", [])}
    columns = [
        Column("trigger", _("Trigger"), "text"),
        Column("shown", _("Times shown")),
        Column("answered", _("Times answered")),
        Column("conversion", _("Share answered"), "share", _("Answers, of the times that the message was shown.")),
        Column("chats", _("Chats"), "count", _("Chats that began with the message, in any widget.")),
    ]
    rows = [
        Row(
            Cell(names.get(each.trigger_uid, _("Deleted since")), "text"),
            [Cell(each.shown), Cell(each.answered), Cell(each.conversion, "share"), _began(asked, each, names)],
        )
        for each in now.triggers
    ]
    empty = _(
        "No proactive message was shown in this period. An admin can write one, under Triggers in the administration."
    )
    return TablePart(
        name="triggers", title=title, table=Table("triggers", title, columns, rows, empty), bar="shown", wide=False
    )


def _began(asked: Asked, each: TriggerFigures, names: Mapping[Any, str]) -> Cell:
    known = each.chats.total and each.trigger_uid in names
    url = link(replace(asked, filters={}), "total", trigger=each.trigger_uid.hex) if known else ""
    return Cell(each.chats.total, url=url)


def _pages(asked: Asked, now: WidgetFigures) -> TablePart:
    title = _("Pages seen most")
    columns = [
        Column("page", _("Page"), "text"),
        Column("views", _("Times shown")),
        Column("opens", _("Times opened")),
        Column("share", _("Share opened"), "share", _("Opened windows, of the times that the page was shown.")),
        Column("chats", _("Chats"), "count", _("Chats that began on the page.")),
    ]
    rows = [
        Row(
            Cell(each.page or _("All other pages"), "text"),
            [
                Cell(each.views),
                Cell(each.opens),
                Cell(each.opens / each.views if each.views else None, "share"),
                Cell(each.chats, url=link(asked, "total", page=each.page or OTHER_PAGES) if each.chats else ""),
            ],
        )
        for each in now.pages
    ]
    empty = _("The widget was not shown in this period. Is it on your pages yet?")
    return TablePart(
        name="pages", title=title, table=Table("pages", title, columns, rows, empty), bar="views", wide=False
    )
