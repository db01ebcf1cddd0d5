"""The shapes of the contract's bodies, as JSON Schema: what ``requests/`` reads and ``mapping.py`` shows.

Tests hold both sides to them: an answer with a field that is not here, or without one that is, fails.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from agents.models import Role
from chat.services.messages import BODY_LIMIT, FILES_LIMIT
from chat.services.notes import NOTES_LIMIT
from chat.services.tagging import NAME_LIMIT, TAGS_LIMIT
from widget.models import Trigger, Widget
from widget.models.triggers import LONGEST_DELAY, LONGEST_MESSAGE, MOST_HOURS

from ..openapi.shapes import (
    Schema,
    answer,
    choice,
    colour,
    constant,
    date,
    flag,
    free,
    identifier,
    integer,
    many,
    moment,
    nullable,
    number,
    ref,
    request,
    text,
)
from ..webhooks.names import EVENTS, TEST
from .errors import CODES, REFUSED
from .mapping import AGENT_STATUS, STATUS
from .requests.chats import FILE_TYPES
from .requests.webhooks import DELIVERY_STATES, OLD_SECRET_HOURS
from .requests.widget import DOMAINS_LIMIT

STATUSES = tuple(STATUS.values())
_agent = nullable(identifier("agent"))

# --- Chats --------------------------------------------------------------------------------------------------------

CHAT_ROW = answer(
    {
        "id": identifier("chat"),
        "visitor_name": text(),
        "visitor_email": text(),
        "status": choice(STATUSES, "active: waits for an agent. assigned: has one."),
        "assigned_to": _agent,
        "unread_count": integer(about="Messages of the visitor that nobody of the team has read."),
        "last_message_at": moment(),
        "created_at": moment(),
    }
)
PAGINATION = answer({"page": integer(1), "limit": integer(1, 100), "total": integer(), "pages": integer()})
CHATS = answer({"data": many(ref("ChatRow")), "pagination": PAGINATION})
CHAT = answer(
    {
        "id": identifier("chat"),
        "visitor": answer(
            {"name": text(), "email": text(), "phone": text(), "metadata": free("The integrator's own fields.")}
        ),
        "status": choice(STATUSES),
        "assigned_to": _agent,
        "tags": many(text(NAME_LIMIT)),
        "notes": text(NOTES_LIMIT, "One text about the chat, the team's own."),
        "created_at": moment(),
        "updated_at": moment(),
    }
)
CHANGE = request(
    {
        "status": choice(
            STATUSES,
            "closed ends the chat. A closed one reopens in place with the others: back to its agent, or to the queue."
            " active puts an open chat back into the queue; assigned goes with assigned_to.",
        ),
        "assigned_to": identifier("agent", "Who shall have the chat; null: the queue."),
        "tags": many(text(NAME_LIMIT), "Exactly these.", TAGS_LIMIT),
        "notes": text(NOTES_LIMIT),
    },
    about="What is absent stays as it is. Any other field is refused. All of it happens, or nothing.",
)
ATTACHMENT = answer(
    {
        "id": identifier("file"),
        "type": choice(FILE_TYPES),
        "name": text(),
        "content_type": text(),
        "size": integer(about="Bytes."),
        "url": text(about="Works for at least a day."),
    }
)
MESSAGE = answer(
    {
        "id": identifier("msg"),
        "chat_id": identifier("chat"),
        "seq": integer(1, about="Its place in the chat."),
        "type": choice(("text", "file", "image", "rich")),
        "text": text(),
        "sender": answer(
            {
                "type": choice(("visitor", "agent", "bot", "system")),
                "id": nullable(text()),
                "name": text(),
            }
        ),
        "attachments": many(ATTACHMENT),
        "payload": free(),
        "created_at": moment(),
    },
    about="The same in webhooks.",
)
SEND = request(
    {
        "text": text(BODY_LIMIT),
        "attachments": many(
            request(
                {
                    "type": choice(FILE_TYPES, "Default: file."),
                    "url": text(2000, "http or https: a file that you keep, or one that was uploaded here."),
                    "file_id": identifier("file", "A confirmed upload, instead of the address."),
                    "name": text(255),
                }
            ),
            most=FILES_LIMIT,
        ),
        "agent_id": identifier("agent", "With a secret key: who writes. Default: the chat's agent or the workspace."),
        "client_message_id": text(100, "Your own id: sent again, it answers the stored message."),
    },
    about="A text, attachments, or both.",
)

# --- Agents and figures -------------------------------------------------------------------------------------------

_seconds = nullable(integer(about="The mean; null when there is nothing to tell."))
_score = nullable(number(1, 5, "The mean of the ratings; null without any."))
_figures = {
    "total_chats": integer(),
    "resolved_chats": integer(about="Ended after a person of the team had answered."),
    "avg_response_time_seconds": _seconds,
    "csat_score": _score,
    "csat_responses": integer(),
}
PERIOD = answer({"from": date(), "to": date()}, about="Days in the workspace's time zone, both included.")
AGENT = answer(
    {
        "id": identifier("agent"),
        "name": text(),
        "email": nullable(text()),
        "role": choice([str(role) for role in Role.values]),
        "status": choice(AGENT_STATUS.values()),
        "active_chats": integer(),
        "total_chats": integer(about="Ever."),
    }
)
STATS = answer(
    {
        "agent_id": identifier("agent"),
        "period": PERIOD,
        "stats": answer({**_figures, "avg_resolution_time_minutes": _seconds}),
    }
)
_change = nullable(number(None, None, "Against the days before, as many; null when there is nothing to compare with."))
OVERVIEW = answer(
    {
        "period": PERIOD,
        "metrics": answer(
            {
                "total_chats": integer(),
                "avg_response_time_seconds": _seconds,
                "avg_resolution_time_minutes": _seconds,
                "csat_score": _score,
                "first_contact_resolution_rate": nullable(number(0, 1)),
            }
        ),
        "trends": answer({"chats_change_percent": _change, "response_time_change_percent": _change}),
    }
)
AGENT_FIGURES = answer({"agent_id": identifier("agent"), "name": text(), **_figures})

# --- The widget and triggers --------------------------------------------------------------------------------------

_shapes, _positions = [str(s) for s in Widget.Shape.values], [str(p) for p in Widget.Position.values]
WIDGET = answer(
    {
        "color": colour(),
        "shape": choice(_shapes),
        "position": choice(_positions),
        "button_text": text(),
        "welcome_message": text(),
        "offline_message": text(),
        "domains": many(text()),
        "branding": answer({"show_powered_by": flag(), "logo_url": nullable(text())}),
    }
)
CHANGE_WIDGET = request(
    {
        "color": text(7, "#rrggbb"),
        "shape": choice(_shapes),
        "position": choice(_positions),
        "button_text": text(40),
        "welcome_message": text(500),
        "offline_message": text(500),
        "domains": many(text(300, "example.com or *.example.com"), most=DOMAINS_LIMIT),
        "branding": request({"show_powered_by": flag(), "logo_url": text(2000, "https; null: none.")}),
    },
    about="What is absent stays as it is. Any other field is refused.",
)
_conditions = [str(c) for c in Trigger.Condition.values]
_repeats = [str(r) for r in Trigger.Repeat.values]
TRIGGER = answer(
    {
        "id": identifier("trigger"),
        "name": text(),
        "condition": choice(_conditions),
        "delay_seconds": integer(),
        "message": text(),
        "active": flag(),
        "url_pattern": text(),
        "created_at": moment(),
        "threshold": nullable(integer(1, 100, "Scroll: per cent of the page.")),
        "messages": free("The message in other languages, by language."),
        "repeat": choice(_repeats),
        "repeat_hours": nullable(integer(1, MOST_HOURS)),
        "widget_id": nullable(identifier("widget", "null: every widget.")),
    }
)
_trigger = {
    "name": text(120),
    "condition": choice(_conditions),
    "delay_seconds": integer(0, LONGEST_DELAY),
    "message": text(LONGEST_MESSAGE),
    "active": flag(),
    "url_pattern": text(500, "A glob such as /pricing or /shop/*; never a regular expression."),
    "threshold": integer(1, 100, "Scroll alone: per cent of the page. Default: 50."),
    "messages": free('The message in other languages: {"vi": …}.'),
    "repeat": choice(_repeats, "Default: visitor, once for each."),
    "repeat_hours": integer(1, MOST_HOURS, "With repeat hours alone."),
    "widget_id": identifier("widget"),
}
NEW_TRIGGER = request(_trigger, needed=["name", "condition", "message"])
CHANGE_TRIGGER = request(_trigger, about="What is absent stays as it is. Any other field is refused.")

# --- Webhooks -----------------------------------------------------------------------------------------------------

_url, _event = text(2000, "https, on the public internet."), choice(EVENTS)
_secret = text(200, "At least 16 bytes; what begins with whsec_ is base64. Default: one is made.")
WEBHOOK = answer(
    {
        "id": identifier("webhook"),
        "url": text(),
        "events": many(_event),
        "active": flag(),
        "secret": text(about="Whole in the answer that made it, masked in every other."),
        "created_at": moment(),
        "state": choice(("on", "failing", "paused", "off")),
        "failing_since": nullable(moment()),
        "paused_at": nullable(moment("Nothing is sent since; events are held.")),
        "pause_reason": nullable(text()),
        "previous_secret_valid_until": nullable(moment("Until then the secret before this one signs too.")),
    }
)
NEW_WEBHOOK = request(
    {"url": _url, "events": many(_event, most=50), "secret": _secret, "active": flag("Default: true.")},
    needed=["url", "events"],
)
CHANGE_WEBHOOK = request({"url": _url, "events": many(_event, most=50), "active": flag("true also ends a pause.")})
ROTATE = request(
    {
        "secret": _secret,
        "keep_old_hours": integer(0, OLD_SECRET_HOURS, "How long the old one signs beside it. Default: 24."),
    }
)
ANY_EVENT = choice([*EVENTS, TEST])
_delivery = {
    "id": identifier("delivery", "The webhook-id header, the same on every attempt."),
    "event": ANY_EVENT,
    "status": choice(DELIVERY_STATES),
    "attempts": integer(),
    "last_status_code": nullable(integer()),
    "last_error": nullable(text()),
    "created_at": moment(),
    "next_attempt_at": nullable(moment()),
    "delivered_at": nullable(moment()),
    "failed_at": nullable(moment()),
}
DELIVERY = answer(_delivery)
ATTEMPT = answer(
    {
        "at": moment(),
        "duration_ms": integer(),
        "request": answer({"method": constant("POST"), "url": text(), "headers": free()}),
        "response": nullable(answer({"status_code": integer(), "body": text(about="Its beginning.")})),
        "error": nullable(text()),
    }
)
DELIVERY_LOG = answer({**_delivery, "body": free("What was sent each time."), "tries": many(ATTEMPT, "Oldest first.")})
LOG = answer(
    {
        "data": many(ref("Delivery"), "Newest first."),
        "pagination": answer(
            {"limit": integer(1), "next": nullable(identifier("delivery", "`after` of the next page."))}
        ),
    }
)
REPLAY = request(
    {"from": text(about="ISO 8601."), "to": text(about="ISO 8601, excluded. Default: now."), "failed_only": flag()},
    needed=["from"],
)
REPLAYED = answer({"replayed": integer(about="How many deliveries.")})

# --- Files ----------------------------------------------------------------------------------------------------------

UPLOAD = request(
    {
        "filename": text(255),
        "content_type": text(120, "Such as image/png. What the bytes show decides."),
        "size_bytes": integer(1, 2**53, "At most what the workspace allows."),
    },
    needed=["filename", "content_type", "size_bytes"],
)
CONFIRM = request({"file_id": text(100), "chat_id": text(100)}, needed=["file_id", "chat_id"])
PLACE = answer({"upload_url": text(), "file_id": identifier("file"), "expires_at": moment()})
FILE = answer(
    {
        "id": identifier("file"),
        "url": text(about="Works for a day or two."),
        "filename": text(),
        "size_bytes": integer(),
        "content_type": text(),
    }
)

SHAPES: dict[str, Schema] = {
    "ChatRow": CHAT_ROW,
    "Chat": CHAT,
    "Message": MESSAGE,
    "Agent": AGENT,
    "AgentFigures": AGENT_FIGURES,
    "Webhook": WEBHOOK,
    "Delivery": DELIVERY,
    "WidgetConfiguration": WIDGET,
    "Trigger": TRIGGER,
    "Failure": answer(
        {
            "error": answer(
                {
                    "code": text(),
                    "message": text(about="In the language that was asked for, else in the workspace's."),
                    "message_en": text(about="In English."),
                    "details": free("What is wrong, by field."),
                    "request_id": text(about="As in X-Request-Id and in the log."),
                }
            )
        }
    ),
}


def listed(shape: str) -> Schema:
    """An object with all of them in ``data``."""
    return answer({"data": many(ref(shape))})


def problem_answers(names: Sequence[str]) -> dict[int, dict[str, Any]]:
    """Return the failures with these names (those of ``errors.py``, or a status of HTTP) as responses, by status."""
    found: dict[int, dict[str, str]] = {}
    for name in names:
        status, code, words = (int(name), *REFUSED[int(name)]) if name.isdigit() else CODES[name]
        found.setdefault(status, {}).setdefault(code, str(words).rstrip("."))
    return {status: _failure(codes) for status, codes in found.items()}


def _failure(codes: dict[str, str]) -> dict[str, Any]:
    listed = ". ".join(f"{code}: {words}" for code, words in sorted(codes.items()))
    exact = {"properties": {"error": {"properties": {"code": {"enum": sorted(codes)}}}}}
    return {
        "description": f"{listed}.",
        "content": {"application/json": {"schema": {"allOf": [ref("Failure"), exact]}}},
    }
