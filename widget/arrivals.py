"""Who arrives at the widget: a visitor whom we know, one whom the site vouches for, or somebody new."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction

from agents.models import Workspace
from chat.access import Actor
from chat.models import Visitor
from chat.services import visitors

from .identity import Identity


def arrive(
    workspace: Workspace,
    *,
    known: Visitor | None = None,
    identity: Identity | None = None,
    claimed_id: str = "",
    details: dict[str, Any] | None = None,
    trusted: bool = False,
) -> Visitor:
    """Return the visitor who arrives.

    ``known`` holds a visitor's token, ``identity`` was proved, ``claimed_id`` is only what the page says: it opens
    nothing and is shown to agents as unverified. ``details`` are name, email, phone and custom_fields; unless they
    are ``trusted`` (a server sent them), they never change what is proved. Raises Invalid.
    """
    visitor = _proved(workspace, known, identity) if identity else known or visitors.create(workspace)
    if identity is None and claimed_id:
        visitor = visitors.claim(visitor, claimed_id)
    changes = _believable(visitor, details or {}, trusted) | _vouched(identity)
    return visitors.update(visitor, Actor.system(workspace.pk), **changes) if changes else visitor


def _proved(workspace: Workspace, known: Visitor | None, identity: Identity) -> Visitor:
    """The customer whom the site names; the anonymous visitor at hand becomes them if nobody is yet."""
    if visitor := _customer(workspace, identity.external_id):
        return visitor if visitor.verified else visitors.prove(visitor, identity.external_id)
    try:
        with transaction.atomic():
            anonymous = known if known and not known.external_id else visitors.create(workspace)
            return visitors.prove(anonymous, identity.external_id)
    except IntegrityError:  # another request made them at this moment
        return Visitor.objects.get(workspace=workspace, external_id=identity.external_id)


def _customer(workspace: Workspace, external_id: str) -> Visitor | None:
    return Visitor.objects.filter(workspace=workspace, external_id=external_id).first()


def _vouched(identity: Identity | None) -> dict[str, Any]:
    named = {"email": identity.email, "name": identity.name} if identity else {}
    return {name: value for name, value in named.items() if value}


def _believable(visitor: Visitor, details: dict[str, Any], trusted: bool) -> dict[str, Any]:
    """What may change: for a proved customer, a page may fill in what is missing, but never their e-mail address."""
    changes = {name: value for name, value in details.items() if value}
    if visitor.verified and not trusted:
        missing = {name for name in ("name", "phone") if not getattr(visitor, name)}
        changes = {name: value for name, value in changes.items() if name in missing | {"custom_fields"}}
    if "custom_fields" in changes:
        changes["custom_fields"] = {**visitor.custom_fields, **changes["custom_fields"]}
    return changes
