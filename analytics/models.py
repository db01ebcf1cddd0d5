"""The tables of analytics: what changed, each hour's share, and the rollups that every figure is read from."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from agents.models import Agent, Workspace
from chat.models import Chat

NO_UID = uuid.UUID(int=0)


class ChangedHour(models.Model):
    """An hour (UTC) whose chats must be counted again.

    Rows are only ever added, also for an hour that has one, and whoever counts deletes exactly those that it saw
    before it looked at the chats: so no change that commits meanwhile is forgotten. No foreign key: a row may outlive
    its workspace by a minute.
    """

    workspace_id = models.BigIntegerField()
    hour = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["workspace_id", "hour"], name="analytics_changed")]

    def __str__(self) -> str:
        return f"{self.workspace_id}: {self.hour}"


class Ledger(models.Model):
    """What is known of a workspace's rollups; whoever counts holds this row, so one does at a time."""

    workspace = models.OneToOneField(Workspace, models.CASCADE, primary_key=True, related_name="+")
    # The zone by whose days the rollups are cut. Another one in the workspace means: cut them anew.
    zone = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.workspace_id}: {self.zone}"


class ChatHour(models.Model):
    """The chats that began in one hour (UTC), counted by everything that they are read by.

    ``entries`` is JSON: ``{key: {counter: n}}``, keys as of ``analytics.keys``, with the quarter of the hour, because
    days in Kathmandu begin at 18:15 UTC. It does not depend on the workspace's zone.
    """

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    hour = models.DateTimeField()
    entries = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "hour"], name="analytics_hour_unique")]

    def __str__(self) -> str:
        return f"{self.workspace_id}: {self.hour}"


class KeptTimeline(models.Model):
    """What a long timeline came to, up to one entry (``analytics.timelines``): it is not read from its beginning again.

    A row may be deleted at any time; the next count makes it anew. The database does not hold it to its chat: one
    that is erased while it is being counted would make the whole count fail.
    """

    chat = models.OneToOneField(Chat, models.CASCADE, primary_key=True, db_constraint=False, related_name="+")
    upto = models.PositiveIntegerField()
    text = models.TextField()

    def __str__(self) -> str:
        return f"{self.chat_id}: {self.upto}"


class Grain(models.TextChoices):
    """What a row sums up: one day of the workspace's zone, or one month."""

    DAY = "d", _("Day")
    MONTH = "m", _("Month")


class Rollup(models.Model):
    """One day or month of one group of chats: what every overview, table and chart adds up.

    ``group`` says by which dimensions (``analytics.keys.GROUPS``); the columns of the others stay empty. Within a
    group, 0, "" and the zero uuid mean "none": the chats without a department, say.
    """

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    grain = models.CharField(max_length=1, choices=Grain.choices)
    group = models.CharField(max_length=6, blank=True)
    start = models.DateField()
    department_id = models.BigIntegerField(default=0)
    channel = models.CharField(max_length=12, blank=True)
    widget_uid = models.UUIDField(default=NO_UID)
    agent_id = models.BigIntegerField(default=0)
    tag_id = models.BigIntegerField(default=0)
    trigger_uid = models.UUIDField(default=NO_UID)

    # The counters of analytics.definitions.COUNTERS. Durations in milliseconds.
    total = models.BigIntegerField(default=0)
    completed = models.BigIntegerField(default=0)
    abandoned = models.BigIntegerField(default=0)
    first_contact = models.BigIntegerField(default=0)
    wait_count = models.BigIntegerField(default=0)
    wait_ms = models.BigIntegerField(default=0)
    response_count = models.BigIntegerField(default=0)
    response_ms = models.BigIntegerField(default=0)
    resolution_ms = models.BigIntegerField(default=0)
    first_count = models.BigIntegerField(default=0)
    first_ms = models.BigIntegerField(default=0)
    unanswered = models.BigIntegerField(default=0)
    rating_1 = models.BigIntegerField(default=0)
    rating_2 = models.BigIntegerField(default=0)
    rating_3 = models.BigIntegerField(default=0)
    rating_4 = models.BigIntegerField(default=0)
    rating_5 = models.BigIntegerField(default=0)
    commented = models.BigIntegerField(default=0)
    bot = models.BigIntegerField(default=0)
    contained = models.BigIntegerField(default=0)
    handed_over = models.BigIntegerField(default=0)
    # JSON, the counters that are read together only: buckets of durations, hours of the week.
    detail = models.TextField(default="{}")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "workspace",
                    "grain",
                    "group",
                    "start",
                    "agent_id",
                    "department_id",
                    "channel",
                    "widget_uid",
                    "tag_id",
                    "trigger_uid",
                ],
                name="analytics_rollup_unique",
            )
        ]

    def __str__(self) -> str:
        return f"{self.workspace_id}: {self.start} {self.group}"


class WidgetEvent(models.TextChoices):
    """What happens in a widget. Of chats, the pages alone are written down: how many there were is in the rollups."""

    VIEW = "view", _("Page view")
    OPEN = "open", _("Window opened")
    CHAT = "chat", _("Chat started")
    TRIGGER_SHOWN = "trigger_shown", _("Proactive message shown")
    TRIGGER_ANSWERED = "trigger_answered", _("Proactive message answered")


class WidgetHour(models.Model):
    """How often something happened in a widget in one hour. Nobody's data: a count."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    widget_uid = models.UUIDField()
    # The beginning of an hour of the workspace's zone.
    at = models.DateTimeField()
    event = models.CharField(max_length=16, choices=WidgetEvent.choices)
    trigger_uid = models.UUIDField(default=NO_UID)
    count = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "widget_uid", "at", "event", "trigger_uid"], name="analytics_widget_hour_unique"
            )
        ]

    def __str__(self) -> str:
        return f"{self.widget_uid}: {self.at} {self.event}"


class WidgetPage(models.Model):
    """How often something happened on one page of a site in one day of the workspace's zone."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    widget_uid = models.UUIDField()
    day = models.DateField()
    # A path without query; "" is every page beyond the most that are told apart in a day.
    page = models.CharField(max_length=200, blank=True)
    event = models.CharField(max_length=16, choices=WidgetEvent.choices)
    count = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "widget_uid", "day", "page", "event"], name="analytics_widget_page_unique"
            )
        ]

    def __str__(self) -> str:
        return f"{self.widget_uid}: {self.day} {self.page}"


class WeeklyMail(models.Model):
    """The summary of one week to one person: one row, so one mail, however many beats and workers there are.

    Whoever sends takes the row for some minutes (``claimed_until``); who dies meanwhile leaves it to the next.
    """

    agent = models.ForeignKey(Agent, models.CASCADE, related_name="+")
    # The Monday with which the week begins.
    week = models.DateField()
    claimed_until = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agent", "week"], name="analytics_weekly_mail_unique")]

    def __str__(self) -> str:
        return f"{self.agent_id}: {self.week}"


class NoWeeklyMail(models.Model):
    """Somebody who does not want the weekly summary."""

    agent = models.OneToOneField(Agent, models.CASCADE, primary_key=True, related_name="+")
    since = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return str(self.agent_id)
