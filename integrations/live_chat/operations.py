"""The contract's operations in the document's order: what its docs page and its OpenAPI file show.

An endpoint without a line here fails ``tests/platform/test_contracts.py``.
"""

from __future__ import annotations

from pathlib import Path

from ..openapi import Contract, Operation, parameter
from ..openapi.contract import FORM
from ..openapi.shapes import choice, constant, date, identifier, integer, many, nullable, ref, text
from . import report_schemas, schemas, urls
from .requests import FILTER_TYPES, PERIODS
from .schemas import created, done

_SESSIONS, _MESSAGES, _AGENTS, _WIDGET, _ANALYTICS = "Sessions", "Messages", "Agents", "Widget", "Analytics"
_DAYS = [
    parameter("fromDate", date(), "The first day, in the workspace's zone. Default: 30 days to the last one."),
    parameter("toDate", date(), "The last day. Default: today."),
]
_REPORT = [
    *_DAYS,
    parameter("department", text(60), "Slug or id: only the chats of this department."),
    parameter("channel", choice(schemas.CHANNELS), "Only the chats of this channel."),
    parameter("period", choice(PERIODS), "What a row of `trends` is about. Default: day."),
]
_SESSION = done(ref("Session"))
# What may take the session out of the caller's sight answers null instead.
_SESSION_OR_GONE = done(nullable(ref("Session")))

OPERATIONS = {
    "POST sessions": Operation(
        "startSession", _SESSIONS, "2.1 Start a session",
        answers={201: created(schemas.STARTED)},
        body=schemas.START,
        problems=["not_found", "conflict"],
        examples=["2.1-start-session"],
        about="A visitor who has a session open gets that one, with `resumed: true`.",
    ),
    "GET sessions/{sessionId}": Operation(
        "readSession", _SESSIONS, "2.2 Read a session",
        answers={200: _SESSION},
        problems=["session_not_found"],
        examples=["2.2-session"],
    ),
    "POST sessions/{sessionId}/assign": Operation(
        "assignSession", _SESSIONS, "2.3 Give a session to an agent",
        answers={200: _SESSION_OR_GONE},
        body=schemas.ASSIGN,
        problems=["session_not_found", "agent_not_found", "offline", "full", "ended", "conflict"],
        examples=["2.3-assign"],
    ),
    "POST sessions/{sessionId}/transfer": Operation(
        "transferSession", _SESSIONS, "2.4 Hand a session to another agent or department",
        answers={200: _SESSION_OR_GONE},
        body=schemas.TRANSFER,
        problems=["session_not_found", "agent_not_found", "not_found", "offline", "full", "ended", "conflict"],
        examples=["2.4-transfer"],
    ),
    "POST sessions/{sessionId}/end": Operation(
        "endSession", _SESSIONS, "2.5 End a session",
        answers={200: _SESSION},
        body=schemas.END,
        body_required=False,
        problems=["session_not_found", "ended", "conflict"],
        examples=["2.5-end"],
        about="A visitor may send `satisfaction` after the end as well.",
    ),
    "POST sessions/{sessionId}/messages": Operation(
        "sendMessage", _MESSAGES, "3.1 Send a message",
        answers={201: created(ref("Message"))},
        body=schemas.SEND,
        problems=["session_not_found", "agent_not_found", "not_found", "ended", "conflict", "delivery_failed"],
        examples=["3.1-send-message"],
    ),
    "GET sessions/{sessionId}/messages": Operation(
        "readMessages", _MESSAGES, "3.2 Read the history",
        answers={200: done(many(ref("Message"), "Oldest first."), pagination=schemas.PAGINATION)},
        query=[
            parameter("page", integer(1, 1_000_000, default=1)),
            parameter("perPage", integer(1, 100, default=50)),
            parameter("before", text(), "Messages before this time (ISO 8601)."),
            parameter("after", text(), "Messages after this time (ISO 8601)."),
            parameter("beforeSeq", integer(0, 999_999_999), "Messages before this number."),
            parameter("afterSeq", integer(0, 999_999_999), "Messages after this number."),
            parameter("type", choice(FILTER_TYPES), "Only messages of this type."),
        ],
        problems=["session_not_found"],
        about="Pages count from the beginning; with only `before` or `beforeSeq` they count back from there.",
    ),
    "POST sessions/{sessionId}/upload": Operation(
        "uploadFile", _MESSAGES, "3.3 Upload a file for a message that follows",
        answers={201: created(ref("Attachment"))},
        body=schemas.FILE,
        body_type=FORM,
        problems=["session_not_found", "too_large", "unsupported_type", "ended"],
    ),
    "PUT sessions/{sessionId}/messages/{messageId}/read": Operation(
        "markRead", _MESSAGES, "3.4 Mark a message, and what came before it, as read",
        answers={200: done(ref("Message"))},
        problems=["session_not_found", "message_not_found"],
    ),
    "POST sessions/{sessionId}/typing": Operation(
        "signalTyping", _MESSAGES, "3.5 Tell the other side that somebody is typing",
        answers={200: done(schemas.TYPING)},
        body=schemas.TYPE,
        problems=["session_not_found", "agent_not_found", "not_found", "ended"],
        examples=["3.5-typing"],
    ),
    "GET agents/online": Operation(
        "readAgentsOnline", _AGENTS, "4.1 Who is there",
        answers={200: done(many(ref("Agent")))},
        examples=["4.1-agents-online"],
    ),
    "PUT agents/{agentId}/status": Operation(
        "setAgentStatus", _AGENTS, "4.2 Set an agent's status",
        answers={200: done(schemas.AGENT_STATUS)},
        body=schemas.STATUS,
        problems=["agent_not_found"],
        examples=["4.2-agent-status"],
    ),
    "GET agents/{agentId}/workload": Operation(
        "readWorkload", _AGENTS, "4.3 What an agent has to do now",
        answers={200: done(schemas.WORKLOAD)},
        problems=["agent_not_found"],
        about="`sessions` are those that the caller may see, the latest message first.",
    ),
    "GET agents/{agentId}/performance": Operation(
        "readPerformance", _AGENTS, "4.4 How an agent did",
        answers={200: done(report_schemas.PERFORMANCE)},
        query=_REPORT,
        problems=["agent_not_found", "not_found"],
        about="The agent's own share of the chats that began on these days. Operators may read their own.",
    ),
    "GET widget/config": Operation(
        "readWidget", _WIDGET, "5.1 Read the widget's configuration for a page",
        answers={200: done(ref("WidgetConfiguration"))},
        query=[
            parameter("domain", text(300), "The site's domain. One that no widget lists gets nothing."),
            parameter("page", text(2000), "The page's address: it decides which widget applies, and gives the domain."),
            parameter("widgetId", text(100), "For the team: this widget, whatever the page."),
        ],
        problems=["not_found"],
        examples=["5.1-widget-config"],
        about="On a page that the widget is not for, `enabled` is false.",
    ),
    "PUT widget/config": Operation(
        "changeWidget", _WIDGET, "5.2 Change the widget's settings",
        answers={200: done(ref("WidgetConfiguration"))},
        body=schemas.SETTINGS,
        query=[
            parameter("domain", text(300), "The widget of this domain."),
            parameter("page", text(2000), "The widget of this page."),
            parameter("widgetId", text(100), "This widget; the body may name it too. Without any: the default one."),
        ],
        problems=["not_found"],
        about=(
            "For owners, admins and secret keys. The configuration or any part of it: what is left out stays. What is"
            " no setting of the widget must be as it is; a field that does not exist is refused by its name."
        ),
    ),
    "GET widget/analytics": Operation(
        "readWidgetAnalytics", _WIDGET, "5.3 What happened in the widget",
        answers={200: done(report_schemas.WIDGET_ANALYTICS)},
        query=[
            *_DAYS,
            parameter("widgetId", text(100), "Which widget."),
            parameter("domain", text(300), "Or the one of this site."),
            parameter("page", text(2000), "Or the one of this page."),
        ],
        problems=["not_found"],
        about="Without a widget or a site, the default widget's.",
    ),
    "GET analytics/overview": Operation(
        "readOverview", _ANALYTICS, "6.1 How the chats went",
        answers={200: done(report_schemas.OVERVIEW)},
        query=_REPORT,
        problems=["not_found"],
        examples=["6.1-overview"],
    ),
    "GET analytics/agents": Operation(
        "readAgentAnalytics", _ANALYTICS, "6.2 How each person of the team did",
        answers={200: done(report_schemas.AGENTS)},
        query=_REPORT,
        problems=["not_found"],
    ),
    "GET analytics/satisfaction": Operation(
        "readSatisfaction", _ANALYTICS, "6.3 What visitors said",
        answers={200: done(report_schemas.SATISFACTION)},
        query=_REPORT,
        problems=["not_found"],
    ),
    "POST widget/events": Operation(
        "countWidgetEvents", _WIDGET, "Count what happens in a widget",
        answers={200: done(constant(None))},
        body=schemas.EVENTS,
        about="An addition, for a page's key or a visitor's token. Pages of other sites count for nothing.",
    ),
}  # fmt: skip

CONTRACT = Contract(
    name="live-chat",
    title="Live chat",
    summary="Sessions, messages, agents and the widget: what our own widget speaks, and a page or a server of yours.",
    version="2.0.0",
    about=(
        "Every answer is `{success, code, message, data}`, every failure"
        " `{success, code, message, errors}`; the session's socket is described in [The two sockets](/docs/protocol/)."
    ),
    prefix="/v1/chat/",
    urlpatterns=urls.urlpatterns,
    operations=OPERATIONS,
    shapes=schemas.SHAPES,
    problem_answers=schemas.problem_answers,
    examples=Path(__file__).parent / "examples",
    always=["invalid", "no_token", "not_allowed", "too_many", "failed"],
    with_body=["body_too_large", "body_type"],
    headers={"X-Request-Id": text(about="The request's id, as in the log.")},
    parameters={
        "sessionId": identifier("session"),
        "messageId": identifier("msg"),
        "agentId": identifier("agent"),
    },
    tags={
        _SESSIONS: "A visitor's chat, from its start to its end.",
        _MESSAGES: "What is said, shown, read and typed.",
        _AGENTS: "The people of the team.",
        _WIDGET: "What a page needs to draw the widget.",
        _ANALYTICS: "Figures of the chats that began on some days; supervisors and secret keys read them.",
    },
)
