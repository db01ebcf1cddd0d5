"""What the opening of any contract's socket says: a token, a language, a subprotocol."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

from django.conf import settings

from agents import languages

SUBPROTOCOL = "parley.v1"
_BEARER = "bearer."


def subprotocol(scope: dict[str, Any]) -> str | None:
    """Return the subprotocol to answer with, if the client offered it."""
    return SUBPROTOCOL if SUBPROTOCOL in scope.get("subprotocols", ()) else None


def language_of(scope: dict[str, Any], otherwise: str = settings.LANGUAGE_CODE) -> str:
    """Return the language that the client asks for."""
    header = dict(scope["headers"]).get(b"accept-language", b"").decode("latin-1")
    return languages.accepted(header, otherwise)


def token_of(scope: dict[str, Any]) -> str:
    """Return the token: in a subprotocol or a header, where no log sees it, or in the address.

    Programs can send the header with a socket, pages cannot.
    """
    offered = [p for p in scope.get("subprotocols", ()) if p.startswith(_BEARER)]
    if offered:
        return str(offered[0].removeprefix(_BEARER))
    scheme, _space, token = dict(scope["headers"]).get(b"authorization", b"").decode("latin-1").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else parameter(scope, "token")


def parameter(scope: dict[str, Any], name: str) -> str:
    """Return a parameter of the address, empty when it is not there."""
    return parse_qs(scope["query_string"].decode("latin-1")).get(name, [""])[0]
