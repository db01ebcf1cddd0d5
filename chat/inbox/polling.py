"""The inbox's frames over HTTP, for who cannot have a socket (a proxy, a strict network): docs/protocol.md.

One frame a request, answered as the socket would answer it. What the socket would say by itself, the client asks for:
``hello`` as often as it wants to know. Asking keeps the agent's lease, as an open socket does.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ..errors import ChatError, Invalid
from ..services import presence
from . import doing
from .seats import SeatedRequest, seated

Data = dict[str, Any]
_MOST_BYTES = 64 * 1024


@require_POST
@seated
def frame(request: SeatedRequest) -> HttpResponse:
    """Do what one frame says and answer one frame, ``error`` among them; 200 whatever it is."""
    asked: Data = {}
    try:
        asked = _parse(request.body)
        answer = _answer(request, asked)
    except ChatError as error:
        answer = {"type": "error", "code": error.code, "message": str(error.message)}
    return JsonResponse({**answer, "ref": asked.get("ref")})


def _parse(body: bytes) -> Data:
    """Return the frame, an object with a ``type``. Raises Invalid."""
    if len(body) > _MOST_BYTES:
        raise Invalid(_("The request is too large."))
    try:
        asked = json.loads(body)
    except (ValueError, RecursionError):
        raise Invalid from None
    if not isinstance(asked, dict) or not isinstance(asked.get("type"), str):
        raise Invalid(field="type")
    return asked


def _answer(request: SeatedRequest, asked: Data) -> Data:
    if asked["type"] == "hello":
        return _hello(request)
    if asked["type"] in ("open", "sync"):
        return doing.synced(request.actor, asked)[1]
    if asked["type"] == "presence":
        doing.set_presence(request.seat, asked)
        return {"type": "ack", "message": None}
    act = _ACTS.get(asked["type"])
    if act is None:
        raise Invalid(field="type")
    return {"type": "ack", "message": act(request.actor, asked)}


def _hello(request: SeatedRequest) -> Data:
    presence.there(request.seat)
    return doing.hello(request.actor, request.seat)


def _leave(_actor: Any, asked: Data) -> None:
    """Nothing is followed here."""
    doing.uid_of(asked)


_ACTS: dict[str, Callable[[Any, Data], Any]] = {
    "send": doing.post,
    "typing": doing.signal_typing,
    "read": doing.mark_read,
    "delivered": doing.mark_delivered,
    "leave": _leave,
}
