"""Saved answers: kept by supervisors and above, used by everybody of the team."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from agents.models import Agent

from ..errors import Invalid, NotAllowed
from ..models import SavedAnswer
from .messages import clean

MOST_ANSWERS = 1000


def may_keep(agent: Agent) -> bool:
    """Whether this agent may write, change and delete saved answers."""
    return agent.is_active and agent.supervises and not agent.is_bot


def keep(agent: Agent, *, title: str, shortcut: str, text: str, answer: SavedAnswer | None = None) -> SavedAnswer:
    """Write a new saved answer, or change ``answer``. Raises Invalid with the field, NotAllowed."""
    _demand(agent)
    if answer is None:
        if agent.workspace.saved_answers.count() >= MOST_ANSWERS:
            raise Invalid(_("There are too many saved answers; delete one first."), field="title")
        answer = SavedAnswer(workspace=agent.workspace)
    answer.title, answer.text = title.strip(), text.replace("\r\n", "\n").strip()
    answer.shortcut = shortcut.strip().removeprefix("/").lower()
    for field in ("title", "shortcut", "text"):
        if not clean(getattr(answer, field)):
            raise Invalid(_("The text has characters that cannot be stored."), field=field)
    try:
        answer.full_clean(exclude=["words"])
    except ValidationError as error:
        field, problems = next(iter(error.message_dict.items()))
        raise Invalid(problems[0], field="shortcut" if field == "__all__" else field) from error
    answer.save()
    return answer


def delete(agent: Agent, answer: SavedAnswer) -> None:
    """Delete a saved answer. Raises NotAllowed."""
    _demand(agent)
    answer.delete()


def _demand(agent: Agent) -> None:
    if not may_keep(agent):
        raise NotAllowed
