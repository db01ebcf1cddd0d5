"""Bearer keys of every kind: made, changed, rotated, revoked. The one door, so that the audit log misses nothing."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..errors import Taken
from ..models import Key, Workspace
from . import audit

K = TypeVar("K", bound=Key)


@transaction.atomic
def create(
    model: type[K], workspace: Workspace, name: str, *, uid: uuid.UUID | None = None, **fields: Any
) -> tuple[K, str]:
    """Make a key; return it and its secret, which can never be read again.

    ``uid`` makes a form that is sent twice harmless: the second time raises Taken.
    """
    if uid is not None:
        if model._default_manager.filter(uid=uid).exists():
            raise Taken(_("This was done already. The secret was shown then, and cannot be shown again."), "uid")
        fields["uid"] = uid
    key, secret = model.issue(workspace=workspace, name=name, **fields)
    audit.note(workspace, audit.KEY_CREATED, str(key))
    return key, secret


@transaction.atomic
def change(key: Key, **fields: Any) -> None:
    """Set these fields of a key. The secret stays."""
    for name, value in fields.items():
        setattr(key, name, value)
    key.save(update_fields=list(fields))
    audit.note(key.workspace_id, audit.KEY_CHANGED, str(key))


@transaction.atomic
def rotate(key: K, overlap: timedelta, *, uid: uuid.UUID | None = None) -> tuple[K, str]:
    """Make a key that may do the same; return it and its secret. The old one works for ``overlap`` more, if at all.

    Raises Taken when the key does not work any more, or this very rotation was done already.
    """
    model = type(key)
    old = model._default_manager.select_for_update().get(pk=key.pk)
    if not old.works:
        raise Taken(_("This key does not work any more."), "key")
    fields = {name: getattr(old, name) for name in (*model.CARRIED, "expires_at")}
    new, secret = create(model, old.workspace, old.name, uid=uid, **fields)
    if overlap:
        end = timezone.now() + overlap
        old.expires_at = min(old.expires_at, end) if old.expires_at else end
    else:
        old.revoked_at = timezone.now()
    old.save(update_fields=["expires_at", "revoked_at"])
    audit.note(old.workspace_id, audit.KEY_ROTATED, str(old))
    return new, secret


@transaction.atomic
def revoke(key: Key, now: datetime | None = None) -> None:
    """Let the key open nothing any more. Twice is once."""
    if key.revoked_at is None:
        key.revoked_at = now or timezone.now()
        key.save(update_fields=["revoked_at"])
        audit.note(key.workspace_id, audit.KEY_REVOKED, str(key))
