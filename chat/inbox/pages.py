"""The inbox's pages. Each works after a reload, and gives a part of itself when the scripts ask with ``?part=``."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from .. import access, queries
from ..errors import Invalid, NotFound
from ..models import Chat
from ..queries import View
from . import contexts
from .colleagues import colleagues_of
from .seats import SeatedRequest, seated


def find(request: SeatedRequest, uid: str) -> Chat:
    """Return the chat, or Http404 for one that this agent may not see: as if there were none."""
    try:
        return access.get_chat(request.actor, uid)
    except NotFound as error:
        raise Http404 from error


@require_safe
@seated
def chats(request: SeatedRequest, view: View) -> HttpResponse:
    """One view of the list, and no chat beside it."""
    try:
        listed = contexts.chat_list(request, view)
    except Invalid:
        return redirect(f"inbox:{view}")
    if request.GET.get("part") == "list":
        return render(request, "inbox/list.html", listed)
    return render(request, "inbox/shell.html", {**contexts.shell(request, view), **listed})


@require_safe
@seated
def chat(request: SeatedRequest, uid: str) -> HttpResponse:
    """A chat, the list beside it. ``?part=side`` is header and panel, ``?part=conversation`` the timeline too."""
    found = find(request, uid)
    view = _view_beside(request, found)
    part = request.GET.get("part")
    back = {"back_url": f"/inbox/{'' if view == 'mine' else view}"}
    shown = {**contexts.one_chat(request, found), **back}
    if part == "side":
        return render(request, "inbox/part_side.html", {**shown, "seat": request.seat})
    shown |= contexts.timeline(request, found)
    if part == "conversation":
        return render(request, "inbox/part_conversation.html", {**shown, "seat": request.seat})
    try:
        listed = contexts.chat_list(request, view)
    except Invalid:
        return redirect("inbox:chat", uid)
    return render(request, "inbox/shell.html", {**contexts.shell(request, view), **listed, **shown})


def _view_beside(request: SeatedRequest, found: Chat) -> View:
    """The list that the address names, else the one where the chat stands."""
    asked = request.GET.get("view", "")
    if named := next((view for view in contexts.VIEWS if view == asked), None):
        return named
    if not found.is_open:
        return "closed"
    if found.agent_id == request.seat.pk:
        return "mine"
    return "waiting" if found.agent_id is None else "all"


@require_safe
@seated
def timeline(request: SeatedRequest, uid: str) -> HttpResponse:
    """Older entries as HTML: ``?before=`` a seq, or ``?previous=1`` for those of the conversation's chat before."""
    found = find(request, uid)
    if request.GET.get("previous"):
        found = _previous(request, found)
        shown = contexts.timeline(request, found)
    else:
        shown = contexts.timeline(request, found, before=_seq(request.GET.get("before", "")))
    return render(request, "inbox/part_timeline.html", {**shown, "with_title": bool(request.GET.get("previous"))})


def _previous(request: SeatedRequest, found: Chat) -> Chat:
    """The chat before this one in the conversation, if this agent may see it."""
    if found.previous_id is None:
        raise Http404
    previous = access.visible_chats(request.actor).select_related("visitor").filter(pk=found.previous_id).first()
    if previous is None:
        raise Http404
    return previous


def _seq(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


@require_safe
@seated
def counts(request: SeatedRequest) -> JsonResponse:
    """The numbers of the badges."""
    return JsonResponse(queries.counts(request.actor, cap=1000))


@require_safe
@seated
def tags(request: SeatedRequest) -> JsonResponse:
    """Tags of the workspace that begin with ``?q=``, for suggestions."""
    begin = request.GET.get("q", "").strip().lower()[:60].replace("\x00", "")
    names = request.seat.workspace.tags.filter(name__startswith=begin).values_list("name", flat=True)[:20]
    return JsonResponse({"tags": list(names)})


@require_safe
@seated
def triggers(request: SeatedRequest) -> HttpResponse:
    """Down to which trigger's chats the list of ``?view=`` can be narrowed; that of ``?trigger=`` is marked."""
    view = request.GET.get("view", "")
    view = view if view in contexts.VIEWS else contexts.VIEWS[0]
    try:
        choices = contexts.trigger_choices(request, view)
    except Invalid:
        return redirect("inbox:triggers")
    return _menu(request, "inbox/triggers.html", {"choices": choices, "view": view})


@require_safe
@seated
def team(request: SeatedRequest) -> HttpResponse:
    """Who of the team is there, and how loaded."""
    return _menu(request, "inbox/team.html", {"colleagues": colleagues_of(request.seat)})


@require_safe
@seated
def assign_form(request: SeatedRequest, uid: str) -> HttpResponse:
    """To whom a chat can be assigned."""
    found = find(request, uid)
    people = [person for person in colleagues_of(request.seat) if person["id"] != found.agent_id]
    return _menu(request, "inbox/assign.html", {"chat": found, "colleagues": people})


@require_safe
@seated
def transfer_form(request: SeatedRequest, uid: str) -> HttpResponse:
    """Where a chat can be transferred."""
    found = find(request, uid)
    people = [person for person in colleagues_of(request.seat) if person["id"] not in (found.agent_id, request.seat.pk)]
    departments = request.seat.workspace.departments.all()
    return _menu(request, "inbox/transfer.html", {"chat": found, "colleagues": people, "departments": departments})


def _menu(request: HttpRequest, part: str, context: dict[str, Any]) -> HttpResponse:
    """A menu's content: alone for the scripts, as a page without them."""
    shown = {**context, "seat": request.seat, "part": part}  # type: ignore[attr-defined]
    if request.GET.get("part"):
        return render(request, part, shown)
    back = f"/inbox/chats/{context['chat'].uid.hex}" if "chat" in context else "/inbox/"
    return render(request, "inbox/menu_page.html", {**shown, "back_url": back})
