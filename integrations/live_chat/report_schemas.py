"""The shapes of figures: sections 4.4, 5.3 and 6 of the contract. The rest is in ``schemas.py``."""

from __future__ import annotations

from ..openapi.shapes import answer, choice, date, identifier, integer, keyed, many, nullable, number, text
from .reports import NO_DEPARTMENT
from .requests import PERIODS

_SPAN = {"fromDate": date("The first day."), "toDate": date("The last day."), "timezone": text()}
_seconds = nullable(integer(about="In seconds; null when there is none."))
_score = nullable(number(1, 5, "1 to 5, one decimal; null without ratings."))
_percent = nullable(number(0, about="Per cent, one decimal; null when it cannot be said."))
_SUMMARY = {
    "totalChats": integer(),
    "completedChats": integer(),
    "abandonedChats": integer(),
    "averageWaitTime": _seconds,
    "averageResponseTime": _seconds,
    "averageResolutionTime": _seconds,
    "satisfactionScore": _score,
    "firstContactResolution": _percent,
}
_TRENDS = many(
    answer(
        {
            "date": date("Of the day, or the first one of the week or month in the span."),
            "chats": integer(),
            "avgWaitTime": _seconds,
            "avgResponseTime": _seconds,
            "satisfaction": _score,
        }
    ),
    "Oldest first.",
)
_WHO = {
    "id": identifier("agent"),
    "name": text(),
    "department": nullable(text(about="The slug of the first one.")),
    "departments": many(text(), "The slugs."),
}
_SAID = {"satisfactionScore": _score, "totalRatings": integer()}
OVERVIEW = answer(
    {
        "summary": answer(_SUMMARY),
        "trends": _TRENDS,
        "byChannel": keyed(integer(), "Chats by channel."),
        "byDepartment": keyed(integer(), f"Chats by department's slug; `{NO_DEPARTMENT}` for those in none."),
        **_SPAN,
    }
)
AGENTS = answer({"agents": many(answer({**_WHO, **_SUMMARY, "totalRatings": integer()})), **_SPAN})
PERFORMANCE = answer(
    {
        "agent": answer(_WHO),
        "period": choice(PERIODS),
        "summary": answer({**_SUMMARY, "totalRatings": integer()}),
        "trends": _TRENDS,
        **_SPAN,
    }
)
SATISFACTION = answer(
    {
        "summary": answer(
            {
                **_SAID,
                "positiveRate": nullable(number(0, 100, "Per cent of the ratings that are 4 or 5.")),
                "responseRate": nullable(number(0, 100, "Ratings for each hundred completed chats.")),
                "withFeedback": integer(about="Ratings with words."),
            }
        ),
        "distribution": answer({str(stars): integer() for stars in range(1, 6)}),
        "trends": many(answer({"date": date(), "satisfaction": _score, "ratings": integer()})),
        "byAgent": many(answer({"id": identifier("agent"), "name": text(), **_SAID})),
        "byDepartment": keyed(answer(_SAID)),
        **_SPAN,
    }
)
WIDGET_ANALYTICS = answer(
    {
        "widgetId": identifier("widget"),
        "summary": answer(
            {
                "views": integer(about="How often the widget was on a page."),
                "opens": integer(about="How often its window was opened."),
                "chatsStarted": integer(),
                "openRate": _percent,
                "conversionRate": nullable(number(0, about="Chats for each hundred views.")),
            }
        ),
        "chats": answer(_SUMMARY, about="Of the chats that came from the widget."),
        "byPage": many(
            answer(
                {
                    "page": nullable(text(about="A path; null for all beyond the most that are told apart.")),
                    "views": integer(),
                    "opens": integer(),
                    "chatsStarted": integer(),
                    "openRate": _percent,
                    "conversionRate": nullable(number(0, about="Chats for each hundred views.")),
                }
            ),
            "The pages seen most.",
        ),
        "triggers": many(
            answer(
                {
                    "id": identifier("trigger"),
                    "name": nullable(text(about="Null when it is gone.")),
                    "shown": integer(),
                    "answered": integer(),
                    "chatsStarted": integer(),
                    "conversionRate": nullable(number(0, about="Answers for each hundred times shown.")),
                }
            )
        ),
        **_SPAN,
    }
)
