"""Identity tokens: a site vouches for its customer by a short JWT, signed with the workspace's identity secret."""

from __future__ import annotations

from dataclasses import dataclass
from unicodedata import category

import jwt
from django.utils import timezone

from agents.models import Workspace

# Pinned: a token never chooses how it is checked.
_ALGORITHMS = ["HS256"]
_LEEWAY_SECONDS = 30
_LONGEST = 4096


class InvalidIdentity(Exception):
    """The token proves nothing."""


@dataclass(frozen=True)
class Identity:
    """Who the site says that the visitor is: its own id for the customer, and what else it vouches for."""

    external_id: str
    email: str = ""
    name: str = ""


def verify(workspace: Workspace, token: str) -> Identity:
    """Return the proved identity. ``sub`` and ``exp`` are required. Raises InvalidIdentity."""
    claims = _claims(workspace, token)
    external_id = _text(claims, "sub", 200)
    if not external_id:
        raise InvalidIdentity
    return Identity(external_id, email=_text(claims, "email", 254), name=_text(claims, "name", 200))


def _claims(workspace: Workspace, token: str) -> dict[str, object]:
    """Return what the token says, signed with the secret that holds now or, for a while, the one before it."""
    refusal: Exception | None = None
    for secret in workspace.identity_secrets(timezone.now()) if len(token) <= _LONGEST else ():
        try:
            return jwt.decode(
                token,
                secret,
                algorithms=_ALGORITHMS,
                leeway=_LEEWAY_SECONDS,
                # The audience is the holder of the secret; a site may name one for its own use.
                options={"require": ["sub", "exp"], "verify_aud": False},
            )
        except (jwt.PyJWTError, ValueError) as error:
            refusal = error
    raise InvalidIdentity from refusal


def _text(claims: dict[str, object], name: str, longest: int) -> str:
    value = claims.get(name) or ""
    if not isinstance(value, str) or len(value) > longest or any(category(c) in ("Cc", "Cs") for c in value):
        raise InvalidIdentity
    return value.strip()
