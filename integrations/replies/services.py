"""The verbs of assistants: keeping one, trying it, watching over its chats and its provider."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from agents.models import Agent
from agents.services import audit

from ..bots import services as bots
from .models import Assistant, Outcome, Reason

if TYPE_CHECKING:
    from .turns import Verdict

# A provider that failed so often in a row is left alone for a minute, then for twice as long, up to a quarter hour.
QUIET_AFTER = 3
_FIRST_QUIET, _LONGEST_QUIET = 60, 900
# The processes that answer may all be gone: then their chats go to people this much after the deadline.
_GRACE_SECONDS = 3


# What the audit log tells of; ``secret`` by its name alone.
_SETTINGS = (
    "name", "mode", "base_url", "model", "secret", "instructions", "handover_words", "least_confidence",
    "deadline_seconds", "turns_per_chat", "tokens_per_day",
)  # fmt: skip


@transaction.atomic
def keep(assistant: Assistant, also: Iterable[str] = ()) -> Assistant:
    """Save an assistant, new or changed, and the bot that it is: a member while it answers, else none.

    ``also``: what else of it is being changed (its widgets or departments), for the audit log.
    """
    before = Assistant.objects.filter(pk=assistant.pk).first() if assistant.pk else None
    if assistant.agent_id is None:
        assistant.agent = Agent.objects.create(
            workspace=assistant.workspace, is_bot=True, name=assistant.name, max_chats=1000
        )
    agent = assistant.agent
    agent.name, agent.is_active = assistant.name, assistant.answers
    agent.save(update_fields=["name", "is_active"])
    # Whoever changed it wants it to be tried anew.
    assistant.failures, assistant.quiet_until = 0, None
    assistant.save()
    _note(assistant, before, also)
    return assistant


def _note(assistant: Assistant, before: Assistant | None, also: Iterable[str]) -> None:
    """Tell the audit log what became of it: which settings, never their values."""
    workspace, name = assistant.workspace_id, assistant.name
    if before is None:
        audit.note(workspace, audit.ASSISTANT_CREATED, name)
    changed = [field for field in _SETTINGS if before and getattr(before, field) != getattr(assistant, field)]
    if before and (named := [*changed, *also]):
        audit.note(workspace, audit.ASSISTANT_CHANGED, f"{name}: {', '.join(named)}")
    if assistant.enabled != (before is not None and before.enabled):
        audit.note(workspace, audit.ASSISTANT_ON if assistant.enabled else audit.ASSISTANT_OFF, name)


def watch(now: datetime | None = None) -> int:
    """Give to the queue the chats of assistants that are far too late, or switched off. Returns how many."""
    found = Assistant.objects.select_related("agent")
    return bots.watch_over(found, now or timezone.now(), grace=_GRACE_SECONDS, greets=False)


def note_provider(assistant: Assistant, verdict: Verdict) -> None:
    """Count the failures in a row of an assistant's provider."""
    if not verdict.asked:
        return
    row = Assistant.objects.filter(pk=assistant.pk)
    if verdict.outcome != Outcome.FAILED or verdict.reason not in (Reason.FAILED, Reason.DEADLINE):
        row.filter(failures__gt=0).update(failures=0, quiet_until=None)
        return
    failures = (row.values_list("failures", flat=True).first() or 0) + 1
    quiet = None
    if failures >= QUIET_AFTER:
        seconds = min(_FIRST_QUIET * 2 ** min(failures - QUIET_AFTER, 10), _LONGEST_QUIET)
        quiet = timezone.now() + timedelta(seconds=seconds)
    row.update(failures=failures, quiet_until=quiet)
