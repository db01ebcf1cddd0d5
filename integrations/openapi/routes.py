"""The addresses of a contract, read from its URL patterns: what is there, whether or not it is described."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver
from rest_framework.views import APIView

from .contract import Contract

_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")
_METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Endpoint:
    """One method of one route. ``path`` begins with a slash and has ``{}`` for each parameter."""

    method: str
    path: str
    view: type[APIView]

    @property
    def key(self) -> str:
        """Method and path, as in ``POST /v1/chat/sessions/{}/end``."""
        return f"{self.method} {self.path}"


def endpoints(contract: Contract) -> Iterator[Endpoint]:
    """Return every method of every view of the contract, but for views that are no endpoints (``schema = None``)."""
    for path, view in _views(contract.urlpatterns, contract.prefix):
        if getattr(view, "schema", None) is not None:
            yield from (Endpoint(m.upper(), path, view) for m in _METHODS if hasattr(view, m))


def _views(patterns: Sequence[Any], prefix: str) -> Iterator[tuple[str, type[APIView]]]:
    for pattern in patterns:
        path = prefix + _PARAMETER.sub("{}", str(pattern.pattern))
        if isinstance(pattern, URLResolver):
            yield from _views(pattern.url_patterns, path)
        elif isinstance(pattern, URLPattern):
            yield path, pattern.callback.view_class  # type: ignore[attr-defined]  # every view of a contract is a class


def described(contract: Contract) -> dict[str, str]:
    """Return the contract's operations by the same keys: ``POST /v1/chat/sessions/{}/end`` to its own key."""
    return {anonymous(contract, key): key for key in contract.operations}


def anonymous(contract: Contract, key: str) -> str:
    """Return an operation's key without the names of its parameters, and with the contract's prefix."""
    method, path = key.split(" ")
    return f"{method} {contract.prefix}{re.sub(r'{[^}]+}', '{}', path)}"
