"""What a new tenant needs to begin: a workspace, its default widget and a key of each kind; and bots.

The operators' commands, the demo and whatever registers partners all set up through here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_slug
from django.db import transaction
from django.utils.translation import gettext as _

from agents.errors import Invalid, Taken
from agents.models import Agent, Department, Workspace
from agents.services import audit, team, workspaces
from integrations.bots import services as bots
from integrations.bots.models import Bot
from integrations.keys.models import SecretKey
from widget.models import PublishableKey, Widget, valid_domains


@dataclass(frozen=True)
class Tenant:
    """A workspace that is ready for use. The keys can never be read again."""

    workspace: Workspace
    departments: Sequence[Department]
    widget: Widget
    secret_key: str
    publishable_key: str
    identity_secret: str


@transaction.atomic
def create_tenant(
    name: str,
    *,
    domains: Iterable[str] = (),
    departments: Iterable[str] = (),
    language: str = "en",
    timezone: str = "UTC",
) -> Tenant:
    """Create a workspace with departments, a default widget for these domains, a secret and a publishable key.

    Raises agents.errors.Invalid or Taken, and then nothing was created.
    """
    new = workspaces.create_workspace(name, departments=departments, language=language, timezone=timezone)
    widget = Widget.objects.create(
        workspace=new.workspace, name=new.workspace.name, is_default=True, domains=checked_domains(domains)
    )
    secret_key = SecretKey.issue(workspace=new.workspace, name=_("First key"))[1]
    publishable_key = PublishableKey.issue(workspace=new.workspace, name=_("Website"))[1]
    return Tenant(new.workspace, new.departments, widget, secret_key, publishable_key, new.identity_secret)


def checked_domains(domains: Iterable[str]) -> list[str]:
    """Return the host names in lower case, each once. Raises Invalid for anything that is not one."""
    cleaned = list(dict.fromkeys(domain.strip().lower() for domain in domains))
    for domain in cleaned:
        try:
            valid_domains([domain])
        except ValidationError as error:
            raise Invalid(f"{domain}: {error.messages[0]}", "domains") from error
    return cleaned


@transaction.atomic
def create_bot(
    workspace: Workspace,
    name: str,
    *,
    transport: str = Bot.Transport.BROKER,
    url: str = "",
    departments: Iterable[Department] = (),
) -> Bot:
    """Create a bot and the agent that it is. Raises Invalid, or Taken: the name is part of a topic that all share."""
    _check_bot(name, transport, url)
    agent = Agent.objects.create(workspace=workspace, is_bot=True, name=name, max_chats=1000)
    team.set_departments(agent, departments)
    bot = Bot.objects.create(workspace=workspace, agent=agent, name=name, transport=transport, url=url)
    bots.line_of(bot)
    audit.note(workspace, audit.BOT_CREATED, bot.name)
    return bot


def _check_bot(name: str, transport: str, url: str) -> None:
    try:
        validate_slug(name)
        if url:
            URLValidator(schemes=["http", "https"])(url)
    except ValidationError as error:
        raise Invalid(error.messages[0], "url" if url else "name") from error
    if len(name) > 100:
        raise Invalid(_("A bot's name has at most 100 characters."), "name")
    if transport not in Bot.Transport.values:
        raise Invalid(_("Choose one of: %(names)s.") % {"names": ", ".join(Bot.Transport.values)}, "transport")
    if transport == Bot.Transport.HTTP and not url:
        raise Invalid(_("A bot over HTTP needs an address."), "url")
    if Bot.objects.filter(name=name).exists():
        raise Taken(_("There is already a bot %(name)s.") % {"name": name}, "name")
