"""Whose rows somebody sees in Django admin: superusers all, owners and admins their workspaces', others none."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest

from ..models import Agent, Role, Workspace

M = TypeVar("M", bound=Model)


def seats(request: HttpRequest) -> dict[int, Agent]:
    """Return the user's seats that administer, by workspace id. Asked once a request."""
    if not hasattr(request, "_admin_seats"):
        mine: QuerySet[Agent] = Agent.objects.none()
        if request.user.is_authenticated:
            mine = Agent.objects.active().filter(user=request.user, role__in=[Role.OWNER, Role.ADMIN])
        request._admin_seats = {agent.workspace_id: agent for agent in mine}  # type: ignore[attr-defined]
    return request._admin_seats  # type: ignore[attr-defined]


def may_enter(request: HttpRequest) -> bool:
    """Whether this is somebody for whom Django admin is."""
    user = request.user
    return user.is_active and user.is_staff and (user.is_superuser or bool(seats(request)))


def within(request: HttpRequest, rows: QuerySet[M], path: str) -> QuerySet[M]:
    """Leave the rows of the user's workspaces; ``path`` leads from a row to its workspace (``pk``: it is one)."""
    if request.user.is_superuser:
        return rows
    return rows.filter(**{f"{path}__in": list(seats(request))})


def covers(request: HttpRequest, workspace_id: int) -> bool:
    """Whether the user administers this workspace."""
    return request.user.is_superuser or workspace_id in seats(request)


def acting(request: HttpRequest, workspace: Workspace | int) -> Agent | None:
    """Return the seat with which the user acts in a workspace; None for the superuser, who operates all of them."""
    if request.user.is_superuser:
        return None
    return seats(request)[workspace if isinstance(workspace, int) else workspace.pk]
