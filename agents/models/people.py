"""Users log in; agents are their seats in a workspace. A bot is an agent without a user."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.contrib.auth.base_user import BaseUserManager
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ..ids import new_uid
from .workspace import Department, Workspace


class UserManager(BaseUserManager["User"]):
    """Creates users by e-mail address."""

    def create_user(self, email: str, password: str | None = None, **fields) -> User:
        """Create a user; the e-mail address is stored in lower case. No password means that none works."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields) -> User:
        """Create an operator of the whole installation."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        """Return the user with this address, in any case. Raises User.DoesNotExist."""
        return self.get(email=(username or "").lower())


class User(AbstractUser):
    """A person who can log in, by e-mail address."""

    username = None  # type: ignore[assignment]  # Django's documented way to drop the column
    email = models.EmailField(_("email address"), unique=True)
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES, blank=True)

    # Counted up to end every session of this user at once; part of the session's hash.
    session_epoch = models.PositiveIntegerField(default=0, editable=False)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[UserManager] = UserManager()  # type: ignore[assignment]  # by address, not by name

    def __str__(self) -> str:
        return self.email

    def _get_session_auth_hash(self, secret=None):
        """Django's hash of the password, and the epoch: a session of an older one is over."""
        password = super()._get_session_auth_hash(secret=secret)  # type: ignore[misc]  # not in the stubs
        return f"{password}.{self.session_epoch}"


class Role(models.TextChoices):
    """What an agent may do, most powerful first."""

    OWNER = "owner", _("Owner")
    ADMIN = "admin", _("Admin")
    SUPERVISOR = "supervisor", _("Supervisor")
    OPERATOR = "operator", _("Operator")


class Presence(models.TextChoices):
    """What an agent says of themselves; without a lease they are offline whatever they said."""

    AVAILABLE = "available", _("Available")
    BUSY = "busy", _("Busy")
    AWAY = "away", _("Away")
    OFFLINE = "offline", _("Offline")


def _says(status: str, now: datetime) -> Q:
    """Match agents whose word this is now: a status with an end gives way to the one before it."""
    over = Q(status_until__isnull=False, status_until__lte=now)
    return (~over & Q(status=status)) | (over & Q(status_before=status))


class AgentQuerySet(models.QuerySet["Agent"]):
    """Agents, with the question that everything asks of them: are they there?"""

    def active(self) -> AgentQuerySet:
        """Those who still belong to the team."""
        return self.filter(is_active=True)

    def humans(self) -> AgentQuerySet:
        """Those who are people."""
        return self.filter(is_bot=False)

    def leased(self, now: datetime | None = None) -> AgentQuerySet:
        """Those whose presence lease still runs."""
        return self.active().filter(lease_until__gt=now or timezone.now())

    def reachable(self, now: datetime | None = None) -> AgentQuerySet:
        """Those who are there and have not said that they are offline."""
        return self.leased(now).on_duty(now)

    def on_duty(self, now: datetime | None = None) -> AgentQuerySet:
        """Those who have not said that they are offline: an open inbox renews the lease of no others."""
        return self.exclude(_says(Presence.OFFLINE, now or timezone.now()))

    def available(self, now: datetime | None = None) -> AgentQuerySet:
        """Those who can be given a new chat, capacity apart."""
        now = now or timezone.now()
        return self.leased(now).filter(_says(Presence.AVAILABLE, now))


class Agent(models.Model):
    """A member of the team in one workspace."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="agents")
    uid = models.UUIDField(default=new_uid, unique=True, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="agents", null=True, blank=True)
    is_bot = models.BooleanField(_("is a bot"), default=False, editable=False)
    is_active = models.BooleanField(_("active"), default=True, help_text=_("Unset instead of deleting."))
    name = models.CharField(pgettext_lazy("of a person", "name"), max_length=120)
    role = models.CharField(_("role"), max_length=12, choices=Role.choices, default=Role.OPERATOR)
    departments = models.ManyToManyField(Department, through="Membership", related_name="agents", blank=True)
    skills = models.JSONField(_("skills"), default=list, blank=True)
    max_chats = models.PositiveSmallIntegerField(_("most chats at once"), default=5)

    status = models.CharField(_("status"), max_length=10, choices=Presence.choices, default=Presence.AVAILABLE)
    status_message = models.CharField(_("status message"), max_length=200, blank=True)
    # A status with an end: from then on the one before it holds again. Both are set or neither is.
    status_until = models.DateTimeField(_("status until"), null=True, blank=True, editable=False)
    status_before = models.CharField(max_length=10, choices=Presence.choices, blank=True, editable=False)
    # The lease: who holds none is offline. Renewed by an open inbox socket or a request of an API.
    lease_until = models.DateTimeField(null=True, blank=True, editable=False)
    last_active_at = models.DateTimeField(null=True, blank=True, editable=False)
    # The longest idle among equals gets the next chat.
    last_assigned_at = models.DateTimeField(null=True, blank=True, editable=False)
    # The digest of the picture, part of its address; empty without one.
    picture = models.CharField(max_length=32, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = AgentQuerySet.as_manager()

    class Meta:
        verbose_name = _("agent")
        verbose_name_plural = _("agents")
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "user"], name="agent_one_seat_per_user"),
            models.CheckConstraint(
                condition=Q(is_bot=True, user__isnull=True) | Q(is_bot=False, user__isnull=False),
                name="agent_is_person_or_bot",
            ),
            models.CheckConstraint(
                condition=Q(status_until__isnull=True, status_before="")
                | (Q(status_until__isnull=False) & ~Q(status_before="")),
                name="agent_status_until_has_before",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def presence(self, now: datetime | None = None) -> str:
        """Return the status that holds now: offline without a running lease."""
        if not self.is_active or self.lease_until is None or self.lease_until <= (now or timezone.now()):
            return Presence.OFFLINE.value
        return self.said(now)

    def said(self, now: datetime | None = None) -> str:
        """Return the agent's own word that holds now, lease or not."""
        if self.status_until is not None and self.status_until <= (now or timezone.now()):
            return str(self.status_before)
        return str(self.status)

    def said_message(self, now: datetime | None = None) -> str:
        """Return the message beside the word that holds now; the message of a dated status ends with it."""
        over = self.status_until is not None and self.status_until <= (now or timezone.now())
        return "" if over else self.status_message

    @property
    def supervises(self) -> bool:
        """Whether this agent sees every chat of the workspace."""
        return self.role in (Role.OWNER, Role.ADMIN, Role.SUPERVISOR)

    @property
    def administers(self) -> bool:
        """Whether this agent may change widgets, keys and the team."""
        return self.role in (Role.OWNER, Role.ADMIN)


class AgentPicture(models.Model):
    """The bytes of an agent's picture, a small JPEG. In the database, so that it is there in every run mode."""

    agent = models.OneToOneField(Agent, models.CASCADE, primary_key=True, related_name="picture_bytes")
    content = models.BinaryField()

    class Meta:
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")

    def __str__(self) -> str:
        return str(self.agent)


class Membership(models.Model):
    """An agent's place in a department of the same workspace."""

    agent = models.ForeignKey(Agent, models.CASCADE, related_name="memberships")
    department = models.ForeignKey(Department, models.CASCADE, related_name="memberships")

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [models.UniqueConstraint(fields=["agent", "department"], name="membership_unique")]

    def __str__(self) -> str:
        return f"{self.agent} / {self.department}"

    def clean(self) -> None:
        """Refuse a department of another workspace."""
        if self.agent_id and self.department_id and self.agent.workspace_id != self.department.workspace_id:
            raise ValidationError(_("The department belongs to another workspace."))
