"""What an agent does to a chat over HTTP: one POST a verb, by script (204) or as a plain form (back to the chat).

Each verb parses its form and calls one service. Failures are sentences: ``{"error", "message"}`` to a script, a
message above the page otherwise.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages as flash
from django.http import Http404, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from agents.errors import TeamError
from agents.models import Agent, Department

from .. import snapshots
from ..errors import ChatError, Invalid
from ..models import Chat, Kind, Priority
from ..services import assigning, cards, files, lifecycle, messages, notes, suggesting, tagging, visitors
from . import rendering
from .forms import VisitorForm
from .pages import find
from .seats import SeatedRequest, seated

STATUS = {
    "not_found": 404,
    "not_allowed": 403,
    "conflict": 409,
    "ended": 409,
    "full": 409,
    "offline": 409,
    "too_large": 413,
}


def failure(error: ChatError | TeamError) -> JsonResponse:
    """The protocol's answer to an expected failure."""
    told = {"error": error.code, "message": str(error.message)}
    return JsonResponse({**told, "field": error.field} if error.field else told, status=STATUS.get(error.code, 400))


@require_POST
@seated
def verb(request: SeatedRequest, uid: str, name: str) -> HttpResponse:
    """Do one verb to one chat. 404 for an unknown verb and for a chat of others."""
    chat = find(request, uid)
    act = VERBS.get(name)
    if act is None:
        raise Http404
    try:
        act(request, chat)
    except ChatError as error:
        if not by_form(request):
            return failure(error)
        flash.error(request, str(error.message))
    return back(request, chat) if by_form(request) else HttpResponse(status=204)


def by_form(request: SeatedRequest) -> bool:
    """Whether a browser sent a plain form and waits for a page."""
    return "text/html" in request.headers.get("Accept", "")


def back(request: SeatedRequest, chat: Chat) -> HttpResponseRedirect:
    """Return to the chat, or to the list when it went out of sight."""
    still = access_still(request, chat)
    return HttpResponseRedirect(reverse("inbox:chat", args=[chat.uid.hex]) if still else reverse("inbox:mine"))


def access_still(request: SeatedRequest, chat: Chat) -> bool:
    """Whether the agent may still see the chat after what they did."""
    try:
        find(request, chat.uid.hex)
    except Http404:
        return False
    return True


def _take(request: SeatedRequest, chat: Chat) -> None:
    assigning.assign(chat, request.seat, request.actor)


def _assign(request: SeatedRequest, chat: Chat) -> None:
    agent = _agent(request)
    if agent is None:
        raise Invalid(_("Choose a colleague."), field="agent")
    assigning.assign(chat, agent, request.actor, reason=_text(request, "reason", 200))


def _transfer(request: SeatedRequest, chat: Chat) -> None:
    assigning.transfer(
        chat,
        request.actor,
        agent=_agent(request),
        department=_department(request),
        reason=_text(request, "reason", 200),
        note=_text(request, "note", 2000),
    )


def _close(request: SeatedRequest, chat: Chat) -> None:
    lifecycle.close(
        chat,
        request.actor,
        reason=_text(request, "reason", 200),
        note=_text(request, "note", 2000),
        follow_up=bool(request.POST.get("follow_up")),
    )


def _reopen(request: SeatedRequest, chat: Chat) -> None:
    lifecycle.reopen(chat, request.actor)


def _tag(request: SeatedRequest, chat: Chat) -> None:
    tagging.tag(chat, request.actor, request.POST.get("tag", ""))


def _untag(request: SeatedRequest, chat: Chat) -> None:
    tagging.untag(chat, request.actor, request.POST.get("tag", ""))


def _priority(request: SeatedRequest, chat: Chat) -> None:
    words = {priority.name.lower(): priority.value for priority in Priority}
    tagging.set_priority(chat, request.actor, words.get(request.POST.get("priority", ""), 0))


def _notes(request: SeatedRequest, chat: Chat) -> None:
    text = request.POST.get("notes", "").replace("\r\n", "\n").strip()
    mark = request.POST.get("mark", "")
    notes.set_notes(chat, request.actor, text, mark=int(mark) if mark.isascii() and mark.isdigit() else None)


def _suggestion(request: SeatedRequest, chat: Chat) -> None:
    uid = rendering.parse_uid(request.POST.get("suggestion", ""))
    suggesting.decide(chat, request.actor, uid, request.POST.get("decision", ""))


def _message(request: SeatedRequest, chat: Chat) -> None:
    kind = Kind.NOTE if request.POST.get("kind") == "note" else Kind.TEXT
    messages.post(chat, request.actor, kind=kind, body=request.POST.get("body", ""))


def _lookup(request: SeatedRequest, chat: Chat) -> None:
    seq = request.POST.get("seq", "")
    if not (seq.isascii() and seq.isdigit() and len(seq) < 10):
        raise Invalid(field="seq")
    cards.retry(chat, request.actor, int(seq))


VERBS: dict[str, Callable[[SeatedRequest, Chat], None]] = {
    "take": _take,
    "assign": _assign,
    "transfer": _transfer,
    "close": _close,
    "reopen": _reopen,
    "tag": _tag,
    "untag": _untag,
    "priority": _priority,
    "notes": _notes,
    "suggestion": _suggestion,
    "messages": _message,
    "lookup": _lookup,
}


def _text(request: SeatedRequest, name: str, limit: int) -> str:
    """A text field, trimmed. Raises Invalid when it is too long or cannot be stored."""
    text = request.POST.get(name, "").strip()
    if len(text) > limit or not messages.clean(text):
        raise Invalid(_("The text is too long."), field=name)
    return text


def _agent(request: SeatedRequest) -> Agent | None:
    return _chosen(Agent.objects.active().filter(workspace=request.seat.workspace), request.POST.get("agent", ""))


def _department(request: SeatedRequest) -> Department | None:
    return _chosen(request.seat.workspace.departments.all(), request.POST.get("department", ""))


def _chosen(rows: Any, uid: str) -> Any:
    """Return the row that the form names, None when it names none. Raises Invalid for one of elsewhere."""
    if not uid:
        return None
    wanted = rendering.parse_uid(uid)
    row = rows.filter(uid=wanted).first() if wanted else None
    if row is None:
        raise Invalid(_("This choice is no longer there. Open the menu again."))
    return row


@require_POST
@seated
def visitor(request: SeatedRequest, uid: str) -> HttpResponse:
    """Correct what is known of the visitor."""
    chat = find(request, uid)
    form = VisitorForm(request.POST)
    try:
        if not form.is_valid():
            field, problems = next(iter(form.errors.items()))
            raise Invalid(str(problems[0]), field=field)
        visitors.update(chat.visitor, request.actor, **form.sent())
    except ChatError as error:
        if not by_form(request):
            return failure(error)
        flash.error(request, str(error.message))
    return back(request, chat) if by_form(request) else HttpResponse(status=204)


@require_POST
@seated
def upload(request: SeatedRequest, uid: str) -> HttpResponse:
    """Store one file for a message that is yet to be sent; answers its object."""
    chat = find(request, uid)
    sent = request.FILES.get("file")
    try:
        if sent is None:
            raise Invalid(_("Choose a file."), field="file")
        stored = files.store(chat, request.actor, sent)
    except ChatError as error:
        return failure(error)
    return JsonResponse(rendering.attachment(snapshots.of_attachment(stored)), status=201)
