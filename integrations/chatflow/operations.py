"""The contract's operations in the document's order: what its docs page and its OpenAPI file show.

An endpoint without a line here fails ``tests/platform/test_contracts.py``.
"""

from __future__ import annotations

from pathlib import Path

from ..openapi import Contract, Operation, parameter
from ..openapi.shapes import choice, date, identifier, integer, ref, text
from . import schemas, urls
from .requests.chats import LAST_PAGE, PAGE_LIMIT
from .requests.figures import SORTS
from .requests.webhooks import DELIVERY_STATES, LOG_LIMIT
from .schemas import listed

_CHATS, _AGENTS, _WEBHOOKS, _ANALYTICS = "Chats", "Agents", "Webhooks", "Analytics"
_WIDGET, _AUTOMATION, _FILES = "Widget", "Automation", "Files"
_DAYS = [
    parameter("from", date(), "The first day. Default: 29 days before the last."),
    parameter("to", date(), "The last day. Default: today."),
]
_OWN = parameter("workspace_id", text(100), "Your own workspace; another is answered as one that does not exist.")
_WHICH = parameter("widget_id", identifier("widget"), "Default: the workspace's default widget.")

OPERATIONS = {
    "GET chats": Operation(
        "listChats", _CHATS, "List chats",
        answers={200: schemas.CHATS},
        query=[
            parameter("status", choice(schemas.STATUSES)),
            parameter("agent_id", identifier("agent")),
            parameter("page", integer(1, LAST_PAGE, default=1)),
            parameter("limit", integer(1, PAGE_LIMIT, default=20)),
        ],
        problems=["agent_not_found"],
        examples=["list-chats"],
        about="The latest message first. Totals are exact; of more than 10,000 chats, as of the last minute.",
    ),
    "GET chats/{chat_id}": Operation(
        "readChat", _CHATS, "Read a chat",
        answers={200: ref("Chat")},
        problems=["chat_not_found"],
        examples=["read-chat"],
    ),
    "PATCH chats/{chat_id}": Operation(
        "changeChat", _CHATS, "Change a chat",
        answers={200: ref("Chat")},
        body=schemas.CHANGE,
        problems=["chat_not_found", "agent_not_found", "ended", "conflict", "offline", "full"],
        examples=["change-chat"],
    ),
    "POST chats/{chat_id}/messages": Operation(
        "sendMessage", _CHATS, "Send a message",
        answers={201: ref("Message")},
        body=schemas.SEND,
        problems=["chat_not_found", "agent_not_found", "ended", "conflict", "full"],
        examples=["send-message"],
    ),
    "GET agents": Operation(
        "listAgents", _AGENTS, "List the team",
        answers={200: listed("Agent")},
        examples=["list-agents"],
    ),
    "GET agents/{agent_id}/stats": Operation(
        "readAgentStats", _AGENTS, "Read an agent's statistics",
        answers={200: schemas.STATS},
        query=[*_DAYS, _OWN],
        problems=["agent_not_found", "not_found"],
        examples=["agent-stats"],
        about="An operator reads their own alone.",
    ),
    "GET webhooks": Operation(
        "listWebhooks", _WEBHOOKS, "List webhooks",
        answers={200: listed("Webhook")},
        examples=["list-webhooks"],
    ),
    "POST webhooks": Operation(
        "createWebhook", _WEBHOOKS, "Create a webhook",
        answers={201: ref("Webhook")},
        body=schemas.NEW_WEBHOOK,
        problems=["too_many_webhooks"],
        examples=["create-webhook"],
        about="What is sent, and how to check it, is in [Webhooks](/docs/webhooks/).",
    ),
    "GET webhooks/{webhook_id}": Operation(
        "readWebhook", _WEBHOOKS, "Read a webhook",
        answers={200: ref("Webhook")},
        problems=["webhook_not_found"],
    ),
    "PATCH webhooks/{webhook_id}": Operation(
        "changeWebhook", _WEBHOOKS, "Change a webhook",
        answers={200: ref("Webhook")},
        body=schemas.CHANGE_WEBHOOK,
        problems=["webhook_not_found"],
    ),
    "DELETE webhooks/{webhook_id}": Operation(
        "deleteWebhook", _WEBHOOKS, "Delete a webhook, its log and what it is owed",
        answers={204: None},
        problems=["webhook_not_found"],
    ),
    "POST webhooks/{webhook_id}/rotate-secret": Operation(
        "rotateWebhookSecret", _WEBHOOKS, "Give a webhook a new secret",
        answers={200: ref("Webhook")},
        body=schemas.ROTATE,
        body_required=False,
        problems=["webhook_not_found"],
    ),
    "POST webhooks/{webhook_id}/resume": Operation(
        "resumeWebhook", _WEBHOOKS, "End a pause: what was held is sent",
        answers={200: ref("Webhook")},
        problems=["webhook_not_found"],
    ),
    "POST webhooks/{webhook_id}/test": Operation(
        "testWebhook", _WEBHOOKS, "Send a test event",
        answers={202: ref("Delivery")},
        problems=["webhook_not_found", "webhook_rests"],
    ),
    "POST webhooks/{webhook_id}/replay": Operation(
        "replayWebhook", _WEBHOOKS, "Send the events of a time again",
        answers={202: schemas.REPLAYED},
        body=schemas.REPLAY,
        problems=["webhook_not_found"],
    ),
    "GET webhooks/{webhook_id}/deliveries": Operation(
        "listDeliveries", _WEBHOOKS, "Read the log of deliveries",
        answers={200: schemas.LOG},
        query=[
            parameter("limit", integer(1, LOG_LIMIT, default=20)),
            parameter("after", identifier("delivery"), "Those older than this one."),
            parameter("status", choice(DELIVERY_STATES)),
            parameter("event", schemas.ANY_EVENT),
        ],
        problems=["webhook_not_found", "delivery_not_found"],
    ),
    "GET webhooks/{webhook_id}/deliveries/{delivery_id}": Operation(
        "readDelivery", _WEBHOOKS, "Read a delivery: its body and every attempt",
        answers={200: schemas.DELIVERY_LOG},
        problems=["webhook_not_found", "delivery_not_found"],
    ),
    "POST webhooks/{webhook_id}/deliveries/{delivery_id}/replay": Operation(
        "replayDelivery", _WEBHOOKS, "Send a delivery again, with the same id",
        answers={202: ref("Delivery")},
        problems=["webhook_not_found", "delivery_not_found"],
    ),
    "GET analytics/overview": Operation(
        "readOverview", _ANALYTICS, "Read the overview, beside the days before",
        answers={200: schemas.OVERVIEW},
        query=[*_DAYS, _OWN],
        problems=["not_found"],
        examples=["analytics-overview"],
        about="For supervisors, admins, owners and secret keys.",
    ),
    "GET analytics/agents": Operation(
        "readAgentFigures", _ANALYTICS, "Read the figures of each agent",
        answers={200: listed("AgentFigures")},
        query=[*_DAYS, parameter("sort_by", choice(SORTS), "Default: total_chats. The best first."), _OWN],
        problems=["not_found"],
        examples=["analytics-agents"],
        about="For supervisors, admins, owners and secret keys.",
    ),
    "GET widget/config": Operation(
        "readWidget", _WIDGET, "Read the widget's configuration",
        answers={200: ref("WidgetConfiguration")},
        query=[_WHICH],
        problems=["not_found"],
        examples=["read-widget"],
    ),
    "PATCH widget/config": Operation(
        "changeWidget", _WIDGET, "Change the widget's configuration",
        answers={200: ref("WidgetConfiguration")},
        body=schemas.CHANGE_WIDGET,
        query=[_WHICH],
        problems=["not_found"],
        examples=["change-widget"],
    ),
    "GET automation/triggers": Operation(
        "listTriggers", _AUTOMATION, "List triggers",
        answers={200: listed("Trigger")},
        examples=["list-triggers"],
    ),
    "POST automation/triggers": Operation(
        "createTrigger", _AUTOMATION, "Create a trigger",
        answers={201: ref("Trigger")},
        body=schemas.NEW_TRIGGER,
        problems=["not_found", "too_many_triggers"],
        examples=["create-trigger"],
    ),
    "GET automation/triggers/{trigger_id}": Operation(
        "readTrigger", _AUTOMATION, "Read a trigger",
        answers={200: ref("Trigger")},
        problems=["not_found"],
    ),
    "PATCH automation/triggers/{trigger_id}": Operation(
        "changeTrigger", _AUTOMATION, "Change a trigger",
        answers={200: ref("Trigger")},
        body=schemas.CHANGE_TRIGGER,
        problems=["not_found"],
    ),
    "DELETE automation/triggers/{trigger_id}": Operation(
        "deleteTrigger", _AUTOMATION, "Delete a trigger",
        answers={204: None},
        problems=["not_found"],
    ),
    "POST files/upload-url": Operation(
        "requestUpload", _FILES, "Request an upload address",
        answers={200: schemas.PLACE},
        body=schemas.UPLOAD,
        problems=["too_large", "unsupported_type", "too_many_uploads"],
        examples=["upload-url"],
        about=(
            "`PUT` the bytes to `upload_url` with this `Content-Type` and exactly this length before `expires_at`,"
            " without any token; then confirm."
        ),
    ),
    "POST files/confirm": Operation(
        "confirmUpload", _FILES, "Confirm an upload",
        answers={200: schemas.FILE},
        body=schemas.CONFIRM,
        problems=[
            "chat_not_found", "file_not_found", "conflict", "ended", "too_large", "unsupported_type", "wrong_size",
            "upload_expired", "not_uploaded",
        ],
        examples=["confirm-file"],
        about="The file is looked at, and kept. Twice is once. A message then names it by `file_id` or `url`.",
    ),
}  # fmt: skip

CONTRACT = Contract(
    name="chatflow",
    title="ChatFlow",
    summary="Chats, agents, webhooks, analytics and triggers: for your servers and your CRM.",
    version="1.0.0",
    about=(
        "Chats, agents, webhooks, analytics, the widget's configuration, triggers and files. A failure is"
        " `{error: {code, message, message_en, details, request_id}}`."
    ),
    prefix="/v1/",
    urlpatterns=urls.urlpatterns,
    operations=OPERATIONS,
    shapes=schemas.SHAPES,
    problem_answers=schemas.problem_answers,
    examples=Path(__file__).parent / "examples",
    always=["invalid", "bad_token", "no_token", "not_allowed", "too_many", "failed", "unavailable"],
    with_body=["400", "413", "415"],
    headers={"X-Request-Id": text(about="The request's id, as in the log.")},
    parameters={
        "chat_id": identifier("chat"),
        "agent_id": identifier("agent"),
        "webhook_id": identifier("webhook"),
        "delivery_id": identifier("delivery"),
        "trigger_id": identifier("trigger"),
    },
    tags={
        _CHATS: "What visitors and agents say to each other.",
        _AGENTS: "The people of the team.",
        _WEBHOOKS: "Who is told what happens.",
        _ANALYTICS: "How it went.",
        _WIDGET: "What a site shows.",
        _AUTOMATION: "Messages that a site shows by itself.",
        _FILES: "Straight to the storage.",
    },
)
