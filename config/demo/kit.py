"""What the demo team has set up beside its chats: saved answers, a proactive message, a command, and an assistant.

The assistant is there to be looked at: it is off, and its provider is nobody. Its page in Django admin says how to
switch it on.
"""

from __future__ import annotations

import json
from datetime import datetime
from random import Random
from typing import Any

from django.conf import settings

from agents.models import Agent, Workspace
from chat.models import Command
from chat.services import answers
from integrations.lookups.answers import lines
from integrations.replies import services as replies
from integrations.replies.models import Assistant
from widget.models import Trigger, Widget

from . import people
from .steps import ORDER


def save_answers(agent: Agent) -> None:
    """Write down what the team says often. ``agent`` supervises."""
    for shortcut, title, text in people.ANSWERS:
        answers.keep(agent, title=title, shortcut=shortcut, text=text)


def make_trigger(workspace: Workspace, widget: Widget, uid: Any, born: datetime) -> Trigger:
    """Return the message that the shop shows by itself to whoever looks around for a while."""
    text = people.PROMPT
    trigger = Trigger(
        workspace=workspace,
        uid=uid,
        name=people.PROMPT_NAME,
        condition=Trigger.Condition.TIME_ON_PAGE,
        delay_seconds=45,
        message=text["vi"],
        messages={"en": text["en"], "uz": text["uz"]},
        repeat=Trigger.Repeat.SESSION,
        widget=widget,
    )
    trigger.full_clean()
    trigger.save()
    Trigger.objects.filter(pk=trigger.pk).update(created_at=born, updated_at=born)
    return trigger


def make_command(workspace: Workspace, orders_url: str) -> Command:
    """Return the command that knows orders. It looks them up at the demo shop where private addresses are allowed."""
    command = Command(workspace=workspace, name=ORDER, title=people.ORDER_TITLE, shown=list(people.ORDER_SHOWN))
    if settings.ALLOW_PRIVATE_WEBHOOKS:
        command.url = f"{orders_url}{{value}}"
    command.full_clean()
    command.save()
    return command


def order(number: str) -> dict[str, Any] | None:
    """Return what the demo shop knows of an order, the same each time; None for what is no number of an order."""
    if not (number.startswith("HS") and number[2:].isascii() and number[2:].isdigit() and len(number) == 7):
        return None
    dice = Random(number)
    return {
        "status": dice.choice(people.ORDER_STATES),
        "carrier": dice.choice(people.CARRIERS),
        "total": dice.choice(people.PRICES),
        "paid": dice.random() < 0.7,
    }


def answer_of(number: str) -> list[list[Any]]:
    """Return the lines of the card of an order, as a lookup at the demo shop fills it."""
    return lines(json.dumps(order(number)).encode(), list(people.ORDER_SHOWN))


def make_assistant(workspace: Workspace) -> Assistant:
    """Return an assistant that is off."""
    return replies.keep(
        Assistant(
            workspace=workspace,
            name=people.ASSISTANT_NAME,
            base_url="https://provider.example/v1",
            model="model-name",
            instructions=people.ASSISTANT_TONE,
        )
    )
