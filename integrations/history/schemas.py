"""The shapes of the export: its row, its page, its parameters, its failures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..openapi import parameter
from ..openapi.shapes import Schema, answer, choice, constant, integer, many, nullable, ref, text
from .errors import _CODES
from .mapping import BY_CUSTOMER, BY_TRIGGER, MET, MISSED
from .requests import CHANNELS, MOST_ROWS

_LOCAL = text(pattern=r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$", about="In the workspace's time zone.")
_CLOCK = text(pattern=r"^\d{2,}:\d\d:\d\d$", about="Hours, minutes, seconds.")

ROW = answer(
    {
        "ticket_id": integer(1),
        "ticket_no": integer(1, about="Counts within the workspace."),
        "customer_id": integer(1),
        "cus_email": text(254),
        "cus_name": text(200),
        "cus_phone": text(40),
        "meet_time": nullable({**_LOCAL, "description": "When a person of the team got it; null when nobody did."}),
        "waitTime": _CLOCK,
        "answer_time": _CLOCK,
        "ring_time": _LOCAL,
        "chat_status": choice([MET, MISSED]),
        "conversation_id": text(36),
        "landing_page": nullable(text()),
        "referrer": nullable(text()),
        "is_trigger": choice([BY_TRIGGER, BY_CUSTOMER]),
        "facebook_page_id": nullable(text()),
        "start_time": _LOCAL,
        "end_time": _LOCAL,
        "chat_duration": integer(0, about="Seconds."),
        "agent_email": nullable(text(254)),
        "agent_name": nullable(text(120)),
        "group_name": nullable(text(120)),
        "service_id": nullable(integer(1, about="The widget.")),
    }
)
PAGE = answer({"code": constant("OK"), "numFound": integer(), "chats": many(ref("Chat"), most=MOST_ROWS)})
FAILURE = answer({"code": text(), "message": text(), "parameter": text()}, maybe=["parameter"])
SHAPES = {"Chat": ROW, "Failure": FAILURE}


def _time(name: str, about: str) -> dict[str, Any]:
    # A pattern and no format: the document's form is narrower than a date-time.
    return parameter(name, text(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"), about)


def _ids(name: str, about: str) -> dict[str, Any]:
    return parameter(name, many(integer(0, 2**63 - 1), most=500), about)


QUERY = [
    _time("start_time_since", "Began at this time or later, in UTC."),
    _time("start_time_to", "Began at this time or earlier."),
    _time("end_time_since", "Ended at this time or later."),
    _time("end_time_to", "Ended at this time or earlier."),
    _ids("assignees", "Ids of agents."),
    _ids("groups", "Ids of departments."),
    _ids("customers", "Ids of customers."),
    _ids("services", "Ids of services (widgets)."),
    parameter("ticket_no", integer(0, 2**63 - 1)),
    parameter("conversation_id", text(pattern=r"^[\x21-\x7e]+$")),
    parameter(
        "conversation_type", {"type": "integer", "enum": list(CHANNELS)}, "0 live chat (default), 1 Facebook, 3 Zalo."
    ),
    parameter("chat_status", {"type": "integer", "enum": [0, 1]}, "0 missed, 1 met."),
    parameter("chat_type", {"type": "integer", "enum": [0, 1]}, "0 begun by the customer, 1 by a proactive message."),
    parameter("page", integer(1, 10**9)),
    parameter("count", integer(1, MOST_ROWS), "Rows a page, 50 unless given."),
]


def problem_answers(names: Sequence[str]) -> dict[int, dict[str, Any]]:
    """Return the failures with these names (those of ``errors.py``) as responses, by status."""
    found: dict[int, set[str]] = {}
    for name in names:
        found.setdefault(_CODES[name][0], set()).add(_CODES[name][1])
    return {status: _failure(sorted(codes)) for status, codes in found.items()}


def _failure(codes: list[str]) -> dict[str, Any]:
    schema: Schema = {"allOf": [ref("Failure"), {"properties": {"code": {"enum": codes}}}]}
    return {"description": ", ".join(codes) + ".", "content": {"application/json": {"schema": schema}}}
