"""What happened, in words: the sentence of each event of the timeline, in the active language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ..models import Priority

Payload = dict[str, Any]
# Reasons that Parley gives itself: the sentence says it already.
_OWN_REASONS = frozenset(
    {"routing", "reply", "reopened", "agent_gone", "greeting", "bot_deadline", "bot_off", "bot_budget"}
    | {"reply_asked", "reply_unsure", "reply_budget", "reply_failed"}
)


def event_sentence(payload: Payload) -> str:
    """Return the sentence for an event's payload; an unknown event is named as it is."""
    name = str(payload.get("event", ""))
    write = _SENTENCES.get(name)
    return _with_reason(write(payload), payload) if write else name


def who(person: Payload | None) -> str:
    """Name whoever acted: an agent by name, the others by their part."""
    if not person:
        return "Parley"
    parts = {"visitor": _("The visitor"), "workspace": _("An integration"), "system": "Parley"}
    return person.get("name") or parts.get(person.get("kind", ""), "Parley")


def _with_reason(sentence: str, payload: Payload) -> str:
    reason = payload.get("reason") or ""
    if reason in _OWN_REASONS:
        return sentence
    return _("%(sentence)s: %(reason)s") % {"sentence": sentence, "reason": reason} if reason else sentence


def _assigned(payload: Payload) -> str:
    agent, by = payload.get("agent") or {}, payload.get("by") or {}
    if by.get("uid") and by.get("uid") == agent.get("uid"):
        return _("%(agent)s took the chat") % {"agent": who(agent)}
    if by.get("name"):
        return _("%(by)s assigned the chat to %(agent)s") % {"by": who(by), "agent": who(agent)}
    return _("The chat was given to %(agent)s") % {"agent": who(agent)}


def _transferred(payload: Payload) -> str:
    bot = {"bot": who(payload.get("from"))}
    match payload.get("reason"):
        case "bot_deadline":
            return _("%(bot)s did not answer in time, the chat went to the queue") % bot
        case "bot_off":
            return _("%(bot)s was switched off, the chat went to the queue") % bot
        case "bot_budget":
            return _("%(bot)s said too much without an answer, the chat went to the queue") % bot
        case "reply_asked":
            return _("%(bot)s handed over: the visitor wants a person") % bot
        case "reply_unsure":
            return _("%(bot)s handed over: it was not sure of an answer") % bot
        case "reply_budget":
            return _("%(bot)s handed over: it has answered as often as it may") % bot
        case "reply_failed":
            return _("%(bot)s handed over: its provider failed") % bot
    target = payload.get("to_agent") or payload.get("to_department") or {}
    names = {"by": who(payload.get("by") or payload.get("from")), "target": target.get("name") or _("the queue")}
    return _("%(by)s transferred the chat to %(target)s") % names


def _queued(payload: Payload) -> str:
    if payload.get("reason") == "agent_gone":
        return _("Back to the queue: the agent was away too long")
    return _("The chat went to the queue")


def _closed(payload: Payload) -> str:
    return _("%(by)s closed the chat") % {"by": who(payload.get("by"))}


def _reopened(payload: Payload) -> str:
    return _("%(by)s reopened the chat") % {"by": who(payload.get("by"))}


def _rated(payload: Payload) -> str:
    rating = int(payload.get("rating") or 0)
    sentence = ngettext("The visitor gave %(n)d star", "The visitor gave %(n)d stars", rating) % {"n": rating}
    comment = payload.get("comment") or ""
    return f"{sentence}: “{comment}”" if comment else sentence


def _tagged(payload: Payload) -> str:
    return _("%(by)s tagged the chat “%(tag)s”") % {"by": who(payload.get("by")), "tag": payload.get("tag", "")}


def _untagged(payload: Payload) -> str:
    return _("%(by)s removed the tag “%(tag)s”") % {"by": who(payload.get("by")), "tag": payload.get("tag", "")}


def _priority(payload: Payload) -> str:
    return _("Priority changed to %(priority)s") % {"priority": _priority_label(payload.get("to"))}


def _priority_label(value: Any) -> str:
    """The label of a priority given as a number or as a word."""
    for priority in Priority:
        if value in (priority.value, priority.name.lower()):
            return str(priority.label)
    return str(value)


_SENTENCES: dict[str, Callable[[Payload], str]] = {
    "assigned": _assigned,
    "transferred": _transferred,
    "queued": _queued,
    "closed": _closed,
    "reopened": _reopened,
    "rated": _rated,
    "tagged": _tagged,
    "untagged": _untagged,
    "priority": _priority,
}
