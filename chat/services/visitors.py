"""Who the visitor is, and whether they are there."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.models import Workspace

from .. import events, indexing
from ..access import Actor
from ..errors import Conflict, Invalid, NotFound
from ..models import Chat, Visitor
from .messages import clean

TEXT_FIELDS = {"name": 200, "email": 254, "phone": 40, "language": 12, "external_id": 200, "claimed_id": 200}
EDITABLE = frozenset({"name", "email", "phone", "language", "birthdate", "custom_fields"})
JSON_LIMIT = 16 * 1024
_PAGE_FIELDS = ("url", "title", "referrer")
_PAGE_LIMIT = 2000
# A visitor's presence is written once in a while, not with each request.
_HALF_A_LEASE = timedelta(seconds=20)


def create(workspace: Workspace, **fields: Any) -> Visitor:
    """Create a visitor. Fields as of the model; raises Invalid with the field's name."""
    return Visitor.objects.create(workspace=workspace, **_validated(fields))


def update(visitor: Visitor, actor: Actor, **fields: Any) -> Visitor:
    """Change name, email, phone, language, birthdate or custom fields. Raises Invalid, NotFound."""
    if actor.workspace_id != visitor.workspace_id or (actor.kind == "visitor" and actor.visitor_id != visitor.pk):
        raise NotFound(_("There is no such visitor."))
    if unknown := set(fields) - EDITABLE:
        raise Invalid(field=min(unknown))
    values = _validated(fields)
    with transaction.atomic():
        visitor = Visitor.objects.select_for_update().get(pk=visitor.pk)
        changed = [name for name, value in values.items() if getattr(visitor, name) != value]
        if not changed:
            return visitor
        for name in changed:
            setattr(visitor, name, values[name])
        visitor.save(update_fields=[*changed, "updated_at"])
        if {"name", "email"} & set(changed):
            indexing.forget(visitor.chats.all())
        _announce(visitor)
    return visitor


def prove(visitor: Visitor, external_id: str) -> Visitor:
    """Note that the visitor is proved to be this customer of the site. Raises Conflict when another visitor is."""
    external_id = _text(external_id, "external_id", TEXT_FIELDS["external_id"])
    with transaction.atomic():
        visitor = Visitor.objects.select_for_update().get(pk=visitor.pk)
        others = Visitor.objects.filter(workspace=visitor.workspace_id, external_id=external_id)
        if visitor.external_id not in ("", external_id) or others.exclude(pk=visitor.pk).exists():
            raise Conflict(_("This customer is another visitor."))
        visitor.external_id, visitor.claimed_id, visitor.verified = external_id, "", True
        visitor.save(update_fields=["external_id", "claimed_id", "verified", "updated_at"])
        _announce(visitor)
    return visitor


def claim(visitor: Visitor, claimed_id: str) -> Visitor:
    """Note whom the page says that the visitor is, without proof: shown to agents as unverified."""
    claimed_id = _text(claimed_id, "claimed_id", TEXT_FIELDS["claimed_id"])
    if claimed_id in (visitor.claimed_id, visitor.external_id):
        return visitor
    with transaction.atomic():
        Visitor.objects.filter(pk=visitor.pk).update(claimed_id=claimed_id)
        visitor.claimed_id = claimed_id
        _announce(visitor)
    return visitor


def seen(visitor: Visitor, page: dict[str, Any] | None = None, user_agent: str = "") -> None:
    """Note that the visitor is there now, and on which page. Told to the team when either is news."""
    now = timezone.now()
    page = page_of(page)
    came = not visitor.online(now)
    moved = bool(page) and page != visitor.page
    visitor.last_seen_at = now
    visitor.lease_until = now + timedelta(seconds=settings.PRESENCE_LEASE_SECONDS)
    fields: dict[str, Any] = {"last_seen_at": visitor.last_seen_at, "lease_until": visitor.lease_until}
    if moved:
        visitor.page = fields["page"] = page
    if user_agent and user_agent[:400] != visitor.user_agent:
        visitor.user_agent = fields["user_agent"] = user_agent[:400]
    with transaction.atomic():
        Visitor.objects.filter(pk=visitor.pk).update(**fields)
        if came or moved:
            _announce(visitor, moved_only=True)


def note_call(visitor: Visitor, user_agent: str = "") -> None:
    """Note that a visitor who calls is there, unless that has been noted a moment ago."""
    if not visitor.online(timezone.now() + _HALF_A_LEASE):
        seen(visitor, user_agent=user_agent)


def renew(visitor_ids: list[int]) -> None:
    """Extend the leases of those whose sockets still answer: one UPDATE."""
    now = timezone.now()
    until = now + timedelta(seconds=settings.PRESENCE_LEASE_SECONDS)
    Visitor.objects.filter(pk__in=visitor_ids).update(lease_until=until, last_seen_at=now)


def _announce(visitor: Visitor, *, moved_only: bool = False) -> None:
    chat = (
        Chat.objects.open()
        .select_related("visitor", "agent", "department", "workspace")
        .filter(visitor=visitor)
        .order_by("-id")
        .first()
    )
    if chat:
        chat.visitor = visitor
    event = events.VisitorChanged(workspace_id=visitor.workspace_id, visitor=visitor, chat=chat, moved_only=moved_only)
    events.record(event)


def page_of(page: object) -> dict[str, str]:
    """Return url, title and referrer of a page, and nothing else of what a client sent. Raises Invalid."""
    if page is None:
        return {}
    if not isinstance(page, dict):
        raise Invalid(field="source")
    kept = {name: page[name] for name in _PAGE_FIELDS if page.get(name)}
    for name, value in kept.items():
        if not isinstance(value, str) or len(value) > _PAGE_LIMIT or not clean(value):
            raise Invalid(field=f"source.{name}")
    return kept


def _validated(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the fields, checked and trimmed."""
    values = dict(fields)
    for name, limit in TEXT_FIELDS.items():
        if name in values:
            values[name] = _text(values[name], name, limit)
    if values.get("email"):
        try:
            validate_email(values["email"])
        except ValidationError:
            raise Invalid(_("This is not an e-mail address."), field="email") from None
    if "birthdate" in values:
        values["birthdate"] = _birthdate(values["birthdate"])
    if "custom_fields" in values:
        values["custom_fields"] = custom_fields_of(values["custom_fields"])
    return values


def _text(value: object, name: str, limit: int) -> str:
    if value is None:
        return ""
    if not isinstance(value, str) or not clean(value):
        raise Invalid(_("This must be a text."), field=name)
    value = value.strip()
    if len(value) > limit:
        raise Invalid(_("This is too long."), field=name)
    return value


def _birthdate(value: object) -> date | None:
    if value in (None, ""):
        return None
    try:
        day = value if isinstance(value, date) else date.fromisoformat(str(value))
    except ValueError:
        raise Invalid(_("Write the date as YYYY-MM-DD."), field="birthdate") from None
    if not date(1900, 1, 1) <= day <= timezone.now().date():
        raise Invalid(_("This is no birthdate."), field="birthdate")
    return day


def custom_fields_of(value: object) -> dict[str, Any]:
    """Return an integrator's free fields if they can be stored. Raises Invalid."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Invalid(_("This must be an object."), field="customFields")
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        raise Invalid(field="customFields") from None
    if len(text) > JSON_LIMIT or not clean(text) or "\\u0000" in text:
        raise Invalid(_("This is too large."), field="customFields")
    return value
