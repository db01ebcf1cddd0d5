"""What every metric means: said once for people, and once in code, where each chat is turned into counters.

The first rule: **every figure is about the chats that began in the period**, whenever the rest happened. So a chat
belongs to one hour for ever; what happens to it later corrects that hour's figures. A figure by agent counts that
agent's own share: the chats they had, the turns they answered, the endings that were theirs. All is a function of the
rows, never of the clock: the same rows give the same figures at any time.
"""

from __future__ import annotations

from datetime import timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# First contact: how long a visitor must stay away after the end of a chat.
RETURN_DAYS = 7
RETURN = timedelta(days=RETURN_DAYS)

# The fewest stars of who is content.
CONTENT = 4

# Seconds within which the share of answered chats is exact: what a service level may promise.
PROMISES = (10, 20, 30, 45, 60, 90, 120, 180, 300, 600, 900, 1800, 3600)

# The counters that are columns of a rollup; the rest is its detail: "w12" a bucket of waits, r of responses, s of
# resolutions, f of first responses, "q30" first responses that kept the promise of 30 s and no shorter one, "h9" chats
# that began in the tenth hour of a Monday, "p/tents" those that began on this page.
COUNTERS = (
    "total",
    "completed",
    "abandoned",
    "first_contact",
    "wait_count",
    "wait_ms",
    "response_count",
    "response_ms",
    "resolution_ms",
    "first_count",
    "first_ms",
    "unanswered",
    "rating_1",
    "rating_2",
    "rating_3",
    "rating_4",
    "rating_5",
    "commented",
    "bot",
    "contained",
    "handed_over",
)

# Before the path of a page, in the counter of the chats that began there: it is in the rollups by widget alone.
PAGE = "p"

# name: (title, what it means). By agent: their own share, as said in the last sentence.
METRICS: dict[str, tuple[Promise, Promise]] = {
    "total": (_("Chats"), _("Chats that began in the period. For an agent: those that they had or answered.")),
    "open": (_("Still open"), _("Chats of the period that wait or are being answered now.")),
    "completed": (
        _("Completed"),
        _(
            "Chats of the period that ended after a person of the team had answered. "
            "For an agent: that ended with them."
        ),
    ),
    "abandoned": (
        _("Abandoned"),
        _("Chats of the period that ended without an answer by a person, those that a bot settled alone included."),
    ),
    "wait": (
        _("Wait"),
        _(
            "From the beginning of a chat until it was first given to a person. "
            "Time with a bot before that does not count, nor the time until the team opens."
        ),
    ),
    "response": (
        _("Response time"),
        _(
            "From the first unanswered message of the visitor to the next reply of a person, over all turns. "
            "Bots do not count."
        ),
    ),
    "first_response": (
        _("First response"),
        _("From the visitor’s first message to the first reply of a person, chat by chat."),
    ),
    "resolution": (_("Resolution time"), _("From the beginning to the end of completed chats.")),
    "satisfaction": (_("Satisfaction"), _("The mean of the visitors’ ratings, from 1 to 5.")),
    "first_contact": (
        _("Solved at first contact"),
        _(
            "The share of completed chats whose visitor began no other chat until seven days after the end. "
            "Younger chats count as long as the visitor has not come back."
        ),
    ),
    "service_level": (
        _("Service level"),
        _(
            "The share of chats whose first reply by a person came in time, of those that were answered or ended "
            "without an answer. Chats that a bot settled alone do not count."
        ),
    ),
    "contained": (_("Settled by bots"), _("Chats with a bot that ended without ever being given to a person.")),
    "handed_over": (_("Handed over"), _("Chats with a bot that were given to a person.")),
    "conversion": (_("Conversion"), _("Chats from a widget, of the times that it was shown on a page.")),
    "backlog": (
        _("Backlog"),
        _("What waits or is open at this moment, whenever it began. Who waits until the team opens is told apart."),
    ),
}
