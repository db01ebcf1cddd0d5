"""Figures in the contract's words (sections 4.4, 5.3 and 6), from the same queries as the dashboards.

Pure functions. Times are whole seconds, satisfaction has one decimal, shares are per cent with one decimal; what cannot
be said (no chats, no ratings) is null.
"""

from __future__ import annotations

from typing import Any

from agents.models import Agent, Department
from analytics.queries import Figures, PageFigures, Point, Rating, Span, WidgetFigures
from analytics.spreads import Spread

from .mapping import Json, id_of

# The key of what is in no department: no slug has brackets.
NO_DEPARTMENT = "(none)"


def span(period: Span) -> Json:
    """Which days the figures are about."""
    return {
        "fromDate": period.first.isoformat(),
        "toDate": period.last.isoformat(),
        "timezone": period.workspace.timezone,
    }


def summary(figures: Figures) -> Json:
    """The summary of section 6.1."""
    return {
        "totalChats": figures.total,
        "completedChats": figures.completed,
        "abandonedChats": figures.abandoned,
        "averageWaitTime": seconds(figures.wait),
        "averageResponseTime": seconds(figures.response),
        "averageResolutionTime": seconds(figures.resolution),
        "satisfactionScore": score(figures.satisfaction),
        "firstContactResolution": percent(figures.first_contact),
    }


def trends(points: list[Point]) -> list[Json]:
    """The trend of section 6.1, a row a day, week or month."""
    return [
        {
            "date": point.start.isoformat(),
            "chats": point.figures.total,
            "avgWaitTime": seconds(point.figures.wait),
            "avgResponseTime": seconds(point.figures.response),
            "satisfaction": score(point.figures.satisfaction),
        }
        for point in points
    ]


def totals_by_channel(found: dict[str, Figures]) -> dict[str, int]:
    """Chats of each channel."""
    return {channel: figures.total for channel, figures in found.items()}


def totals_by_department(found: list[tuple[Department | None, Figures]]) -> dict[str, int]:
    """Chats of each department, by its slug."""
    return {_slug(department): figures.total for department, figures in found}


def agent_row(agent: Agent, figures: Figures, departments: list[str]) -> Json:
    """One agent's own share (section 6.2): who, and a summary."""
    return {**_who(agent, departments), **summary(figures), "totalRatings": figures.satisfaction.count}


def performance(agent: Agent, figures: Figures, points: list[Point], departments: list[str], period: str) -> Json:
    """How an agent did (section 4.4), as a whole and by parts."""
    return {
        "agent": _who(agent, departments),
        "period": period,
        "summary": {**summary(figures), "totalRatings": figures.satisfaction.count},
        "trends": trends(points),
    }


def _who(agent: Agent, departments: list[str]) -> Json:
    return {
        "id": id_of("agent", agent.uid.hex),
        "name": agent.name,
        "department": departments[0] if departments else None,
        "departments": departments,
    }


def ratings(
    rating: Rating,
    completed: int,
    points: list[Point],
    by_agent: list[tuple[Agent, Figures]],
    by_department: list[tuple[Department | None, Figures]],
) -> Json:
    """What visitors said (section 6.3). ``responseRate`` is the ratings for each hundred completed chats."""
    return {
        "summary": {
            "satisfactionScore": score(rating),
            "totalRatings": rating.count,
            "positiveRate": percent(rating.content),
            "responseRate": percent(min(1.0, rating.count / completed)) if completed else None,
            "withFeedback": rating.commented,
        },
        "distribution": {str(stars): number for stars, number in enumerate(rating.stars, start=1)},
        "trends": [
            {"date": p.start.isoformat(), "satisfaction": score(p.figures.satisfaction), "ratings": _rated(p.figures)}
            for p in points
        ],
        "byAgent": [
            {"id": id_of("agent", who.uid.hex), "name": who.name, **_said(figures)}
            for who, figures in by_agent
            if _rated(figures)
        ],
        "byDepartment": {_slug(department): _said(figures) for department, figures in by_department},
    }


def _said(figures: Figures) -> Json:
    return {"satisfactionScore": score(figures.satisfaction), "totalRatings": _rated(figures)}


def _rated(figures: Figures) -> int:
    return figures.satisfaction.count


def widget(found: WidgetFigures, names: dict[Any, str]) -> Json:
    """What happened in a widget (section 5.3). ``names``: those of its triggers, by their uid."""
    return {
        "summary": {
            "views": found.views,
            "opens": found.opens,
            "chatsStarted": found.chats.total,
            "openRate": percent(_share(found.opens, found.views)),
            "conversionRate": percent(found.conversion),
        },
        "chats": summary(found.chats),
        "byPage": [_page(page) for page in found.pages],
        "triggers": [
            {
                "id": id_of("trigger", row.trigger_uid.hex),
                "name": names.get(row.trigger_uid),
                "shown": row.shown,
                "answered": row.answered,
                "chatsStarted": row.chats.total,
                "conversionRate": percent(row.conversion),
            }
            for row in found.triggers
        ],
    }


def _page(page: PageFigures) -> Json:
    return {
        "page": page.page or None,
        "views": page.views,
        "opens": page.opens,
        "chatsStarted": page.chats,
        "openRate": percent(_share(page.opens, page.views)),
        "conversionRate": percent(page.conversion),
    }


def _slug(department: Department | None) -> str:
    return department.slug if department else NO_DEPARTMENT


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def seconds(spread: Spread) -> int | None:
    """A mean in whole seconds."""
    return None if spread.mean is None else round(spread.mean)


def score(rating: Rating) -> float | None:
    """A mean of stars, with one decimal."""
    return None if rating.mean is None else round(rating.mean, 1)


def percent(share: float | None) -> float | None:
    """A share in per cent, with one decimal."""
    return None if share is None else round(share * 100, 1)
