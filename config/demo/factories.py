"""Factories for every model: rows that the constraints and the services accept. Tests and the demo use the same.

``ChatFactory(active=True)`` and ``(closed=True)`` bring agent, times and assignment; ``MessageFactory(chat=...)``
continues the chat's numbering and its summary, so that a chat made here looks as if the services had made it.
"""

from datetime import date, timedelta
from functools import lru_cache

import factory
from django.contrib.auth.hashers import make_password
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db.models import F
from django.utils import timezone

from agents.models import (
    Agent,
    AgentToken,
    Department,
    HoursException,
    Membership,
    OpeningHours,
    Presence,
    Role,
    User,
    Workspace,
)
from chat.exports.models import Export, State
from chat.exports.services import FOLDER, KEPT
from chat.models import (
    Assignment,
    Attachment,
    AuthorKind,
    Chat,
    ChatTag,
    Kind,
    Message,
    SavedAnswer,
    Status,
    Tag,
    TicketCounter,
    Visitor,
)
from integrations.bots.models import Bot
from integrations.keys.models import SecretKey
from integrations.replies.models import Assistant
from integrations.webhooks import names
from integrations.webhooks.models import Attempt, Delivery, Subscription
from widget.models import PublishableKey, Trigger, Widget

from .summary import public_seq_before, summarise

PASSWORD = "correct horse battery staple"  # noqa: S105  of tests alone


@lru_cache
def _hashed(password: str) -> str:
    """Hashing is slow on purpose; the same password is hashed once for a whole run of tests."""
    return make_password(password)


class UserFactory(factory.django.DjangoModelFactory):
    """A person who can log in with :data:`PASSWORD`."""

    class Meta:
        model = User

    email = factory.Sequence(lambda n: f"person{n}@example.com")
    password = PASSWORD

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        return model_class.objects.create(**kwargs | {"password": _hashed(kwargs["password"])})


class WorkspaceFactory(factory.django.DjangoModelFactory):
    """A company in Việt Nam that speaks English."""

    class Meta:
        model = Workspace

    name = factory.Sequence(lambda n: f"Company {n}")
    slug = factory.Sequence(lambda n: f"company-{n}")
    identity_secret = factory.Sequence(lambda n: f"identity-secret-of-company-{n}-long-enough")


class DepartmentFactory(factory.django.DjangoModelFactory):
    """A department."""

    class Meta:
        model = Department

    workspace = factory.SubFactory(WorkspaceFactory)
    name = factory.LazyAttribute(lambda o: o.slug.capitalize())
    slug = factory.Sequence(lambda n: f"department-{n}")


class AgentFactory(factory.django.DjangoModelFactory):
    """An operator who is not there. ``online=True``: with an open inbox. ``departments=[...]`` joins them."""

    class Meta:
        model = Agent
        skip_postgeneration_save = True

    class Params:
        online = factory.Trait(lease_until=factory.LazyFunction(lambda: timezone.now() + timedelta(hours=1)))

    workspace = factory.SubFactory(WorkspaceFactory)
    user = factory.SubFactory(UserFactory)
    name = factory.Sequence(lambda n: f"Agent {n}")
    role = Role.OPERATOR
    status = Presence.AVAILABLE

    @factory.post_generation
    def departments(self, create, extracted, **kwargs):
        for department in extracted or ():
            Membership.objects.create(agent=self, department=department)

    @factory.post_generation
    def staff(self, create, extracted, **kwargs):
        """As the services do it: owners and admins may open Django admin."""
        if create and self.user and self.is_active and self.administers and not self.user.is_staff:
            self.user.is_staff = True
            self.user.save(update_fields=["is_staff"])


class OwnerFactory(AgentFactory):
    """The owner of a workspace."""

    role = Role.OWNER


class OpeningHoursFactory(factory.django.DjangoModelFactory):
    """Monday to Friday, 8 to 17."""

    class Meta:
        model = OpeningHours
        django_get_or_create = ("workspace",)

    workspace = factory.SubFactory(WorkspaceFactory)


class HoursExceptionFactory(factory.django.DjangoModelFactory):
    """A day off."""

    class Meta:
        model = HoursException

    hours = factory.SubFactory(OpeningHoursFactory)
    name = "New Year"
    first_day = date(2027, 1, 1)
    last_day = factory.SelfAttribute("first_day")


class MembershipFactory(factory.django.DjangoModelFactory):
    """An agent in a department of the same workspace."""

    class Meta:
        model = Membership

    agent = factory.SubFactory(AgentFactory)
    department = factory.LazyAttribute(lambda o: DepartmentFactory(workspace=o.agent.workspace))


class SavedAnswerFactory(factory.django.DjangoModelFactory):
    """A saved answer."""

    class Meta:
        model = SavedAnswer

    workspace = factory.SubFactory(WorkspaceFactory)
    title = factory.Sequence(lambda n: f"Answer {n}")
    shortcut = factory.Sequence(lambda n: f"answer-{n}")
    text = factory.LazyAttribute(lambda o: f"The text of {o.title}.")


class BotFactory(factory.django.DjangoModelFactory):
    """A bot and its agent."""

    class Meta:
        model = Bot

    workspace = factory.SubFactory(WorkspaceFactory)
    name = factory.Sequence(lambda n: f"bot-{n}")
    agent = factory.LazyAttribute(
        lambda o: AgentFactory(workspace=o.workspace, user=None, is_bot=True, name=o.name, max_chats=1000)
    )


class AssistantFactory(factory.django.DjangoModelFactory):
    """An assistant that answers every chat of its workspace, and its bot."""

    class Meta:
        model = Assistant

    workspace = factory.SubFactory(WorkspaceFactory)
    name = factory.Sequence(lambda n: f"Assistant {n}")
    enabled = True
    mode = "answer"
    base_url = "https://models.example.com/v1"
    model = "small"
    secret = factory.Sequence(lambda n: f"secret-of-the-provider-{n}")
    agent = factory.LazyAttribute(
        lambda o: AgentFactory(workspace=o.workspace, user=None, is_bot=True, name=o.name, max_chats=1000)
    )


class KeyFactory(factory.django.DjangoModelFactory):
    """A bearer key. The row carries its secret as ``row.secret``, as long as this object lives."""

    class Meta:
        abstract = True

    workspace = factory.SubFactory(WorkspaceFactory)
    name = factory.Sequence(lambda n: f"Key {n}")

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        row, secret = model_class.issue(**kwargs)
        row.secret = secret
        return row


class SecretKeyFactory(KeyFactory):
    """``sk_``"""

    class Meta:
        model = SecretKey


class PublishableKeyFactory(KeyFactory):
    """``pk_``"""

    class Meta:
        model = PublishableKey


class AgentTokenFactory(KeyFactory):
    """``at_``, of an agent of the same workspace."""

    class Meta:
        model = AgentToken

    agent = factory.SubFactory(AgentFactory)
    workspace = factory.SelfAttribute("agent.workspace")


class WidgetFactory(factory.django.DjangoModelFactory):
    """The default widget, on localhost."""

    class Meta:
        model = Widget

    workspace = factory.SubFactory(WorkspaceFactory)
    name = "Website"
    is_default = True
    domains = factory.LazyFunction(lambda: ["localhost", "127.0.0.1"])


class TriggerFactory(factory.django.DjangoModelFactory):
    """A greeting, three seconds after any page has loaded."""

    class Meta:
        model = Trigger

    workspace = factory.SubFactory(WorkspaceFactory)
    name = "Welcome"
    condition = Trigger.Condition.PAGE_LOAD
    delay_seconds = 3
    message = "Can we help you?"


class VisitorFactory(factory.django.DjangoModelFactory):
    """A customer who gave a name."""

    class Meta:
        model = Visitor

    workspace = factory.SubFactory(WorkspaceFactory)
    name = factory.Sequence(lambda n: f"Visitor {n}")


def next_ticket_no(workspace: Workspace) -> int:
    """Take the workspace's next ticket number, so that the services go on counting from there."""
    TicketCounter.objects.get_or_create(workspace=workspace)
    TicketCounter.objects.filter(workspace=workspace).update(last=F("last") + 1)
    return TicketCounter.objects.get(workspace=workspace).last


class ChatFactory(factory.django.DjangoModelFactory):
    """A waiting chat without messages; ``active=True`` or ``closed=True`` for one that an agent has or had."""

    class Meta:
        model = Chat
        skip_postgeneration_save = True

    class Params:
        active = factory.Trait(
            status=Status.ACTIVE,
            agent=factory.LazyAttribute(lambda o: AgentFactory(workspace=o.workspace)),
            first_assigned_at=factory.SelfAttribute("created_at"),
        )
        closed = factory.Trait(
            status=Status.CLOSED,
            agent=factory.LazyAttribute(lambda o: AgentFactory(workspace=o.workspace)),
            first_assigned_at=factory.SelfAttribute("created_at"),
            closed_at=factory.SelfAttribute("created_at"),
        )

    workspace = factory.SubFactory(WorkspaceFactory)
    visitor = factory.LazyAttribute(lambda o: VisitorFactory(workspace=o.workspace))
    ticket_no = factory.LazyAttribute(lambda o: next_ticket_no(o.workspace))
    created_at = factory.LazyFunction(timezone.now)
    updated_at = factory.SelfAttribute("created_at")
    queued_at = factory.SelfAttribute("created_at")
    last_message_at = factory.SelfAttribute("created_at")

    @factory.post_generation
    def assignment(self, create, extracted, **kwargs):
        """A chat with an agent has a row that says since when; a closed one, until when."""
        if create and self.agent_id and extracted is not False:
            Assignment.objects.create(
                workspace=self.workspace,
                chat=self,
                agent=self.agent,
                started_at=self.first_assigned_at or self.created_at,
                ended_at=self.closed_at,
            )


class AssignmentFactory(factory.django.DjangoModelFactory):
    """A finished assignment of a chat."""

    class Meta:
        model = Assignment

    chat = factory.SubFactory(ChatFactory)
    workspace = factory.SelfAttribute("chat.workspace")
    agent = factory.LazyAttribute(lambda o: AgentFactory(workspace=o.workspace))
    ended_at = factory.LazyFunction(timezone.now)


class MessageFactory(factory.django.DjangoModelFactory):
    """The chat's next entry: the visitor's text, unless ``agent=`` or ``author_kind=`` says otherwise."""

    class Meta:
        model = Message

    chat = factory.SubFactory(ChatFactory)
    workspace = factory.SelfAttribute("chat.workspace")
    kind = Kind.TEXT
    public = factory.LazyAttribute(lambda o: o.kind != Kind.NOTE)
    agent = None
    author_kind = factory.LazyAttribute(
        lambda o: AuthorKind.VISITOR if o.agent is None else AuthorKind.BOT if o.agent.is_bot else AuthorKind.AGENT
    )
    seq = factory.LazyAttribute(lambda o: o.chat.last_seq + 1)
    public_prev = factory.LazyAttribute(lambda o: public_seq_before(o.chat, o.seq))
    body = factory.Sequence(lambda n: f"Message {n}")

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        message = super()._create(model_class, *args, **kwargs)
        summarise(message.chat)
        return message


class AttachmentFactory(factory.django.DjangoModelFactory):
    """A file that an integrator keeps elsewhere."""

    class Meta:
        model = Attachment

    chat = factory.SubFactory(ChatFactory)
    workspace = factory.SelfAttribute("chat.workspace")
    external_url = factory.Sequence(lambda n: f"https://files.example.com/{n}.png")
    name = "photo.png"
    content_type = "image/png"
    size = 2048


class TagFactory(factory.django.DjangoModelFactory):
    """A label."""

    class Meta:
        model = Tag

    workspace = factory.SubFactory(WorkspaceFactory)
    name = factory.Sequence(lambda n: f"tag {n}")


class ChatTagFactory(factory.django.DjangoModelFactory):
    """A label on a chat of the same workspace."""

    class Meta:
        model = ChatTag

    chat = factory.SubFactory(ChatFactory)
    tag = factory.LazyAttribute(lambda o: TagFactory(workspace=o.chat.workspace))


class ExportFactory(factory.django.DjangoModelFactory):
    """A finished export of the workspace's first supervisor, or else its first owner, with a file."""

    class Meta:
        model = Export

    workspace = factory.SubFactory(WorkspaceFactory)
    agent = factory.LazyAttribute(
        lambda o: (
            o.workspace.agents.filter(role__in=[Role.SUPERVISOR, Role.OWNER]).order_by("-role", "id").first()
            or AgentFactory(workspace=o.workspace, role=Role.SUPERVISOR)
        )
    )
    kind = "csv"
    language = "en"
    state = State.DONE
    file = factory.LazyAttribute(lambda o: default_storage.save(f"{FOLDER}/made.csv", ContentFile(b"Ticket\r\n1\r\n")))
    size = 11
    finished_at = factory.LazyFunction(timezone.now)
    expires_at = factory.LazyFunction(lambda: timezone.now() + KEPT)


class SubscriptionFactory(factory.django.DjangoModelFactory):
    """A webhook that wants every event of a chat's life."""

    class Meta:
        model = Subscription

    workspace = factory.SubFactory(WorkspaceFactory)
    url = factory.Sequence(lambda n: f"https://hooks.example.com/{n}")
    events = factory.LazyFunction(lambda: [names.CHAT_CREATED, names.MESSAGE_SENT, names.CHAT_CLOSED])


class DeliveryFactory(factory.django.DjangoModelFactory):
    """An event that is owed."""

    class Meta:
        model = Delivery

    subscription = factory.SubFactory(SubscriptionFactory)
    workspace = factory.SelfAttribute("subscription.workspace")
    event = names.CHAT_CREATED
    payload = factory.LazyFunction(lambda: {"type": names.CHAT_CREATED, "data": {}})


class AttemptFactory(factory.django.DjangoModelFactory):
    """A try that was answered."""

    class Meta:
        model = Attempt

    delivery = factory.SubFactory(DeliveryFactory)
    status = 200
    milliseconds = 42
