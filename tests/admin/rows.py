"""One row of every model that Django admin shows, in a workspace of one's choice."""

from agents.models import Agent, AgentToken, Department, Membership, Workspace
from chat.models import (
    Assignment,
    Attachment,
    Chat,
    ChatTag,
    Message,
    RoutingLock,
    Tag,
    TicketCounter,
    Visitor,
)
from config.demo import factories as make
from integrations.bots.models import Bot
from integrations.keys.models import SecretKey
from integrations.webhooks.models import Attempt, Delivery, Subscription
from widget.models import PublishableKey, Widget


def chat(workspace, **fields):
    """A closed chat with its agent, department, previous one and a message."""
    department = make.DepartmentFactory(workspace=workspace)
    visitor = make.VisitorFactory(workspace=workspace, name=f"Visitor of {workspace.name}")
    first = make.ChatFactory(workspace=workspace, closed=True, visitor=visitor)
    row = make.ChatFactory(
        workspace=workspace,
        closed=True,
        department=department,
        visitor=visitor,
        conversation_uid=first.conversation_uid,
        previous=first,
        **fields,
    )
    make.MessageFactory(chat=row)
    make.MessageFactory(chat=row, agent=row.agent)
    return row


ROWS = {
    Workspace: lambda w: w,
    Department: lambda w: make.DepartmentFactory(workspace=w),
    Agent: lambda w: make.AgentFactory(
        workspace=w, departments=[make.DepartmentFactory(workspace=w)], name=f"Agent of {w.name}"
    ),
    Membership: lambda w: make.MembershipFactory(agent=make.AgentFactory(workspace=w)),
    AgentToken: lambda w: make.AgentTokenFactory(agent=make.AgentFactory(workspace=w)),
    Chat: chat,
    Message: lambda w: chat(w).messages.last(),
    Visitor: lambda w: make.VisitorFactory(workspace=w),
    Assignment: lambda w: chat(w).assignments.get(),
    Attachment: lambda w: make.AttachmentFactory(chat=chat(w)),
    Tag: lambda w: make.TagFactory(workspace=w),
    ChatTag: lambda w: make.ChatTagFactory(chat=chat(w)),
    TicketCounter: lambda w: TicketCounter.objects.get_or_create(workspace=w)[0],
    RoutingLock: lambda w: RoutingLock.objects.get_or_create(workspace=w)[0],
    Widget: lambda w: make.WidgetFactory(workspace=w, is_default=False, department=make.DepartmentFactory(workspace=w)),
    PublishableKey: lambda w: make.PublishableKeyFactory(workspace=w),
    SecretKey: lambda w: make.SecretKeyFactory(workspace=w),
    Bot: lambda w: make.BotFactory(workspace=w),
    Subscription: lambda w: make.SubscriptionFactory(workspace=w),
    Delivery: lambda w: make.DeliveryFactory(subscription=make.SubscriptionFactory(workspace=w)),
    Attempt: lambda w: make.AttemptFactory(
        delivery=make.DeliveryFactory(subscription=make.SubscriptionFactory(workspace=w))
    ),
}
INTERNAL = {TicketCounter, RoutingLock}
ADDED_BY_OWNERS = {Department, Agent, AgentToken, Tag, Widget, PublishableKey, SecretKey, Bot, Subscription}
DELETED_BY_OWNERS = {Department, Tag, Widget, Subscription}
