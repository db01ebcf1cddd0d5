"""Who may give, change or take a seat: owners any, admins all but owners' seats, others none."""

from django.utils.translation import gettext_lazy as _

from ..errors import Invalid, LastOwner, NotAllowed
from ..models import Agent, Role, Workspace

_RANK = {Role.OPERATOR: 0, Role.SUPERVISOR: 1, Role.ADMIN: 2, Role.OWNER: 3}


def outranks(by: Agent | None, workspace: Workspace, *roles: str) -> bool:
    """Whether this agent may give or take these roles here: none is above their own. None is the operator."""
    if by is None:
        return True
    return (
        by.workspace_id == workspace.pk
        and by.is_active
        and by.administers
        and all(_RANK[Role(role)] <= _RANK[Role(by.role)] for role in roles)
    )


def demand(by: Agent | None, workspace: Workspace, *roles: str) -> None:
    """Raise NotAllowed unless the agent may give or take these roles."""
    if not outranks(by, workspace, *roles):
        raise NotAllowed(_("Your role does not allow this."), "role")


def keep_an_owner(agent: Agent) -> None:
    """Raise LastOwner when no other active agent owns the workspace. The owners' rows are locked by the caller."""
    others = Agent.objects.active().filter(workspace=agent.workspace, role=Role.OWNER).exclude(pk=agent.pk)
    if not others.exists():
        raise LastOwner(_("A workspace needs an owner. Make somebody else an owner first."), "role")


def valid_role(role: str) -> Role:
    """Return the role of this name. Raises Invalid."""
    if role not in Role.values:
        raise Invalid(_("Choose one of: %(names)s.") % {"names": ", ".join(Role.values)}, "role")
    return Role(role)
