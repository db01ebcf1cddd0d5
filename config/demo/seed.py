"""The demo workspace: a team, its visitors and a week of chats; and a second, tiny workspace beside it."""

import json
import os
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from agents.models import Agent, Department, Presence, Role, User, Workspace
from agents.services import presence, team
from agents.slugs import slugify
from chat.models import Channel, Visitor
from integrations.setting_up import Tenant, create_bot, create_tenant
from widget.models import Trigger

from ..demo_site import demo_url
from . import kit, people, storing
from .traffic import store_traffic
from .week import DAYS, Week, dice, midnight_before, uid_at

SLUG = slugify(people.COMPANY)
DOMAINS = ("localhost", "127.0.0.1", "hoasen.example", "*.hoasen.example")
# For a working day after seeding, colleagues keep the chats that they have; they take no new ones.
_AT_WORK = timedelta(hours=9)


@dataclass(frozen=True)
class Login:
    """A person of the demo who can log in."""

    email: str
    password: str
    name: str
    role: str


def path() -> Path:
    """Where the demo's keys and logins are written: read by `make run`, the demo site and browser tests."""
    return Path(settings.DATA_DIR) / "demo.json"


def seed(now: datetime | None = None) -> bool:
    """Make the demo workspaces and write ``demo.json``. Does nothing and returns False when they are there."""
    if Workspace.objects.filter(slug=SLUG).exists():
        return False
    with transaction.atomic():
        tenant, logins = _company(now or timezone.now())
        logins += _neighbours()
    _write(tenant, logins)
    return True


def _company(now: datetime) -> tuple[Tenant, list[Login]]:
    tenant = create_tenant(
        people.COMPANY, domains=DOMAINS, departments=people.DEPARTMENTS, language="vi", timezone=people.ZONE
    )
    departments = {department.slug: department for department in tenant.departments}
    for slug, department in departments.items():
        department.name = people.DEPARTMENTS[slug]
        department.save(update_fields=["name"])
    tenant.widget.header_text = people.COMPANY
    tenant.widget.save(update_fields=["header_text"])
    agents, logins = _team(tenant.workspace, departments)
    rng = Random(7)
    trigger = _kit(tenant, next(agent for agent in agents if agent.supervises), now)
    visitors = storing.store_visitors(_visitors(tenant.workspace, now, rng))
    week = Week(
        workspace=tenant.workspace,
        departments=departments,
        team=agents,
        visitors=visitors,
        now=now,
        widget_uid=tenant.widget.uid,
        bot=_bot(tenant.workspace),
        trigger=trigger,
        channels={visitor.pk: rng.choice(_CHANNELS) for visitor in visitors},
    )
    plays = storing.store_plays(tenant.workspace, week.write())
    storing.note_last_seen(visitors, plays, now)
    store_traffic(tenant.workspace, [play.chat for play in plays])
    return tenant, logins


def _kit(tenant: Tenant, keeper: Agent, now: datetime) -> Trigger:
    """Set up what the team uses, and return the trigger that some of the week's chats answer."""
    workspace = tenant.workspace
    born = midnight_before(now, workspace, DAYS + 1)
    kit.save_answers(keeper)
    kit.make_command(workspace, f"{demo_url()}orders/")
    kit.make_assistant(workspace)
    return kit.make_trigger(workspace, tenant.widget, uid_at(born, dice("trigger")), born)


def _team(workspace: Workspace, departments: dict[str, Department]) -> tuple[list[Agent], list[Login]]:
    login = _logins()
    logins = []
    for name, local, role, slugs, skills, most in people.TEAM:
        logins.append(login(f"{local}@hoasen.example", name, role))
        new = team.create_agent(
            workspace,
            logins[-1].email,
            name,
            role=role,
            departments=[departments[slug] for slug in slugs],
            skills=skills,
            max_chats=most,
        )
        if slugs:
            presence.set_status(new.agent, Presence.BUSY, lease_seconds=int(_AT_WORK.total_seconds()))
    return list(Agent.objects.filter(workspace=workspace).prefetch_related("departments").order_by("id")), logins


def _bot(workspace: Workspace) -> Agent:
    """Make the bot of the past week. It gets no new chats: nobody runs it."""
    bot = create_bot(workspace, people.BOT)
    bot.greets, bot.agent.name = False, people.BOT_NAME
    bot.save(update_fields=["greets"])
    bot.agent.save(update_fields=["name"])
    return bot.agent


def _logins() -> Callable[[str, str, str], Login]:
    """Return what makes a user who can log in. One password, new in each installation, hashed once: hashing is slow."""
    password = secrets.token_urlsafe(9)
    hashed = make_password(password)

    def login(email: str, name: str, role: str) -> Login:
        User.objects.create(email=email, password=hashed)
        return Login(email, password, name, role)

    return login


_CHANNELS = (Channel.WEBSITE,) * 8 + (Channel.FACEBOOK, Channel.ZALO)
_PLANS = ("Silver", "Gold", "Platinum")


def _visitors(workspace: Workspace, now: datetime, rng: Random) -> list[Visitor]:
    born = midnight_before(now, workspace, DAYS + 1)
    visitors: list[Visitor] = []
    for language, known in people.VISITORS.items():
        for name, email, _me in known:
            customer = bool(email) and rng.random() < 0.6
            visitors.append(
                Visitor(
                    workspace=workspace,
                    uid=uid_at(born, rng),
                    name=name,
                    email=email,
                    phone=_phone(language, rng),
                    language=language,
                    external_id=f"KH-{10200 + len(visitors) * 7}" if customer else "",
                    claimed_id="" if customer or not email else f"KH-{90000 + len(visitors)}",
                    verified=customer,
                    custom_fields={"member": rng.choice(_PLANS), "orders": rng.randint(1, 14)} if customer else {},
                    user_agent=rng.choice(people.BROWSERS),
                    created_at=born,
                    updated_at=born,
                )
            )
    return visitors


def _phone(language: str, rng: Random) -> str:
    if rng.random() < 0.5:
        return ""
    prefix = {"vi": "+84 90", "uz": "+998 90", "en": "+65 81"}[language]
    return f"{prefix}{rng.randint(0, 9)} {rng.randint(100, 999)} {rng.randint(100, 999)}"


def _neighbours() -> list[Login]:
    """Make a workspace of somebody else: it shows nothing of the first one, and the first one nothing of it."""
    tenant = create_tenant("Chorsu Books", domains=["chorsu.example"], departments=["books"], language="uz",
                           timezone="Asia/Tashkent")  # fmt: skip
    login = _logins()("malika@chorsu.example", "Malika Usmonova", Role.OWNER)
    team.create_agent(tenant.workspace, login.email, login.name, role=login.role)
    visitor = Visitor.objects.create(workspace=tenant.workspace, name="Alisher Navoiy", language="uz")
    storing.store_greeting(tenant.workspace, visitor, "Assalomu alaykum, “Oʻtkan kunlar” bormi?")
    return [login]


def _write(tenant: Tenant, logins: Sequence[Login]) -> None:
    """Write what cannot be read again, for the owner of the data folder alone."""
    content: dict[str, Any] = {
        "workspace": tenant.workspace.slug,
        "publishableKey": tenant.publishable_key,
        "secretKey": tenant.secret_key,
        "identitySecret": tenant.identity_secret,
        "logins": [vars(login) for login in logins],
    }
    descriptor = os.open(path(), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(content, file, ensure_ascii=False, indent=2)
