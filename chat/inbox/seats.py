"""Which seat a logged-in person works from: one agent of one workspace, chosen once and kept in the session."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation

from agents.models import Agent, User

from ..access import Actor

SESSION_KEY = "inbox_workspace"


class SeatedRequest(HttpRequest):
    """A request of somebody who has a seat. ``seats`` are all that this person has."""

    seat: Agent
    seats: list[Agent]
    actor: Actor


def seats_of(user: User) -> list[Agent]:
    """Return the person's active seats, workspace joined, in the order of the switcher."""
    seats = Agent.objects.active().humans().filter(user=user)
    return list(seats.select_related("workspace").prefetch_related("memberships").order_by("workspace__name", "id"))


def choose(seats: list[Agent], workspace_uid: str | None) -> Agent | None:
    """Return the seat in that workspace, else the first; None without seats."""
    chosen = [seat for seat in seats if seat.workspace.uid.hex == workspace_uid]
    return next(iter(chosen or seats), None)


def seated(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let only agents in: set ``seat``, ``seats``, ``actor``; speak the person's language, in the workspace's time."""

    @login_required
    @wraps(view)
    def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        seats = seats_of(request.user)
        seat = choose(seats, request.session.get(SESSION_KEY))
        with translation.override(language_of(request)):
            if seat is None:
                return render(request, "inbox/no_seat.html", status=403)
            request.seat, request.seats, request.actor = seat, seats, Actor.of_agent(seat)
            with timezone.override(seat.workspace.zone):
                return view(request, *args, **kwargs)

    return guarded


def language_of(request: Any) -> str:
    """The person's own choice, else what the browser asked for."""
    return str(request.user.language or translation.get_language() or "en")
