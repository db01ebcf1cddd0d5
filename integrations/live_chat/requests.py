"""What the contract's requests and frames say, parsed once into something typed (sections 2 to 5, 7)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal, cast

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.ids import decode
from agents.models import Workspace
from chat.models import Channel, Priority

from ..rest.fields import Fields
from ..rest.sending import File

CONTENT_LIMIT = 10_000
ATTACHMENTS_LIMIT = 10
PRIORITIES = {"low": Priority.LOW, "medium": Priority.MEDIUM, "high": Priority.HIGH, "urgent": Priority.URGENT}
MESSAGE_TYPES = ("text", "file", "image")
FILTER_TYPES = ("text", "file", "image", "rich", "system")
STATUSES = ("available", "busy", "away", "offline")
_NEWEST = 2**31 - 1
# No chat is older or younger; what lies outside is a slip of the keyboard.
_EARLIEST, _LATEST = date(2000, 1, 1), date(2100, 1, 1)


@dataclass(frozen=True)
class Satisfaction:
    """How the visitor found it."""

    rating: int
    feedback: str


@dataclass(frozen=True)
class StartRequest:
    """Section 2.1, and the additions of docs/protocol.md."""

    visitor_id: str
    customer_id: str
    identity_token: str
    channel: str
    source: dict[str, str]
    details: dict[str, Any]
    initial_message: str
    department: str
    priority: Priority
    start_key: str
    client_message_id: str
    trigger_id: str


def parse_start(data: object) -> StartRequest:
    """Read the start of a session. Raises Malformed."""
    body = Fields(data)
    source, visitor = body.object("source"), body.object("visitor")
    request = StartRequest(
        visitor_id=body.line("visitorId", 200),
        customer_id=body.line("customerId", 200),
        identity_token=body.line("identityToken", 4096),
        channel=body.choice("channel", Channel.values, Channel.WEBSITE.value),
        source=_page(source),
        details=_without_blanks(
            name=visitor.line("name", 200),
            email=visitor.email("email"),
            phone=visitor.line("phone", 40),
            custom_fields=visitor.json("customFields"),
        ),
        initial_message=body.text("initialMessage", CONTENT_LIMIT),
        department=body.line("department", 60),
        priority=PRIORITIES[body.choice("priority", PRIORITIES, "medium")],
        # Whoever knows the key of a start gets its answer again, so it must not be guessed.
        start_key=body.line("startKey", 100, shortest=16),
        client_message_id=body.line("clientMessageId", 100),
        trigger_id=body.line("triggerId", 100),
    )
    body.check()
    return request


def _page(source: Fields) -> dict[str, str]:
    return _without_blanks(
        url=source.address("url"), title=source.line("title", 300), referrer=source.address("referrer")
    )


def _without_blanks(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value}


def parse_page(data: object) -> dict[str, str]:
    """Read where the visitor is now. Raises Malformed."""
    body = Fields(data)
    page = _page(body)
    body.check()
    return page


@dataclass(frozen=True)
class AssignRequest:
    """Section 2.3."""

    agent_id: str
    reason: str


def parse_assign(data: object) -> AssignRequest:
    """Read an assignment. Raises Malformed."""
    body = Fields(data)
    request = AssignRequest(body.line("agentId", 100, required=True), body.line("transferReason", 200))
    body.check()
    return request


@dataclass(frozen=True)
class TransferRequest:
    """Section 2.4."""

    agent_id: str
    department: str
    reason: str
    notes: str


def parse_transfer(data: object) -> TransferRequest:
    """Read a transfer: to an agent, a department, or both. Raises Malformed."""
    body = Fields(data)
    request = TransferRequest(
        agent_id=body.line("targetAgentId", 100),
        department=body.line("targetDepartment", 60),
        reason=body.line("reason", 200),
        notes=body.text("notes", CONTENT_LIMIT),
    )
    if not body.errors and not request.agent_id and not request.department:
        body.wrong("targetAgentId", _("Name an agent or a department."))
    body.check()
    return request


@dataclass(frozen=True)
class EndRequest:
    """Section 2.5."""

    reason: str
    notes: str
    follow_up: bool
    satisfaction: Satisfaction | None


def parse_end(data: object) -> EndRequest:
    """Read the end of a session; an empty body will do. Raises Malformed."""
    body = Fields(data)
    request = EndRequest(
        reason=body.line("reason", 200),
        notes=body.text("notes", CONTENT_LIMIT),
        follow_up=body.flag("followUpRequired"),
        satisfaction=_satisfaction(body.object("satisfaction")) if body.has("satisfaction") else None,
    )
    body.check()
    return request


def parse_satisfaction(data: object) -> Satisfaction:
    """Read a rating. Raises Malformed."""
    body = Fields(data)
    satisfaction = _satisfaction(body)
    body.check()
    return satisfaction


def _satisfaction(body: Fields) -> Satisfaction:
    return Satisfaction(body.integer("rating", 1, 5, required=True) or 1, body.text("feedback", 2000))


@dataclass(frozen=True)
class MessageRequest:
    """Section 3.1, and ``message.send`` of section 7."""

    type: str
    content: str
    sender_id: str
    sender_type: str
    metadata: dict[str, Any]
    # Of a rich message's button: the message, and the button's place.
    click: tuple[uuid.UUID | None, int, int] | None
    files: list[File]
    client_message_id: str | None

    @property
    def is_internal(self) -> bool:
        """Whether it is a note for the team."""
        return self.metadata.get("isInternal") is True


def parse_message(data: object) -> MessageRequest:
    """Read a message. Raises Malformed."""
    body = Fields(data)
    request = MessageRequest(
        type=body.choice("type", MESSAGE_TYPES, "text"),
        content=body.text("content", CONTENT_LIMIT),
        sender_id=body.line("senderId", 200),
        sender_type=body.choice("senderType", ("visitor", "agent", "bot", "system")),
        metadata=_metadata(body),
        click=_click(body),
        files=[_file(item) for item in body.list("attachments", ATTACHMENTS_LIMIT)],
        client_message_id=body.line("clientMessageId", 100) or None,
    )
    if not isinstance(request.metadata.get("isInternal", False), bool):
        body.wrong("metadata.isInternal", _("Send true or false."))
    if request.type != "text" and not body.has("attachments"):
        body.wrong("attachments", _("This field is required."))
    if not body.errors and not request.content.strip() and not request.files and not request.click:
        body.wrong("content", _("Write something."))
    body.check()
    return request


def _click(body: Fields) -> tuple[uuid.UUID | None, int, int] | None:
    """The button that a visitor pressed: ``metadata.postback``, ``{"messageId", "element", "button"}``."""
    metadata = body.data.get("metadata")
    said = metadata.get("postback") if isinstance(metadata, dict) else None
    if not isinstance(said, dict) or "messageId" not in said:
        return None  # the integrator's own
    postback = Fields(said, "metadata.postback.", body.errors)
    message_id = postback.line("messageId", 100, required=True)
    places = [postback.integer(name, 0, 100, required=True) or 0 for name in ("element", "button")]
    return decode("msg", message_id), places[0], places[1]


def _metadata(body: Fields) -> dict[str, Any]:
    """The metadata. A note that is marked as one outside of it must not become public for that."""
    return {**body.json("metadata"), **({"isInternal": True} if body.flag("isInternal") else {})}


def _file(item: Fields) -> File:
    kind = item.choice("type", ("file", "image"), "file")
    if item.has("id"):
        uid = decode("file", item.data.get("id"))
        if uid is None:
            item.wrong("id", _("There is no such file."))
        return File(uid=uid)
    return File(
        url=item.line("url", 2000, required=True),
        name=item.line("name", 255),
        size=item.integer("size", 0, 2**40) or 0,
        is_image=kind == "image",
    )


@dataclass(frozen=True)
class TypingRequest:
    """Section 3.5."""

    is_typing: bool
    sender_id: str


def parse_typing(data: object) -> TypingRequest:
    """Read a typing signal. Raises Malformed."""
    body = Fields(data)
    request = TypingRequest(body.flag("isTyping", required=True), body.line("senderId", 200))
    body.check()
    return request


@dataclass(frozen=True)
class ReadRequest:
    """``message.read`` of section 7: up to a message, or up to a ``seq``."""

    message_id: str = ""
    seq: int | None = None


def parse_read(data: object) -> ReadRequest:
    """Read a receipt. Raises Malformed."""
    body = Fields(data)
    request = ReadRequest(body.line("messageId", 100), body.integer("seq", 0, _NEWEST))
    if not body.errors and not request.message_id and request.seq is None:
        body.wrong("messageId", _("This field is required."))
    body.check()
    return request


def parse_seq(data: object, name: str) -> int:
    """Read a frame that carries nothing but a number of the timeline. Raises Malformed."""
    body = Fields(data)
    seq = body.integer(name, 0, _NEWEST, required=True)
    body.check()
    return seq or 0


@dataclass(frozen=True)
class HistoryRequest:
    """Section 3.2, with ``afterSeq`` and ``beforeSeq`` of docs/protocol.md (both exclusive)."""

    page: int = 1
    per_page: int = 50
    before: datetime | None = None
    after: datetime | None = None
    before_seq: int | None = None
    after_seq: int | None = None
    type: str = ""

    @property
    def is_backwards(self) -> bool:
        """Whether the first page is the one nearest to the end: a client that scrolls up."""
        from_the_end = self.before is not None or self.before_seq is not None
        return from_the_end and self.after is None and self.after_seq is None


def parse_history(query: object) -> HistoryRequest:
    """Read the parameters of the history. Raises Malformed."""
    params = Fields(query)
    request = HistoryRequest(
        page=params.digits("page", 1, 1_000_000) or 1,
        per_page=params.digits("perPage", 1, 100) or 50,
        before=params.moment("before"),
        after=params.moment("after"),
        before_seq=params.digits("beforeSeq", 0, _NEWEST),
        after_seq=params.digits("afterSeq", 0, _NEWEST),
        type=params.choice("type", FILTER_TYPES),
    )
    params.check()
    return request


@dataclass(frozen=True)
class StatusRequest:
    """Section 4.2."""

    status: str
    message: str
    until: datetime | None


def parse_status(data: object) -> StatusRequest:
    """Read what an agent says of themselves. Raises Malformed."""
    body = Fields(data)
    request = StatusRequest(
        status=body.choice("status", STATUSES, required=True),
        message=body.line("statusMessage", 200),
        until=body.moment("availableUntil"),
    )
    body.check()
    return request


@dataclass(frozen=True)
class ConfigRequest:
    """Section 5.1."""

    domain: str = ""
    page: str = ""
    widget_id: str = ""


def parse_config(query: object) -> ConfigRequest:
    """Read for which page, or for the team for which widget, the configuration is. Raises Malformed."""
    params = Fields(query)
    request = ConfigRequest(
        domain=params.line("domain", 300), page=params.line("page", 2000), widget_id=params.line("widgetId", 100)
    )
    params.check()
    return request


PERIODS = ("day", "week", "month")
REPORT_DAYS = 30
LONGEST_REPORT_DAYS = 3 * 366


@dataclass(frozen=True)
class ReportRequest:
    """Sections 4.4, 5.3 and 6: days of the workspace's zone, both included; without any, the last 30."""

    first: date
    last: date
    department: str = ""
    channel: str = ""
    period: Literal["day", "week", "month"] = "day"


def parse_report(query: object, workspace: Workspace) -> ReportRequest:
    """Read for which days and chats the figures are. Raises Malformed."""
    params = Fields(query)
    first, last = params.day("fromDate"), params.day("toDate")
    department = params.line("department", 60)
    channel = params.choice("channel", Channel.values)
    period = cast('Literal["day", "week", "month"]', params.choice("period", PERIODS, "day"))
    today = timezone.now().astimezone(workspace.zone).date()
    last = last or max(today, first or today)
    first = first or _days_before(last, REPORT_DAYS - 1)
    if first > last:
        params.wrong("toDate", _("The end must not be before the beginning."))
    elif (last - first).days >= LONGEST_REPORT_DAYS:
        params.wrong("fromDate", _("At most %(n)d days.") % {"n": LONGEST_REPORT_DAYS})
    elif first < _EARLIEST or last > _LATEST:
        params.wrong("fromDate", _("Choose days between %(a)s and %(b)s.") % {"a": _EARLIEST, "b": _LATEST})
    params.check()
    return ReportRequest(first, last, department, channel, period)


def _days_before(day: date, days: int) -> date:
    return day - timedelta(days=min(days, (day - date.min).days))


EVENTS_LIMIT = 20
WIDGET_EVENTS = ("view", "open", "trigger_shown", "trigger_answered")


@dataclass(frozen=True)
class WidgetEvent:
    """Something that happened in a widget (docs/protocol.md): ``page`` is the whole address of its page."""

    event: str
    page: str
    trigger_id: str


def parse_events(data: object) -> list[WidgetEvent]:
    """Read what a widget counts. Raises Malformed."""
    body = Fields(data)
    events = [
        WidgetEvent(
            event=item.choice("event", WIDGET_EVENTS, required=True),
            page=item.address("page", required=True),
            trigger_id=item.line("triggerId", 100),
        )
        for item in body.list("events", EVENTS_LIMIT)
    ]
    if not events and not body.errors:
        body.wrong("events", _("This field is required."))
    body.check()
    return events
