"""Visitor tokens: what a visitor's browser holds. Signed, bound to workspace and visitor, and they run out."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.core import signing
from django.utils import timezone

from chat.models import Visitor

PREFIX = "vt_"
LIFETIME = timedelta(days=30)
_LONGEST = 512


def _signer() -> signing.TimestampSigner:
    # "." and no padding: the token is also a name of a WebSocket subprotocol, which allows neither ":" nor "=".
    return signing.TimestampSigner(sep=".", salt="widget.visitor")


def issue(visitor: Visitor) -> tuple[str, datetime]:
    """Return a new token for the visitor, and when it runs out. Each start of a session issues one: it slides."""
    token = PREFIX + _signer().sign_object([visitor.workspace.uid.hex, visitor.uid.hex])
    return token, timezone.now() + LIFETIME


def read(token: str) -> Visitor | None:
    """Return whose token it is, the workspace joined; None when forged, run out, or its visitor was erased."""
    if not token.startswith(PREFIX) or len(token) > _LONGEST:
        return None
    try:
        workspace_uid, visitor_uid = _signer().unsign_object(token.removeprefix(PREFIX), max_age=LIFETIME)
        uids = {"workspace__uid": uuid.UUID(workspace_uid), "uid": uuid.UUID(visitor_uid)}
    except (signing.BadSignature, ValueError, TypeError, AttributeError):
        return None
    return Visitor.objects.select_related("workspace").filter(**uids).first()
