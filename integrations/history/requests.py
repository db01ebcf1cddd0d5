"""The export's query parameters, parsed once into something typed."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chat.errors import Invalid
from chat.models import Channel

MOST_ROWS = 500
_ROWS = 50
_MOST_IDS = 500
_BIGGEST = 2**63 - 1
_WHOLE = re.compile(r"\+?[0-9]{1,19}\Z")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\Z", re.ASCII)
_INDEXED = re.compile(r"(\w+)\[\d*\]\Z", re.ASCII)
CHANNELS = {0: Channel.WEBSITE.value, 1: Channel.FACEBOOK.value, 3: Channel.ZALO.value}
ARRAYS = ("assignees", "groups", "customers", "services")
SINGLE = (
    "start_time_since", "start_time_to", "end_time_since", "end_time_to", "ticket_no", "conversation_id",
    "conversation_type", "chat_status", "chat_type", "page", "count",
)  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """The parameters of ``GET /api/v1/chats``; None or empty where one was not given."""

    started_since: datetime | None
    started_until: datetime | None
    ended_since: datetime | None
    ended_until: datetime | None
    agent_ids: tuple[int, ...]
    department_ids: tuple[int, ...]
    visitor_ids: tuple[int, ...]
    service_ids: tuple[int, ...]
    ticket_no: int | None
    conversation_id: UUID | None
    channel: str
    met: bool | None
    proactive: bool | None
    page: int
    count: int


def parse(query: QueryDict) -> Asked:
    """Read the parameters. Raises Invalid with the parameter's name in ``field``.

    Arrays may be written ``a=1,2``, ``a=1&a=2``, ``a[]=1&a[]=2``, ``a[0]=1&a[1]=2`` or ``a=[1,2]``.
    """
    _refuse_strangers(query)
    conversation_type = _one_of(query, "conversation_type", tuple(CHANNELS))
    status, kind = _one_of(query, "chat_status", (0, 1)), _one_of(query, "chat_type", (0, 1))
    return Asked(
        started_since=_time(query, "start_time_since"),
        started_until=_time(query, "start_time_to"),
        ended_since=_time(query, "end_time_since"),
        ended_until=_time(query, "end_time_to"),
        agent_ids=_ids(query, "assignees"),
        department_ids=_ids(query, "groups"),
        visitor_ids=_ids(query, "customers"),
        service_ids=_ids(query, "services"),
        ticket_no=_number(query, "ticket_no"),
        conversation_id=_uid(query, "conversation_id"),
        channel=CHANNELS[conversation_type or 0],
        met=None if status is None else bool(status),
        proactive=None if kind is None else bool(kind),
        page=_between(query, "page", 1, 1, 10**9),
        count=_between(query, "count", _ROWS, 1, MOST_ROWS),
    )


def _refuse_strangers(query: QueryDict) -> None:
    """Raise Invalid for a parameter that does not exist: a misspelt filter would answer everything."""
    for name in query:
        if name not in SINGLE and _array_name(name) not in ARRAYS:
            raise Invalid(_("There is no such parameter."), field=name[:60])


def _array_name(name: str) -> str:
    match = _INDEXED.match(name)
    return match[1] if match else name


def _single(query: QueryDict, name: str) -> str:
    given = query.getlist(name)
    if len(given) > 1:
        raise Invalid(_("Send this parameter once."), field=name)
    return given[0].strip() if given else ""


def _number(query: QueryDict, name: str) -> int | None:
    text = _single(query, name)
    return _whole(text, name) if text else None


def _whole(text: str, name: str) -> int:
    if not _WHOLE.match(text) or int(text) > _BIGGEST:
        raise Invalid(_("Send a whole number."), field=name)
    return int(text)


def _between(query: QueryDict, name: str, default: int, least: int, most: int) -> int:
    number = _number(query, name)
    if number is None:
        return default
    if not least <= number <= most:
        message: str | Promise = _("Send a number from %(least)d to %(most)d.") % {"least": least, "most": most}
        raise Invalid(message, field=name)
    return number


def _one_of(query: QueryDict, name: str, choices: tuple[int, ...]) -> int | None:
    number = _number(query, name)
    if number is not None and number not in choices:
        raise Invalid(_("Choose one of: %(names)s.") % {"names": ", ".join(map(str, choices))}, field=name)
    return number


def _time(query: QueryDict, name: str) -> datetime | None:
    text = _single(query, name)
    if not text:
        return None
    try:
        if not _TIME.match(text):
            raise ValueError
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise Invalid(_("Send a time as yyyy-MM-ddTHH:mm:ssZ."), field=name) from None


def _uid(query: QueryDict, name: str) -> UUID | None:
    """Read a conversation's id. What is none of ours is no mistake: it simply finds nothing."""
    text = _single(query, name)
    try:
        return UUID(text) if text else None
    except ValueError:
        return UUID(int=0)


def _ids(query: QueryDict, name: str) -> tuple[int, ...]:
    texts = [text for key in query if _array_name(key) == name for text in query.getlist(key)]
    found = [_whole(part, name) for text in texts for part in _parts(text, name)]
    if len(found) > _MOST_IDS:
        raise Invalid(_("At most %(n)d ids.") % {"n": _MOST_IDS}, field=name)
    return tuple(dict.fromkeys(found))


def _parts(text: str, name: str) -> list[str]:
    text = text.strip()
    if text.startswith("["):
        try:
            text = ",".join(str(item) for item in json.loads(text))
        except (ValueError, TypeError, RecursionError):
            raise Invalid(_("Send a list of whole numbers."), field=name) from None
    return [part.strip() for part in text.split(",") if part.strip()]
