"""Stopping the weekly summary: by the signed link in each mail, without signing in, or in the reports."""

from __future__ import annotations

import uuid

from django.core.signing import BadSignature, Signer
from django.urls import reverse

from agents.models import Agent

from ..models import NoWeeklyMail

_SIGNER = Signer(salt="analytics.weekly")


def stop_url(agent: Agent) -> str:
    """Return the path that stops this person's mails: signed, for nothing else, and without an end."""
    return reverse("analytics:weekly-stop", args=[_SIGNER.sign(agent.uid.hex)])


def agent_of(token: str) -> Agent | None:
    """Return whose mails a token stops; None for one that is not ours, or of somebody who is gone."""
    try:
        uid = uuid.UUID(_SIGNER.unsign(token))
    except (BadSignature, ValueError):
        return None
    return Agent.objects.select_related("user", "workspace").filter(uid=uid, is_bot=False).first()


def stop(agent: Agent) -> None:
    """Send this person no more summaries."""
    NoWeeklyMail.objects.get_or_create(agent=agent)


def start(agent: Agent) -> None:
    """Send this person summaries again."""
    NoWeeklyMail.objects.filter(agent=agent).delete()


def stopped(agent: Agent) -> bool:
    """Whether this person does not want them."""
    return NoWeeklyMail.objects.filter(agent=agent).exists()
