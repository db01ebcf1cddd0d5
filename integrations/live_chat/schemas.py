"""The shapes of the contract's bodies, as JSON Schema: what ``requests.py`` reads and ``mapping.py`` shows.

Tests hold both sides to them: an answer with a field that is not here, or without one that is, fails.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from agents.schedule import DAYS, MOST_SPANS
from chat.models import Channel
from widget.models import Trigger, Widget

from ..openapi.shapes import (
    Schema,
    address,
    answer,
    choice,
    colour,
    constant,
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
from ..rest.fields import JSON_KEYS
from .errors import _CODES
from .requests import (
    ATTACHMENTS_LIMIT,
    CONTENT_LIMIT,
    EVENTS_LIMIT,
    FILTER_TYPES,
    MESSAGE_TYPES,
    PRIORITIES,
    STATUSES,
    WIDGET_EVENTS,
)

CHANNELS = [str(channel) for channel in Channel.values]
POSITIONS, SHAPES_OF_BUTTONS = Widget.Position.values, Widget.Shape.values
SENDERS = ("visitor", "agent", "bot", "system")

_custom = free("The integrator's own fields.", most=JSON_KEYS)
_satisfaction = request(
    {"rating": integer(1, 5), "feedback": text(2000)}, needed=["rating"], about="What the visitor thinks of it."
)

# --- What is sent to Parley -------------------------------------------------------------------------------------

START = request(
    {
        "visitorId": text(200, "A visitor that Parley knows, or the integrator's own id of a customer."),
        "customerId": text(200, "The integrator's own id of a customer."),
        "identityToken": text(4096, "Proof of who the customer is, signed with the workspace's identity secret."),
        "channel": choice(CHANNELS, "Where the visitor writes. Default: website."),
        "source": request(
            {"url": text(2000, "http or https."), "title": text(300), "referrer": text(2000, "http or https.")},
            about="The page from which the session starts.",
        ),
        "visitor": request(
            {"name": text(200), "email": text(254, "An e-mail address."), "phone": text(40), "customFields": _custom}
        ),
        "initialMessage": text(CONTENT_LIMIT),
        "department": text(60, "Slug or id of a department."),
        "priority": choice(PRIORITIES, "Default: medium. A page or a visitor may ask for low and medium."),
        "startKey": text(100, "Chosen by the client: sent again, it answers the same session.", minLength=16),
        "clientMessageId": text(100, "The client's own id of the initial message."),
        "triggerId": text(100, "The proactive message that the visitor answers."),
    }
)
ASSIGN = request({"agentId": text(100), "transferReason": text(200)}, needed=["agentId"])
TRANSFER = request(
    {
        "targetAgentId": text(100),
        "targetDepartment": text(60, "Slug or id of a department."),
        "reason": text(200),
        "notes": text(CONTENT_LIMIT, "Kept as a note for the team."),
    },
    about="To an agent, a department, or both: at least one of the two.",
)
END = request(
    {
        "reason": text(200),
        "notes": text(CONTENT_LIMIT, "Kept as a note for the team; not for visitors to send."),
        "followUpRequired": flag(),
        "satisfaction": _satisfaction,
    }
)
_SENT_FILE = request(
    {
        "id": text(100, "A file uploaded before to this session; then nothing else is read."),
        "type": choice(["file", "image"]),
        "url": text(2000, "Where the integrator keeps the file, or the address that an upload answered."),
        "name": text(255),
        "size": integer(0, 2**40, "In bytes."),
    }
)
SEND = request(
    {
        "type": choice(MESSAGE_TYPES, "Default: text. A file or an image needs attachments."),
        "content": text(CONTENT_LIMIT, "Needed when there is no attachment."),
        "senderId": text(200, "With a secret key: the agent, or the session's visitor, who says it."),
        "senderType": choice(SENDERS),
        "metadata": free(
            "Kept as it is. `isInternal: true` makes it a note for the team. A visitor's `postback`, with `messageId`,"
            " `element` and `button` (their places, from 0), is a click on a button of a rich message.",
            most=JSON_KEYS,
        ),
        "isInternal": flag("The same as in `metadata`."),
        "attachments": many(_SENT_FILE, most=ATTACHMENTS_LIMIT),
        "clientMessageId": text(100, "The same id sent again answers the stored message."),
    }
)
TYPE = request({"isTyping": flag(), "senderId": text(200)}, needed=["isTyping"])
FILE = {
    "type": "object",
    "properties": {"file": {"type": "string", "format": "binary", "description": "Its type is sniffed."}},
    "required": ["file"],
}
STATUS = request(
    {
        "status": choice(STATUSES),
        "statusMessage": text(200),
        "availableUntil": moment("When the status falls back by itself."),
    },
    needed=["status"],
)

_fixed = "Not changed here."
DAY_WANTED = request(
    {
        "start": text(5, "HH:MM."),
        "end": text(5, "HH:MM; 24:00 is the end of the day."),
        "spans": many(request({"start": text(5), "end": text(5)}), "Where the day has several.", most=MOST_SPANS),
        "closed": flag("True, and nothing else."),
    }
)
SETTINGS = request(
    {
        "widgetId": text(100, "Which widget, unless the address says it."),
        "enabled": flag(),
        "domains": many(text(500), "Host names such as example.com or *.example.com.", most=50),
        "pages": many(text(500), "Patterns such as /pricing or /shop/*. Empty: all pages.", most=50),
        "appearance": request(
            {
                "position": choice(POSITIONS),
                "primaryColor": colour(),
                "textColor": text(7, "#rrggbb, readable on the primary colour; empty: computed."),
                "borderRadius": integer(0, 32, "In pixels."),
                "showAgentPhotos": flag(),
                "headerText": text(80),
                "shape": choice(SHAPES_OF_BUTTONS),
                "buttonText": text(40),
                "logoUrl": text(2000, "https."),
                "showPoweredBy": flag(),
            }
        ),
        "behavior": request(
            {
                "autoOpen": flag(),
                "proactiveMessage": request(
                    {"enabled": flag(), "delay": integer(0, 3600, "In seconds."), "message": text(500)}
                ),
                "welcomeMessage": text(500),
                "offlineMessage": text(500),
                "triggers": many({}, "Not looked at."),
            }
        ),
        "name": text(about=_fixed),
        "departments": many(free(), _fixed),
        "businessHours": request(
            {
                "schedule": request(dict.fromkeys(DAYS, DAY_WANTED)),
                "timezone": text(about=_fixed),
                "exceptions": many(free(), _fixed),
                "isOpen": flag("Not looked at."),
                "opensAt": {"description": "Not looked at."},
            }
        ),
        "maxFileBytes": integer(about=_fixed),
        "pageView": flag(_fixed),
        "online": flag("Not looked at."),
        "byPage": flag("Not looked at."),
        "extras": flag("Not looked at."),
    }
)

EVENTS = request(
    {
        "events": many(
            request(
                {
                    "event": choice(WIDGET_EVENTS),
                    "page": text(2000, "The page's address, http or https."),
                    "triggerId": text(100, "Of which proactive message."),
                },
                needed=["event", "page"],
            ),
            most=EVENTS_LIMIT,
        )
    },
    needed=["events"],
)

# --- What Parley sends ------------------------------------------------------------------------------------------

SHAPES: dict[str, Schema] = {
    "Failure": answer(
        {
            "success": constant(False),
            "code": integer(4000, 5999),
            "message": text(about="What is wrong, in the caller's language."),
            "errors": many(answer({"field": text(), "message": text()}), "What is wrong in which field."),
        }
    ),
    "AgentCard": answer(
        {
            "id": identifier("agent"),
            "name": text(),
            "avatar": nullable(address("A picture.")),
            "isOnline": flag(),
        }
    ),
    "Satisfaction": answer({"rating": integer(1, 5), "feedback": text()}),
    "Session": answer(
        {
            "id": identifier("session"),
            "status": choice(["waiting", "active", "ended"]),
            "channel": choice(CHANNELS),
            "visitor": answer(
                {
                    "id": identifier("visitor"),
                    "name": text(),
                    "email": text(),
                    "phone": text(),
                    "isOnline": flag(),
                    "lastSeen": nullable(moment()),
                    "verified": flag("Whether it is proved that this is the customer."),
                }
            ),
            "assignedAgent": nullable(ref("AgentCard")),
            "department": nullable(text(about="The slug.")),
            "priority": choice(PRIORITIES),
            "tags": many(text(), "Empty for a visitor."),
            "customFields": free("The visitor's and the session's own. Empty for a visitor."),
            "source": free("The page from which it started: `url`, `title`, `referrer`, as far as known."),
            "startedAt": moment(),
            "lastActivity": nullable(moment("Of the newest message.")),
            "endedAt": nullable(moment()),
            "messageCount": integer(),
            "satisfaction": nullable(ref("Satisfaction")),
            "previousSessionId": nullable(identifier("session", "The session before, with the same visitor.")),
            "lastSeq": integer(about="The number of the newest entry that the caller may see."),
            "unreadCount": integer(about="What the caller's side has not read."),
            "queuePosition": nullable(integer(1, about="1 is served next; null when it does not wait.")),
            "estimatedWaitTime": integer(about="In seconds."),
            "trigger": nullable(
                answer({"id": identifier("trigger"), "name": text()}, about="The proactive message that was answered.")
            ),
            "opensAt": nullable(moment("Set while the session waits for opening hours.")),
        }
    ),
    "Attachment": answer(
        {
            "id": identifier("file"),
            "type": choice(["file", "image"]),
            "url": text(about="Where the file is. An address of Parley's runs out after a while."),
            "name": text(),
            "size": integer(about="In bytes."),
            "contentType": text(),
        }
    ),
    "Event": {
        **answer({"event": text(about="What happened: assigned, transferred, closed, rated, ...")}),
        "additionalProperties": True,
        "description": "What happened, for a message of the type system. Persons are `{id, name}`.",
    },
    "Message": answer(
        {
            "id": identifier("msg"),
            "sessionId": identifier("session"),
            "type": choice(FILTER_TYPES),
            "content": text(),
            "senderId": nullable(text(about="`agent_…` or `visitor_…`; null for the workspace and the system.")),
            "senderType": choice(SENDERS),
            "senderName": nullable(text()),
            "status": choice(["sent", "delivered", "read"]),
            "sentAt": moment(),
            "deliveredAt": nullable(moment()),
            "readAt": nullable(moment()),
            "metadata": free(),
            "attachments": many(ref("Attachment")),
            "seq": integer(1, about="The number in the session's timeline."),
            "prev": integer(about="The number before it that the caller may see; 0 for the first."),
            "clientMessageId": nullable(text()),
            "event": nullable(ref("Event")),
        }
    ),
    "Agent": answer(
        {
            "id": identifier("agent"),
            "name": text(),
            "email": nullable(text()),
            "avatar": nullable(address("A picture.")),
            "status": choice(STATUSES),
            "statusMessage": text(),
            "department": nullable(text(about="The slug of the first one.")),
            "departments": many(text(), "The slugs."),
            "skills": many(text()),
            "currentChats": integer(),
            "maxChats": integer(),
            "lastActivity": nullable(moment()),
        }
    ),
    "Hours": {
        "anyOf": [
            answer(
                {
                    "start": text(about="HH:MM, the first opening of the day."),
                    "end": text(about="HH:MM, the last closing; 24:00 is the end of the day."),
                    "spans": many(
                        answer({"start": text(), "end": text()}), "When the day has several: it is closed in between."
                    ),
                },
                maybe=["spans"],
            ),
            answer({"closed": constant(True)}),
        ]
    },
    "WidgetConfiguration": answer(
        {
            "widgetId": identifier("widget"),
            "name": text(about="Of the workspace."),
            "enabled": flag(),
            "online": flag("Whether somebody can take a chat now."),
            "appearance": answer(
                {
                    "position": choice(POSITIONS),
                    "primaryColor": colour(),
                    "textColor": colour("Chosen, or computed for contrast with the primary colour."),
                    "borderRadius": integer(about="In pixels."),
                    "showAgentPhotos": flag(),
                    "headerText": text(),
                    "shape": choice(SHAPES_OF_BUTTONS),
                    "buttonText": text(),
                    "logoUrl": text(),
                    "showPoweredBy": flag(),
                }
            ),
            "behavior": answer(
                {
                    "autoOpen": flag(),
                    "proactiveMessage": answer(
                        {"enabled": flag(), "delay": integer(about="In seconds."), "message": text()}
                    ),
                    "welcomeMessage": text(),
                    "offlineMessage": text(),
                    "triggers": many(ref("Trigger"), "The proactive messages of this page."),
                }
            ),
            "departments": many(answer({"id": text(about="The slug."), "name": text(), "available": flag()})),
            "businessHours": answer(
                {
                    "timezone": text(about="As in the IANA database."),
                    "schedule": answer({day: ref("Hours") for day in DAYS}),
                    "exceptions": many(
                        free(), "Days that are not as the schedule says: from, to (included), name, and hours as above."
                    ),
                    "isOpen": flag("Whether it is within these hours now."),
                    "opensAt": nullable(moment("When it opens next, while it is closed.")),
                }
            ),
            "maxFileBytes": integer(),
            "pageView": flag("Whether the widget tells on which page the visitor is."),
            "byPage": flag("Whether another page of the site may get something else."),
            "extras": flag("Whether our widget has to load more than a plain one."),
            "domains": many(text(), "For the team."),
            "pages": many(text(), "For the team: the patterns of the pages where it is. Empty: all pages."),
        },
        maybe=["domains", "pages"],
    ),
    "Trigger": answer(
        {
            "id": identifier("trigger"),
            "name": text(),
            "condition": choice(Trigger.Condition.values),
            "delay": integer(about="In seconds."),
            "threshold": nullable(integer(1, 100, "Per cent of the page, for scroll alone.")),
            "urlPattern": text(),
            "message": text(about="In the caller's language, if it has one."),
            "repeat": choice(Trigger.Repeat.values),
            "repeatHours": nullable(integer(1)),
        }
    ),
}

AGENT_STATUS: Schema = {
    **SHAPES["Agent"],
    "properties": {**SHAPES["Agent"]["properties"], "availableUntil": nullable(moment())},
    "required": [*SHAPES["Agent"]["required"], "availableUntil"],
}
STARTED = answer(
    {
        "sessionId": identifier("session"),
        "status": choice(["waiting", "active", "ended"]),
        "queuePosition": nullable(integer(1)),
        "estimatedWaitTime": integer(about="In seconds."),
        "assignedAgent": nullable(ref("AgentCard")),
        "createdAt": moment(),
        "websocketUrl": text(about="The session's socket; the token goes into its query or its subprotocol."),
        "visitorId": identifier("visitor"),
        "session": ref("Session"),
        "resumed": flag("Whether this is the session that the visitor had open."),
        "token": text(about="The visitor's token, `vt_…`. Not for an agent's token."),
        "tokenExpiresAt": moment(),
    },
    maybe=["token", "tokenExpiresAt"],
)
TYPING = answer({"sessionId": text(), "isTyping": flag()})
PAGINATION = answer({"page": integer(1), "perPage": integer(1, 100), "total": integer(), "totalPages": integer(1)})


WORKLOAD = answer(
    {
        "id": identifier("agent"),
        "name": text(),
        "status": choice(STATUSES),
        "currentChats": integer(),
        "maxChats": integer(),
        "availableSlots": integer(about="How many more chats the queue may give them now."),
        "utilization": number(about="Per cent of what they can hold."),
        "unansweredChats": integer(about="Chats whose visitor waits for an answer."),
        "unreadMessages": integer(),
        "waitingChats": integer(about="Chats in the queue that they could be given."),
        "sessions": many(
            answer(
                {
                    "id": identifier("session"),
                    "visitor": answer({"id": identifier("visitor"), "name": text()}),
                    "department": nullable(text(about="The slug.")),
                    "priority": choice(PRIORITIES),
                    "startedAt": moment(),
                    "lastActivity": nullable(moment()),
                    "unreadCount": integer(),
                }
            )
        ),
    }
)


def done(data: Schema, **beside: Schema) -> Schema:
    """The envelope of something read or changed: code 1000."""
    return _envelope(1000, data, beside)


def created(data: Schema) -> Schema:
    """The envelope of something new: code 1001."""
    return _envelope(1001, data, {})


def _envelope(code: int, data: Schema, beside: dict[str, Schema]) -> Schema:
    return answer({"success": constant(True), "code": constant(code), "message": text(), "data": data, **beside})


# Failures that come before any view: their status is not that of their code.
_BEFORE = {"body_too_large": (413, 4000, "The request is too large."), "body_type": (415, 4000, "Not JSON.")}


def problem_answers(names: Sequence[str]) -> dict[int, dict[str, Any]]:
    """Return the failures with these names (those of ``errors.py``) as responses, by status."""
    found: dict[int, dict[int, str]] = {}
    for name in names:
        status, code, words = _BEFORE.get(name) or _CODES[name]
        found.setdefault(status, {}).setdefault(code, str(words or name.replace("_", " ").capitalize()).rstrip("."))
    return {status: _failure(codes) for status, codes in found.items()}


def _failure(codes: dict[int, str]) -> dict[str, Any]:
    listed = ". ".join(f"{code}: {words}" for code, words in sorted(codes.items()))
    exact = {"properties": {"code": {"enum": sorted(codes)}}}
    schema = {"allOf": [ref("Failure"), exact]}
    return {"description": f"{listed}.", "content": {"application/json": {"schema": schema}}}
