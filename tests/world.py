"""The world that every test may stand in: a company and its people, and a stranger who must never see any of it."""

from dataclasses import dataclass, field

from agents.models import Agent, Department, Role, Workspace
from chat.models import Visitor
from config.demo.factories import AgentFactory, DepartmentFactory, VisitorFactory, WorkspaceFactory


@dataclass
class World:
    """Workspace A with its team and two visitors; workspace B with its owner and its visitor.

    Everybody's inbox is open (a running lease). ``operator`` is in support, ``teammate`` in sales.
    """

    workspace: Workspace = field(default_factory=lambda: WorkspaceFactory(name="Acme", slug="acme"))
    elsewhere: Workspace = field(default_factory=lambda: WorkspaceFactory(name="Beyond", slug="beyond"))
    support: Department = field(init=False)
    sales: Department = field(init=False)
    owner: Agent = field(init=False)
    admin: Agent = field(init=False)
    supervisor: Agent = field(init=False)
    operator: Agent = field(init=False)
    teammate: Agent = field(init=False)
    outsider: Agent = field(init=False)
    visitor: Visitor = field(init=False)
    other_visitor: Visitor = field(init=False)
    stranger: Visitor = field(init=False)

    def __post_init__(self) -> None:
        self.support = DepartmentFactory(workspace=self.workspace, name="Support", slug="support")
        self.sales = DepartmentFactory(workspace=self.workspace, name="Sales", slug="sales")
        self.owner = self._agent("Olga", Role.OWNER)
        self.admin = self._agent("Adam", Role.ADMIN)
        self.supervisor = self._agent("Sue", Role.SUPERVISOR)
        self.operator = self._agent("Otto", Role.OPERATOR, self.support)
        self.teammate = self._agent("Tina", Role.OPERATOR, self.sales)
        self.outsider = AgentFactory(workspace=self.elsewhere, name="Oscar", role=Role.OWNER, online=True)
        self.visitor = VisitorFactory(workspace=self.workspace, name="Vera")
        self.other_visitor = VisitorFactory(workspace=self.workspace, name="Victor")
        self.stranger = VisitorFactory(workspace=self.elsewhere, name="Stan")

    def _agent(self, name: str, role: str, *departments: Department) -> Agent:
        return AgentFactory(workspace=self.workspace, name=name, role=role, online=True, departments=departments)
