"""The domain in the contract's words. Pure functions.

A message, a sender and an attachment look as in webhooks (``integrations/webhooks/mapping.py``), so that an integrator
parses both with the same code.
"""

from __future__ import annotations

from typing import Any

from agents.ids import encode
from agents.models import Agent
from analytics.queries import Comparison, Figures, Span
from chat.files import file_url
from chat.models import Attachment, Chat
from chat.services.uploads import Place
from widget.models import Trigger, Widget

from ..webhooks import log, sending
from ..webhooks.mapping import AGENT_STATUS, STATUS, moment
from ..webhooks.models import Attempt, Delivery, Subscription

Json = dict[str, Any]


def row(chat: Json) -> Json:
    """A chat of the list, from the columns that :func:`listing.page` reads."""
    return {
        "id": encode("chat", chat["uid"]),
        "visitor_name": chat["visitor__name"],
        "visitor_email": chat["visitor__email"],
        "status": STATUS[chat["status"]],
        "assigned_to": encode("agent", chat["agent__uid"]) if chat["agent__uid"] else None,
        "unread_count": chat["unread_by_team"],
        "last_message_at": moment(chat["last_message_at"]),
        "created_at": moment(chat["created_at"]),
    }


def detail(chat: Chat, tags: list[str]) -> Json:
    """A chat whole; visitor and agent are joined."""
    visitor = chat.visitor
    return {
        "id": encode("chat", chat.uid),
        "visitor": {
            "name": visitor.name,
            "email": visitor.email,
            "phone": visitor.phone,
            "metadata": visitor.custom_fields,
        },
        "status": STATUS[chat.status],
        "assigned_to": encode("agent", chat.agent.uid) if chat.agent else None,
        "tags": tags,
        "notes": chat.notes,
        "created_at": moment(chat.created_at),
        "updated_at": moment(chat.updated_at),
    }


def pagination(page: int, limit: int, total: int) -> Json:
    """Where a page is among all."""
    return {"page": page, "limit": limit, "total": total, "pages": -(-total // limit)}


def agent(member: Agent, active_chats: int, chats_ever: int) -> Json:
    """A person of the team."""
    return {
        "id": encode("agent", member.uid),
        "name": member.name,
        "email": member.user.email if member.user else None,
        "role": member.role,
        "status": AGENT_STATUS[member.presence()],
        "active_chats": active_chats,
        # The figures are a few seconds behind; a chat that is under way counts at once.
        "total_chats": max(chats_ever, active_chats),
    }


def period(span: Span) -> Json:
    """The days of figures, both ends included."""
    return {"from": span.first.isoformat(), "to": span.last.isoformat()}


def agent_stats(member: Agent, span: Span, figures: Figures) -> Json:
    """``GET /agents/{agent_id}/stats``."""
    return {
        "agent_id": encode("agent", member.uid),
        "period": period(span),
        "stats": {
            "total_chats": figures.total,
            "resolved_chats": figures.completed,
            "avg_response_time_seconds": _whole(figures.response.mean),
            "avg_resolution_time_minutes": _minutes(figures.resolution.mean),
            "csat_score": _score(figures.satisfaction.mean),
            "csat_responses": figures.satisfaction.count,
        },
    }


def overview(span: Span, both: Comparison) -> Json:
    """``GET /analytics/overview``; a change is null where there is nothing to compare with."""
    now = both.now
    return {
        "period": period(span),
        "metrics": {
            "total_chats": now.total,
            "avg_response_time_seconds": _whole(now.response.mean),
            "avg_resolution_time_minutes": _minutes(now.resolution.mean),
            "csat_score": _score(now.satisfaction.mean),
            "first_contact_resolution_rate": None if now.first_contact is None else round(now.first_contact, 2),
        },
        "trends": {
            "chats_change_percent": _percent(both.change(lambda figures: figures.total)),
            "response_time_change_percent": _percent(both.change(lambda figures: figures.response.mean)),
        },
    }


def agent_figures(member: Agent, figures: Figures) -> Json:
    """A row of ``GET /analytics/agents``."""
    return {
        "agent_id": encode("agent", member.uid),
        "name": member.name,
        "total_chats": figures.total,
        "resolved_chats": figures.completed,
        "avg_response_time_seconds": _whole(figures.response.mean),
        "csat_score": _score(figures.satisfaction.mean),
        "csat_responses": figures.satisfaction.count,
    }


def _whole(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds)


def _minutes(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds / 60)


def _score(mean: float | None) -> float | None:
    return None if mean is None else round(mean, 1)


def _percent(share: float | None) -> float | None:
    return None if share is None else round(100 * share, 1)


def widget(row: Widget) -> Json:
    """The widget's configuration."""
    return {
        "color": row.primary_color,
        "shape": row.shape,
        "position": row.position,
        "button_text": row.button_text,
        "welcome_message": row.welcome_message,
        "offline_message": row.offline_message,
        "domains": row.domains,
        "branding": {"show_powered_by": row.show_powered_by, "logo_url": row.logo_url or None},
    }


def trigger(row: Trigger) -> Json:
    """A trigger; the contract's fields first, then what a trigger can do beside."""
    return {
        "id": encode("trigger", row.uid),
        "name": row.name,
        "condition": row.condition,
        "delay_seconds": row.delay_seconds,
        "message": row.message,
        "active": row.active,
        "url_pattern": row.url_pattern,
        "created_at": moment(row.created_at),
        "threshold": row.threshold,
        "messages": row.messages,
        "repeat": row.repeat,
        "repeat_hours": row.repeat_hours,
        "widget_id": encode("widget", row.widget.uid) if row.widget else None,
    }


MASK = "whsec_" + "*" * 21


def webhook(row: Subscription, secret: str = MASK) -> Json:
    """A webhook. Its ``secret`` is told once, by the call that made it."""
    return {
        "id": encode("webhook", row.uid),
        "url": row.url,
        "events": row.events,
        "active": row.active,
        "secret": secret,
        "created_at": moment(row.created_at),
        "state": row.state,
        "failing_since": moment(row.failing_since),
        "paused_at": moment(row.paused_at),
        "pause_reason": row.pause_reason or None,
        "previous_secret_valid_until": moment(row.previous_secret_until) if row.previous_secret else None,
    }


def delivery(row: Delivery, last: Attempt | None = None) -> Json:
    """An event that a webhook is owed or had; ``id`` is its ``webhook-id`` header."""
    status = log.state(row)
    return {
        "id": encode("delivery", row.uid),
        "event": row.event,
        "status": status,
        "attempts": row.attempts,
        "last_status_code": last.status if last else None,
        "last_error": (last.error or None) if last else None,
        "created_at": moment(row.created_at),
        "next_attempt_at": moment(row.next_at) if status == "pending" else None,
        "delivered_at": moment(row.delivered_at),
        "failed_at": moment(row.failed_at),
    }


def attempt(row: Attempt, of: Delivery) -> Json:
    """One try: what was sent, beside the delivery's body, and what came back."""
    return {
        "at": moment(row.at),
        "duration_ms": row.milliseconds,
        "request": {"method": "POST", "url": row.url, "headers": sending.shown_headers(of, row.at)},
        "response": {"status_code": row.status, "body": row.response} if row.status is not None else None,
        "error": row.error or None,
    }


def place(promised: Place, base: str) -> Json:
    """Where an upload goes."""
    url = promised.url if "://" in promised.url else base + promised.url
    return {
        "upload_url": url,
        "file_id": encode("file", promised.upload.uid),
        "expires_at": moment(promised.upload.expires_at),
    }


def file(stored: Attachment, base: str) -> Json:
    """A confirmed file."""
    return {
        "id": encode("file", stored.uid),
        "url": base + file_url(stored),
        "filename": stored.name,
        "size_bytes": stored.size,
        "content_type": stored.content_type,
    }
