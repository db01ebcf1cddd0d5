"""Writes one person's summary of one week: text and HTML, in their language, with the figures of the reports."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlsplit

import css_inline
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from agents.models import Agent

from .. import queries
from ..dashboards import words
from ..dashboards.asking import Asked
from ..dashboards.figures import cards
from ..dashboards.shapes import Card
from ..queries import EVERYTHING, Figures, Span
from .stopping import stop_url

FIGURES = ("total", "completed", "abandoned", "first_response", "resolution", "satisfaction", "first_contact")
PEOPLE = 5
_INLINER = css_inline.CSSInliner(load_remote_stylesheets=False)


@dataclass(frozen=True)
class Person:
    """A line of the team: who, how many chats they completed, how they were rated."""

    name: str
    completed: str
    satisfaction: str


def compose(agent: Agent, week: date) -> EmailMultiAlternatives | None:
    """Return the mail about the week that began on this Monday; None when nothing happened in it, nor before."""
    asked = asked_of(agent, week)
    found = queries.compare(asked.span, EVERYTHING)
    if not found.now.total and not found.before.total:
        return None
    assert agent.user is not None
    with translation.override(agent.user.language or agent.workspace.language), timezone.override(agent.workspace.zone):
        context = _context(agent, asked, cards(asked, FIGURES, found))
        mail = EmailMultiAlternatives(
            subject=_one_line(
                _("{workspace}: the week of {days}").format(workspace=agent.workspace.name, days=asked.days)
            ),
            body=render_to_string("analytics/weekly.txt", context),
            to=[agent.user.email],
            headers=_headers(agent, week),
        )
        mail.attach_alternative(_INLINER.inline(render_to_string("analytics/weekly.html", context)), "text/html")
    return mail


def asked_of(agent: Agent, week: date) -> Asked:
    """Return what the mail is about, as the reports' addresses say it."""
    return Asked(agent, Span(agent.workspace, week, week + timedelta(days=6)), EVERYTHING, "custom", {}, {})


def _context(agent: Agent, asked: Asked, figures: list[Card]) -> dict[str, Any]:
    return {
        "agent": agent,
        "workspace": agent.workspace,
        "asked": asked,
        "cards": figures,
        "people": _people(asked),
        "report_url": settings.PUBLIC_URL + asked.link(reverse("analytics:overview")),
        "stop_url": settings.PUBLIC_URL + stop_url(agent),
        "language": translation.get_language(),
    }


def _people(asked: Asked) -> list[Person]:
    """Return those who completed most."""
    found = [(who.name, figures) for who, figures in queries.by_agent(asked.span, asked.where) if figures.completed]
    found.sort(key=lambda each: (-each[1].completed, each[0]))
    return [_person(name, figures) for name, figures in found[:PEOPLE]]


def _person(name: str, figures: Figures) -> Person:
    rated = words.shown(figures.satisfaction.mean, "stars")
    return Person(name, words.number(figures.completed), rated)


def _headers(agent: Agent, week: date) -> dict[str, str]:
    """Return what lets mail programs stop it with one press (RFC 8058), and tell a second copy as such."""
    host = urlsplit(settings.PUBLIC_URL).hostname
    return {
        "List-Unsubscribe": f"<{settings.PUBLIC_URL}{stop_url(agent)}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Auto-Submitted": "auto-generated",
        "Message-ID": f"<weekly-{week:%Y%m%d}-{agent.uid.hex}@{host}>",
    }


def _one_line(text: str) -> str:
    """Return text that is fit for a header, whatever the workspace is called."""
    return " ".join(text.split())
