"""Two workspaces with one of everything, everybody who may call, and the ids of both beside ids of nothing."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.core.files.base import ContentFile
from django.utils import timezone

from agents.ids import encode, new_uid
from agents.models import Agent, Department, Workspace
from chat.access import Actor
from chat.models import Attachment, Chat, Visitor
from chat.services import assigning, messages, starting
from config.demo import factories as make
from tests.world import World
from widget import tokens

Ids = dict[str, str]
# A route's parameter, or a placeholder in a body, and the prefix of the id.
KINDS = {
    "session_id": "session", "chat_id": "chat", "message_id": "msg", "agent_id": "agent", "visitor_id": "visitor",
    "department_id": "department", "file_id": "file", "webhook_id": "webhook", "delivery_id": "delivery",
    "trigger_id": "trigger", "widget_id": "widget", "key_id": "key", "export_id": "export",
    "answer_id": "answer",
}  # fmt: skip


def missing_ids() -> Ids:
    """Return well-formed ids that nothing has."""
    return {name: f"{prefix}_{new_uid().hex}" for name, prefix in KINDS.items()} | {
        "uid": new_uid().hex,
        "conversation_id": "987654321987",
        "number": "987654321987",
        "customer_id": "customer-of-nobody",
    }


@dataclass
class Town:
    """The world, with a chat in support that the operator has, and the same elsewhere."""

    world: World = field(default_factory=World)
    own: Ids = field(init=False)
    foreign: Ids = field(init=False)
    chat: Chat = field(init=False)
    foreign_chat: Chat = field(init=False)
    tokens: dict[str, str] = field(init=False)
    outsiders: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        w = self.world
        make.WidgetFactory(workspace=w.workspace, domains=["shop.example.com"])
        self.own, self.chat = _belongings(w.workspace, w.visitor, w.operator, w.support)
        self.foreign, self.foreign_chat = _belongings(
            w.elsewhere, w.stranger, w.outsider, make.DepartmentFactory(workspace=w.elsewhere)
        )
        self.tokens = {
            "nobody": "",
            "page": make.PublishableKeyFactory(workspace=w.workspace).secret,
            "visitor": tokens.issue(w.visitor)[0],
            "other": tokens.issue(w.other_visitor)[0],
            "narrow": make.SecretKeyFactory(workspace=w.workspace, scopes=[]).secret,
            "server": make.SecretKeyFactory(workspace=w.workspace).secret,
            "colleague": make.AgentTokenFactory(agent=w.teammate).secret,
            "operator": make.AgentTokenFactory(agent=w.operator).secret,
            "supervisor": make.AgentTokenFactory(agent=w.supervisor).secret,
            "admin": make.AgentTokenFactory(agent=w.admin).secret,
            "owner": make.AgentTokenFactory(agent=w.owner).secret,
        }
        self.outsiders = {
            "visitor of elsewhere": tokens.issue(w.stranger)[0],
            "server of elsewhere": make.SecretKeyFactory(workspace=w.elsewhere).secret,
            "owner of elsewhere": make.AgentTokenFactory(agent=w.outsider).secret,
        }


def _belongings(workspace: Workspace, visitor: Visitor, agent: Agent, department: Department) -> tuple[Ids, Chat]:
    """Make one of everything, and return the ids of it."""
    chat = starting.start(
        workspace=workspace, visitor=visitor, actor=Actor.of_visitor(visitor), department=department
    ).chat
    said = messages.post(chat, Actor.of_visitor(visitor), body="Hello?")
    chat.refresh_from_db()
    if chat.agent_id != agent.pk:
        assigning.assign(chat, agent, Actor.system(workspace.pk))
    file = Attachment.objects.create(
        workspace=workspace, chat=chat, name="a.txt", size=1, content_type="text/plain",
        file=ContentFile(b"x", "a.txt"),
    )  # fmt: skip
    webhook = make.SubscriptionFactory(workspace=workspace)
    delivery = make.DeliveryFactory(subscription=webhook)
    trigger = make.TriggerFactory(workspace=workspace)
    widget = make.WidgetFactory(workspace=workspace, is_default=False)
    key = make.SecretKeyFactory(workspace=workspace)
    export = make.ExportFactory(workspace=workspace)
    uids = {
        "session_id": chat.uid, "chat_id": chat.uid, "message_id": said.uid, "agent_id": agent.uid,
        "visitor_id": visitor.uid, "department_id": department.uid, "file_id": file.uid, "webhook_id": webhook.uid,
        "delivery_id": delivery.uid, "trigger_id": trigger.uid, "widget_id": widget.uid, "key_id": key.uid,
        "export_id": export.uid,
        "answer_id": make.SavedAnswerFactory(workspace=workspace).uid,
    }  # fmt: skip
    Agent.objects.filter(workspace=workspace).update(last_active_at=timezone.now())
    ids = {name: encode(KINDS[name], uid) for name, uid in uids.items()}
    # The partner contract has numbers, and a name that the partner chose.
    customer_id = f"customer-of-{workspace.slug}"
    Visitor.objects.filter(pk=visitor.pk).update(external_id=customer_id, verified=True)
    visitor.refresh_from_db()
    numbers = {"conversation_id": str(chat.pk), "number": str(said.pk), "customer_id": customer_id}
    return ids | numbers | {"uid": chat.uid.hex}, Chat.objects.get(pk=chat.pk)
