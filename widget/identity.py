"""Identity tokens: a site vouches for its customer by a short JWT, signed with the workspace's identity secret."""

from __future__ import annotations

from dataclasses import dataclass
from unicodedata import category

import jwt

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
    # Without a secret every token would be "signed" by the empty one.
    if not workspace.identity_secret or len(token) > _LONGEST:
        raise InvalidIdentity
    try:
        claims = jwt.decode(
            token,
            workspace.identity_secret,
            algorithms=_ALGORITHMS,
            leeway=_LEEWAY_SECONDS,
            # The audience is the holder of the secret; a site may name one for its own use.
            options={"require": ["sub", "exp"], "verify_aud": False},
        )
    except (jwt.PyJWTError, ValueError) as error:
        raise InvalidIdentity from error
    external_id = _text(claims, "sub", 200)
    if not external_id:
        raise InvalidIdentity
    return Identity(external_id, email=_text(claims, "email", 254), name=_text(claims, "name", 200))


def _text(claims: dict[str, object], name: str, longest: int) -> str:
    value = claims.get(name) or ""
    if not isinstance(value, str) or len(value) > longest or any(category(c) in ("Cc", "Cs") for c in value):
        raise InvalidIdentity
    return value.strip()
