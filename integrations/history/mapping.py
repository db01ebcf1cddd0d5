"""An ended chat as one row of the export: the 23 fields of the contract, in its words and spellings. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from chat import history
from chat.models import Chat
from chat.sheets import clock

Row = dict[str, Any]

MET, MISSED = "LBL_CHAT_STATUS_MEET", "LBL_CHAT_STATUS_MISS"
BY_TRIGGER, BY_CUSTOMER = "LBL_CHAT_CUSTOMER_REQUEST_TRIGGER", "LBL_CHAT_CUSTOMER_REQUEST_NORMAL"


def row(chat: Chat, *, zone: ZoneInfo, services: Mapping[UUID, int]) -> Row:
    """Return the chat's row. Its visitor, agent (with user) and department are joined.

    ``zone`` is the workspace's, in which all times are; ``services`` maps a widget's uid to the id of the service.
    """
    times, agent = history.times_of(chat), chat.agent
    return {
        "ticket_id": chat.pk,
        "ticket_no": chat.ticket_no,
        "customer_id": chat.visitor_id,
        "cus_email": chat.visitor.email,
        "cus_name": chat.visitor.name,
        "cus_phone": chat.visitor.phone,
        "group_name": chat.department.name if chat.department else None,
        "conversation_id": str(chat.uid),
        "start_time": local(chat.created_at, zone),
        "end_time": local(times.ended, zone),
        "chat_duration": times.lasted,
        "agent_email": agent.user.email if agent and agent.user else None,
        "agent_name": agent.name if agent else None,
        "ring_time": local(chat.created_at, zone),
        "meet_time": local(times.met, zone) if times.met else None,
        "waitTime": clock(times.waited),
        "answer_time": clock(times.answered),
        "chat_status": MET if times.met else MISSED,
        "landing_page": history.came_from(chat, "url") or None,
        "referrer": history.came_from(chat, "referrer") or None,
        "is_trigger": BY_TRIGGER if chat.trigger_uid else BY_CUSTOMER,
        "facebook_page_id": history.facebook_page(chat) or None,
        "service_id": services.get(chat.widget_uid) if chat.widget_uid else None,
    }


def local(moment: datetime, zone: ZoneInfo) -> str:
    """Return ``2023-04-22 09:48:30`` in the workspace's time."""
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
