"""Agents: a person's seat in a workspace. Deactivated, never deleted: what they wrote stays theirs.

``by`` is the agent who acts; None is the operator of the installation, who may do anything. Nothing here tells
anybody: the chat layer announces what changed, and sockets notice lost seats by themselves.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..errors import Invalid, Taken, Unknown
from ..models import Agent, AgentToken, Department, Membership, Role, Workspace
from . import audit, logins, ranks


@dataclass(frozen=True)
class NewAgent:
    """A seat that was just made. ``password`` is None when the user existed; ``token`` can never be read again."""

    agent: Agent
    password: str | None
    token: str


@transaction.atomic
def create_agent(
    workspace: Workspace,
    email: str,
    name: str = "",
    *,
    role: str = Role.OPERATOR,
    departments: Iterable[Department] = (),
    skills: Iterable[str] = (),
    max_chats: int = 5,
    by: Agent | None = None,
) -> NewAgent:
    """Give a person a seat and a token, and a login unless they have one from another workspace.

    Raises Invalid, Taken (a seat here already), NotAllowed (only owners make owners), Unknown (department).
    """
    role = ranks.valid_role(role)
    ranks.demand(by, workspace, role)
    user, password = logins.find_or_create(email)
    if workspace.agents.filter(user=user).exists():
        raise Taken(_("%(email)s is in this workspace already.") % {"email": user.email}, "email")
    agent = Agent.objects.create(
        workspace=workspace,
        user=user,
        name=_valid_name(name.strip() or user.get_full_name() or user.email.partition("@")[0]),
        role=role,
        skills=_valid_skills(skills),
        max_chats=_valid_max_chats(max_chats),
    )
    set_departments(agent, departments)
    _row, token = AgentToken.issue(workspace=workspace, agent=agent, name=str(_("First token")))
    logins.follow_seats(user)
    audit.note(workspace, audit.SEAT_GIVEN, f"{agent.name} ({agent.role})", by=by)
    return NewAgent(agent, password, token)


@transaction.atomic
def change_role(agent: Agent, role: str, *, by: Agent | None = None) -> None:
    """Give the agent another role. Raises NotAllowed above the actor's own rank, LastOwner, Invalid."""
    role = ranks.valid_role(role)
    current = _locked(agent)
    if current.is_bot:
        raise Invalid(_("A bot is always an operator."), "role")
    ranks.demand(by, current.workspace, role, current.role)
    if current.role == Role.OWNER and role != Role.OWNER and current.is_active:
        ranks.keep_an_owner(current)
    Agent.objects.filter(pk=agent.pk).update(role=role)
    agent.role = role
    if current.role != role:
        audit.note(current.workspace, audit.ROLE_CHANGED, f"{current.name}: {current.role} → {role}", by=by)
    logins.follow_seats(current.user)


@transaction.atomic
def deactivate(agent: Agent, *, by: Agent | None = None) -> None:
    """Take the seat away: no inbox, no tokens, no presence. Raises NotAllowed and LastOwner.

    A user without another seat is logged out everywhere.
    """
    current = _locked(agent)
    ranks.demand(by, current.workspace, current.role)
    if not current.is_active:
        return
    if current.role == Role.OWNER:
        ranks.keep_an_owner(current)
    Agent.objects.filter(pk=agent.pk).update(is_active=False, lease_until=None)
    agent.is_active, agent.lease_until = False, None
    current.tokens.filter(revoked_at__isnull=True).update(revoked_at=timezone.now())
    audit.note(current.workspace, audit.SEAT_TAKEN, current.name, by=by)
    logins.follow_seats(current.user)


@transaction.atomic
def reactivate(agent: Agent, *, by: Agent | None = None) -> None:
    """Give a deactivated agent the seat back, without the old tokens. Raises NotAllowed."""
    current = _locked(agent)
    ranks.demand(by, current.workspace, current.role)
    Agent.objects.filter(pk=agent.pk).update(is_active=True)
    agent.is_active = True
    audit.note(current.workspace, audit.SEAT_RETURNED, current.name, by=by)
    logins.follow_seats(current.user)


@transaction.atomic
def set_departments(agent: Agent, departments: Iterable[Department]) -> None:
    """Make these the agent's departments, all of them. Raises Unknown for one of another workspace."""
    wanted = {department.pk: department for department in departments}
    if any(department.workspace_id != agent.workspace_id for department in wanted.values()):
        raise Unknown(_("The department belongs to another workspace."), "departments")
    memberships = Membership.objects.filter(agent=agent)
    memberships.exclude(department__in=wanted).delete()
    present = set(memberships.values_list("department_id", flat=True))
    Membership.objects.bulk_create(Membership(agent=agent, department_id=pk) for pk in wanted if pk not in present)


def _locked(agent: Agent) -> Agent:
    """Return the agent as stored now. The owners' rows are held, so that two owners cannot both step down."""
    owners = Q(workspace_id=agent.workspace_id, role=Role.OWNER)
    list(Agent.objects.select_for_update().filter(owners | Q(pk=agent.pk)).order_by("pk").values_list("pk"))
    return Agent.objects.select_related("workspace", "user").get(pk=agent.pk)


def _valid_name(name: str) -> str:
    if len(name) > 120:
        raise Invalid(_("A name has at most 120 characters."), "name")
    return name


def _valid_skills(skills: Iterable[str]) -> list[str]:
    cleaned = list(dict.fromkeys(skill.strip() for skill in skills))
    if any(not skill or len(skill) > 60 for skill in cleaned):
        raise Invalid(_("A skill has 1 to 60 characters."), "skills")
    return cleaned


def _valid_max_chats(number: int) -> int:
    if not 0 <= number <= 1000:
        raise Invalid(_("The most chats at once is a number from 0 to 1000."), "max_chats")
    return number
