"""What happened, in words, for those on the contract's side: the ``content`` of a ``system`` message."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

Payload = dict[str, Any]


def event_sentence(payload: Payload, *, for_team: bool) -> str:
    """Return the sentence for an event's payload in the active language; reasons are for the team alone."""
    sentence = _sentence(payload)
    reason = payload.get("reason") if for_team else ""
    return f"{sentence}: {reason}" if reason else sentence


def _sentence(payload: Payload) -> str:
    name = str(payload.get("event", ""))
    agent = _name(payload.get("agent")) or _name(payload.get("to_agent"))
    if name == "assigned":
        return _("%(agent)s joined the chat") % {"agent": agent}
    if name == "transferred":
        target = agent or _name(payload.get("to_department")) or _("the queue")
        return _("The chat was transferred to %(target)s") % {"target": target}
    if name == "rated":
        rating = int(payload.get("rating") or 0)
        return ngettext("Rated %(n)d star", "Rated %(n)d stars", rating) % {"n": rating}
    if name in ("tagged", "untagged"):
        words = _("Tagged “%(tag)s”") if name == "tagged" else _("Removed the tag “%(tag)s”")
        return words % {"tag": payload.get("tag", "")}
    plain = {
        "queued": _("The chat went back to the queue"),
        "closed": _("The chat has ended"),
        "reopened": _("The chat was reopened"),
        "priority": _("The priority was changed"),
    }
    return plain.get(name, name)


def _name(person: Payload | None) -> str:
    return str((person or {}).get("name") or "")
