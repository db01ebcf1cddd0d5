"""How many requests a caller may send, and the headers that say so on every answer of every REST contract.

``X-RateLimit-Limit`` is what a minute allows, ``X-RateLimit-Remaining`` what is left of it (0 on a 429: nothing can be
sent right now), ``X-RateLimit-Reset`` the second (Unix time) from which the whole minute's allowance is there again if
nothing more is sent. ``Retry-After`` on a 429 says in how many seconds the next request will pass.
"""

from __future__ import annotations

import ipaddress
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse

from .authentication import Principal, principal_of
from .cors import is_preflight
from .counters import Counter, MemoryCounter, Rate, SharedCounter, Taken
from .models import SecretKey

# Below these the contracts answer.
_BOTS = "/bots/"
PLACES = ("/v1/", "/api/", _BOTS)
_TAKEN = "_parley_taken"


class TooMany(Exception):
    """Come back after so many seconds."""

    def __init__(self, retry_after: int) -> None:
        self.retry_after = retry_after
        super().__init__()


@dataclass(frozen=True)
class _Allowance:
    """What a request was counted under, and what came of it."""

    rate: Rate
    taken: Taken

    def headers(self) -> dict[str, str]:
        """Return the three headers."""
        left = self.rate.per_minute - self.taken.used if self.taken.passed else 0
        return {
            "X-RateLimit-Limit": str(self.rate.per_minute),
            "X-RateLimit-Remaining": str(max(left, 0)),
            "X-RateLimit-Reset": str(math.ceil(time.time() + self.taken.reset_after)),
        }


class RateLimitMiddleware:
    """Counts each request to a contract once, before anything else, and puts the headers on whatever is answered.

    The refusal itself is the view's (:func:`demand`), in its contract's own format. A browser's preflight is not
    counted: it names no caller.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(PLACES) or is_preflight(request):
            return self.get_response(request)
        allowance = _count(request)
        response = self.get_response(request)
        for name, value in allowance.headers().items():
            response[name] = value
        return response


def demand(request: HttpRequest) -> None:
    """Raise TooMany when the caller has used up what they may send. Each contract's base view asks this first."""
    allowance: _Allowance | None = getattr(request, _TAKEN, None)
    if allowance and not allowance.taken.passed:
        raise TooMany(math.ceil(allowance.taken.retry_after))


def count_start(request: HttpRequest, key_uid: str) -> None:
    """Count one anonymous start, by key and address. Raises TooMany when this address has used up its minute."""
    count_once(f"start:{key_uid}:{address_of(request)}", settings.STARTS_PER_MINUTE)


def count_once(name: str, most: int) -> None:
    """Count one of what may happen so often in any minute under this name. Raises TooMany."""
    taken = counter().take(name, Rate(most, most))
    if not taken.passed:
        raise TooMany(math.ceil(taken.retry_after))


def rate_of(principal: Principal | None) -> Rate:
    """Return what this caller may send: a key's own numbers, else those of its kind (``settings.RATES``)."""
    rate = Rate(*settings.RATES[principal.kind if principal else "anonymous"])
    key = principal.key if principal else None
    if isinstance(key, SecretKey):
        return Rate(key.per_minute or rate.per_minute, key.per_second or rate.per_second)
    return rate


def usual_rate() -> Rate:
    """Return what a secret key may send that has no numbers of its own."""
    return Rate(*settings.RATES["secret"])


def counter() -> Counter:
    """Return where this process counts: in Redis in services mode, else in its own memory."""
    return _counter("" if settings.EMBEDDED else settings.CACHES["default"]["LOCATION"], settings.SERVICES.namespace)


@lru_cache(maxsize=4)
def _counter(url: str, namespace: str) -> Counter:
    return SharedCounter(url, f"{namespace}.rate") if url else MemoryCounter()


def _count(request: HttpRequest) -> _Allowance:
    try:
        principal = principal_of(request)
    except DatabaseError:
        principal = None  # the view will meet it again, and say so
    rate, name = rate_of(principal), _name(principal, request)
    if request.path_info.startswith(_BOTS):
        # A bot proves itself by its body's signature; until then it is an address, from which bots of one house call.
        rate, name = Rate(*settings.RATES["bot"]), f"bots:{address_of(request)}"
    allowance = _Allowance(rate, counter().take(name, rate))
    setattr(request, _TAKEN, allowance)
    return allowance


def _name(principal: Principal | None, request: HttpRequest) -> str:
    """Under what a caller is counted: who they have proved to be, or the address from which the connection comes.

    A page's key is in every browser that visits the site, so it counts for each address apart.
    """
    if principal is None:
        return f"address:{address_of(request)}"
    if principal.visitor:
        return f"visitor:{principal.visitor.uid.hex}"
    assert principal.key
    name = f"{principal.kind}:{principal.key.uid.hex}"
    return f"{name}:{address_of(request)}" if principal.kind == "publishable" else name


def address_of(request: HttpRequest) -> str:
    """The caller's address as config.proxies found it; no header says it. Of IPv6, the network that one caller owns."""
    text = str(request.META.get("REMOTE_ADDR", ""))
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return text[:45]
    if address.version == 4:
        return str(address)
    mapped = address.ipv4_mapped
    return str(mapped or ipaddress.ip_network((address, 64), strict=False).network_address)
