"""Workspaces and their teams.

Agents are deactivated, never deleted: what they wrote stays theirs. Whoever may log in to Django admin
(``User.is_staff``) follows from the seats: owners and admins of any workspace, and superusers.
"""

import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email, validate_slug
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..errors import Invalid, LastOwner, NotAllowed, Taken, Unknown
from ..models import Agent, AgentToken, Department, Membership, Role, User, Workspace
from ..models.workspace import valid_timezone
from ..slugs import free_slug

_RANK = {Role.OPERATOR: 0, Role.SUPERVISOR: 1, Role.ADMIN: 2, Role.OWNER: 3}
_ADMINISTERS = (Role.OWNER, Role.ADMIN)


@dataclass(frozen=True)
class NewWorkspace:
    """A workspace that was just made, and the secret by which its site vouches for customers."""

    workspace: Workspace
    identity_secret: str
    departments: Sequence[Department]


@dataclass(frozen=True)
class NewAgent:
    """A seat that was just made. ``password`` is None when the user existed; ``token`` can never be read again."""

    agent: Agent
    password: str | None
    token: str


@transaction.atomic
def create_workspace(
    name: str, *, departments: Iterable[str] = (), language: str = "en", timezone: str = "UTC"
) -> NewWorkspace:
    """Create a workspace and a department for each of these slugs. Its own slug comes from the name.

    Raises Invalid for an empty name, an unknown language or time zone, a bad slug.
    """
    name = name.strip()
    if not name or len(name) > 120:
        raise Invalid(_("Give the workspace a name of 1 to 120 characters."), "name")
    if language not in dict(settings.LANGUAGES):
        raise Invalid(_("%(code)s is not one of the languages.") % {"code": language}, "language")
    _checked(valid_timezone, timezone, "timezone")
    secret = secrets.token_urlsafe(32)
    workspace = Workspace.objects.create(
        name=name,
        slug=free_slug(name, lambda slug: Workspace.objects.filter(slug=slug).exists()),
        language=language,
        timezone=timezone,
        identity_secret=secret,
    )
    return NewWorkspace(workspace, secret, [create_department(workspace, slug) for slug in departments])


def create_department(workspace: Workspace, slug: str, name: str = "") -> Department:
    """Create a department; without a name it is called like its slug. Raises Invalid or Taken."""
    if len(slug) > 60:
        raise Invalid(_("A department's slug has at most 60 characters."), "departments")
    _checked(validate_slug, slug, "departments")
    if workspace.departments.filter(slug=slug).exists():
        raise Taken(_("There is already a department %(slug)s.") % {"slug": slug}, "departments")
    name = name or slug.replace("-", " ").replace("_", " ").strip().capitalize() or slug
    return Department.objects.create(workspace=workspace, slug=slug, name=name)


def departments_by_slug(workspace: Workspace, slugs: Iterable[str]) -> list[Department]:
    """Return the departments with these slugs, in this order. Raises Unknown for the first one that is not there."""
    found = {department.slug: department for department in workspace.departments.all()}
    wanted = list(dict.fromkeys(slugs))
    for slug in wanted:
        if slug not in found:
            raise Unknown(
                _("%(workspace)s has no department %(slug)s.") % {"workspace": workspace.slug, "slug": slug},
                "departments",
            )
    return [found[slug] for slug in wanted]


@transaction.atomic
def create_agent(
    workspace: Workspace,
    email: str,
    name: str = "",
    *,
    role: str = Role.OPERATOR,
    departments: Iterable[Department] = (),
    skills: Iterable[str] = (),
    max_chats: int | None = None,
    by: Agent | None = None,
) -> NewAgent:
    """Give a person a seat, and a login unless they have one from another workspace.

    ``by`` is who acts; None is the operator of the installation. Raises Invalid, Taken (a seat here already),
    NotAllowed (only owners make owners).
    """
    role = _valid_role(role)
    _demand_rank(by, workspace, role)
    user, password = _user(email)
    if workspace.agents.filter(user=user).exists():
        raise Taken(_("%(email)s is in this workspace already.") % {"email": user.email}, "email")
    agent = Agent(workspace=workspace, user=user, name=name.strip() or _name_of(user), role=role)
    agent.skills = _valid_skills(skills)
    if max_chats is not None:
        agent.max_chats = _valid_max_chats(max_chats)
    if len(agent.name) > 120:
        raise Invalid(_("A name has at most 120 characters."), "name")
    agent.save()
    set_departments(agent, departments)
    _, token = AgentToken.issue(workspace=workspace, agent=agent, name=str(_("First token")))
    sync_staff(user)
    return NewAgent(agent, password, token)


@transaction.atomic
def change_role(agent: Agent, role: str, *, by: Agent | None = None) -> None:
    """Give the agent another role. Raises NotAllowed above the actor's own rank, LastOwner, Invalid."""
    role = _valid_role(role)
    current = _locked(agent)
    if agent.is_bot:
        raise Invalid(_("A bot is always an operator."), "role")
    _demand_rank(by, current.workspace, role, current.role)
    if current.role == Role.OWNER and role != Role.OWNER:
        _keep_an_owner(current)
    Agent.objects.filter(pk=agent.pk).update(role=role)
    agent.role = role
    sync_staff(current.user)


@transaction.atomic
def deactivate(agent: Agent, *, by: Agent | None = None) -> None:
    """Take the agent's seat away: no login to this workspace, no tokens, no presence. Their words stay.

    A user without any other seat is logged out everywhere. Raises NotAllowed and LastOwner.
    """
    current = _locked(agent)
    _demand_rank(by, current.workspace, current.role)
    if not current.is_active:
        return
    if current.role == Role.OWNER:
        _keep_an_owner(current)
    Agent.objects.filter(pk=agent.pk).update(is_active=False, lease_until=None)
    agent.is_active, agent.lease_until = False, None
    agent.tokens.filter(revoked_at__isnull=True).update(revoked_at=timezone.now())
    if current.user is not None:
        sync_staff(current.user)
        if not current.user.agents.active().exists() and not current.user.is_superuser:
            end_sessions(current.user)


@transaction.atomic
def reactivate(agent: Agent, *, by: Agent | None = None) -> None:
    """Give a deactivated agent their seat back, without tokens. Raises NotAllowed."""
    current = _locked(agent)
    _demand_rank(by, current.workspace, current.role)
    Agent.objects.filter(pk=agent.pk).update(is_active=True)
    agent.is_active = True
    sync_staff(current.user)


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


def set_language(user: User, language: str) -> None:
    """Choose the language of inbox, admin and mails; empty follows the browser. Raises Invalid."""
    if language and language not in dict(settings.LANGUAGES):
        raise Invalid(_("%(code)s is not one of the languages.") % {"code": language}, "language")
    User.objects.filter(pk=user.pk).update(language=language)
    user.language = language


def end_sessions(user: User) -> None:
    """Log the user out everywhere: sessions of an older epoch are over."""
    user.session_epoch += 1
    user.save(update_fields=["session_epoch"])


def outranks(by: Agent | None, workspace: Workspace, *roles: str) -> bool:
    """Whether this agent may give or take these roles in the workspace: administers it, and none is above their own."""
    if by is None:
        return True
    rank = _RANK[Role(by.role)]
    return (
        by.workspace_id == workspace.pk
        and by.is_active
        and by.administers
        and all(_RANK[Role(role)] <= rank for role in roles)
    )


def sync_staff(user: User | None) -> None:
    """Open Django admin for owners and admins of any workspace, and close it for the others."""
    if user is None:
        return
    staff = user.is_superuser or user.agents.active().filter(role__in=_ADMINISTERS).exists()
    if user.is_staff != staff:
        user.is_staff = staff
        user.save(update_fields=["is_staff"])


def _demand_rank(by: Agent | None, workspace: Workspace, *roles: str) -> None:
    if not outranks(by, workspace, *roles):
        raise NotAllowed(_("Your role does not allow this."), "role")


def _locked(agent: Agent) -> Agent:
    """Return the agent as stored now. The owners' rows are held, so that two owners cannot both step down."""
    owners = Q(workspace_id=agent.workspace_id, role=Role.OWNER)
    list(Agent.objects.select_for_update().filter(owners | Q(pk=agent.pk)).order_by("pk").values_list("pk"))
    return Agent.objects.select_related("workspace", "user").get(pk=agent.pk)


def _keep_an_owner(agent: Agent) -> None:
    others = Agent.objects.active().filter(workspace=agent.workspace, role=Role.OWNER).exclude(pk=agent.pk)
    if not others.exists():
        raise LastOwner(_("A workspace needs an owner. Make somebody else an owner first."), "role")


def _user(email: str) -> tuple[User, str | None]:
    email = email.strip().lower()
    _checked(validate_email, email, "email")
    known = User.objects.filter(email=email).first()
    if known:
        return known, None
    password = secrets.token_urlsafe(12)
    return User.objects.create_user(email, password), password


def _name_of(user: User) -> str:
    return user.get_full_name() or user.email.partition("@")[0]


def _valid_role(role: str) -> Role:
    if role not in Role.values:
        raise Invalid(_("Choose one of: %(names)s.") % {"names": ", ".join(Role.values)}, "role")
    return Role(role)


def _valid_skills(skills: Iterable[str]) -> list[str]:
    cleaned = list(dict.fromkeys(skill.strip() for skill in skills))
    if any(not skill or len(skill) > 60 for skill in cleaned):
        raise Invalid(_("A skill has 1 to 60 characters."), "skills")
    return cleaned


def _valid_max_chats(number: int) -> int:
    if not 0 <= number <= 1000:
        raise Invalid(_("The most chats at once is a number from 0 to 1000."), "max_chats")
    return number


def _checked(validator: Callable[[str], object], value: str, field: str) -> None:
    try:
        validator(value)
    except ValidationError as error:
        raise Invalid(error.messages[0], field) from error
