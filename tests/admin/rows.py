"""One row of every model that Django admin shows, in a workspace of one's choice."""

from datetime import date

from django.utils import timezone

from agents.models import (
    Agent,
    AgentPicture,
    AgentToken,
    AuditEntry,
    Department,
    HoursException,
    Membership,
    OpeningHours,
    Workspace,
)
from chat.models import (
    ActionCard,
    Assignment,
    Attachment,
    Chat,
    ChatTag,
    ChatWords,
    Command,
    Message,
    RoutingLock,
    SavedAnswer,
    Suggestion,
    Tag,
    Tally,
    TicketCounter,
    Upload,
    Visitor,
)
from config.demo import factories as make
from integrations.bots.models import Bot
from integrations.chatbots.models import Action, SetAside
from integrations.keys.models import SecretKey
from integrations.partner.models import Partner
from integrations.replies.models import Assistant, Turn
from integrations.webhooks.models import Attempt, Delivery, Subscription
from widget.models import PublishableKey, Trigger, Widget


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


def command(workspace):
    """A command with a lookup and a secret."""
    number = Command.objects.filter(workspace=workspace).count()
    return Command.objects.create(
        workspace=workspace,
        name=f"order_{number}",
        title=f"Order of {workspace.name}",
        url="https://shop.example.com/orders/{value}",
        headers="Authorization: Bearer canary-of-headers",
    )


ROWS = {
    Workspace: lambda w: w,
    Department: lambda w: make.DepartmentFactory(workspace=w),
    Agent: lambda w: make.AgentFactory(
        workspace=w, departments=[make.DepartmentFactory(workspace=w)], name=f"Agent of {w.name}"
    ),
    OpeningHours: lambda w: make.OpeningHoursFactory(workspace=w),
    HoursException: lambda w: make.HoursExceptionFactory(hours=make.OpeningHoursFactory(workspace=w)),
    AgentPicture: lambda w: AgentPicture.objects.create(agent=make.AgentFactory(workspace=w), content=b"x"),
    Membership: lambda w: make.MembershipFactory(agent=make.AgentFactory(workspace=w)),
    AuditEntry: lambda w: AuditEntry.objects.create(workspace=w, act="key.created", target=f"Key of {w.name}"),
    AgentToken: lambda w: make.AgentTokenFactory(agent=make.AgentFactory(workspace=w)),
    Chat: chat,
    Message: lambda w: chat(w).messages.last(),
    Visitor: lambda w: make.VisitorFactory(workspace=w),
    Assignment: lambda w: chat(w).assignments.get(),
    Attachment: lambda w: make.AttachmentFactory(chat=chat(w)),
    Upload: lambda w: Upload.objects.create(
        workspace=w, name=f"Upload of {w.name}", content_type="image/png", size=1, key="k", expires_at=timezone.now()
    ),
    Command: lambda w: command(w),
    ActionCard: lambda w: ActionCard.objects.create(
        workspace=w, message=chat(w).messages.first(), command=command(w), title=f"Order of {w.name}"
    ),
    Tag: lambda w: make.TagFactory(workspace=w),
    SavedAnswer: lambda w: make.SavedAnswerFactory(workspace=w),
    Suggestion: lambda w: Suggestion.objects.create(workspace=w, chat=chat(w), body=f"Suggested to {w.name}"),
    Assistant: lambda w: make.AssistantFactory(workspace=w, name=f"Assistant of {w.name}"),
    Turn: lambda w: Turn.objects.create(assistant=make.AssistantFactory(workspace=w), chat=chat(w)),
    ChatTag: lambda w: make.ChatTagFactory(chat=chat(w)),
    TicketCounter: lambda w: TicketCounter.objects.get_or_create(workspace=w)[0],
    Tally: lambda w: Tally.objects.create(
        workspace=w, channel="website", month=date(2026, 3, 1), met=True, proactive=False, chats=1
    ),
    ChatWords: lambda w: ChatWords.objects.get_or_create(
        chat=chat(w), defaults={"workspace": w, "ticket_no": 1, "tokens": "hello"}
    )[0],
    RoutingLock: lambda w: RoutingLock.objects.get_or_create(workspace=w)[0],
    Widget: lambda w: make.WidgetFactory(workspace=w, is_default=False, department=make.DepartmentFactory(workspace=w)),
    Trigger: lambda w: make.TriggerFactory(workspace=w, widget=make.WidgetFactory(workspace=w, is_default=False)),
    PublishableKey: lambda w: make.PublishableKeyFactory(workspace=w),
    SecretKey: lambda w: make.SecretKeyFactory(workspace=w),
    Bot: lambda w: make.BotFactory(workspace=w),
    Action: lambda w: Action.objects.create(bot=make.BotFactory(workspace=w), key="k", name=f"Action of {w.name}"),
    SetAside: lambda w: SetAside.objects.create(bot=make.BotFactory(workspace=w), reason=f"Of {w.name}", size=1),
    Partner: lambda w: Partner.objects.get_or_create(workspace=w, domain=f"{w.slug}.example.com")[0],
    Subscription: lambda w: make.SubscriptionFactory(workspace=w),
    Delivery: lambda w: make.DeliveryFactory(subscription=make.SubscriptionFactory(workspace=w)),
    Attempt: lambda w: make.AttemptFactory(
        delivery=make.DeliveryFactory(subscription=make.SubscriptionFactory(workspace=w))
    ),
}
INTERNAL = {TicketCounter, RoutingLock, Tally, ChatWords}
ADDED_BY_OWNERS = {
    Assistant,
    OpeningHours,
    Department,
    Agent,
    AgentToken,
    SavedAnswer,
    Tag,
    Command,
    Widget,
    Trigger,
    PublishableKey,
    SecretKey,
    Bot,
    Subscription,
}
DELETED_BY_OWNERS = {Department, SavedAnswer, Tag, Command, Widget, Trigger, Subscription}
