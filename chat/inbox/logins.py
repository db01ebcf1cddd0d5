"""Who is at the other end of an inbox socket: the login's session, as Django's middleware reads it; same origin only.

A browser sends cookies along with any page's WebSocket, so the origin is what stands between a foreign page and an
agent's inbox: missing, ``null`` and look-alike origins are refused.
"""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.http.request import split_domain_port, validate_host
from django.utils import timezone

from agents.models import Agent, Membership, User

from ..sockets import FORBIDDEN, UNAUTHENTICATED, Refused, Standing
from .seats import SESSION_KEY, choose, seats_of


def demand_same_origin(scope: dict[str, Any]) -> None:
    """Raise Refused unless the page that opened the socket is of the origin that the socket is on."""
    host, origin = header(scope, b"host"), header(scope, b"origin")
    parts = urlsplit(origin)
    scheme = {"wss": "https", "ws": "http"}.get(scope.get("scheme", "ws"), "http")
    public = origin == settings.PUBLIC_URL
    same = (
        parts.netloc == host
        and parts.scheme == scheme
        and validate_host(split_domain_port(host)[0], settings.ALLOWED_HOSTS)
    )
    if not origin or not (public or same):
        raise Refused(FORBIDDEN)


def header(scope: dict[str, Any], name: bytes) -> str:
    """Return the one header of this name; nothing when it is missing or doubled."""
    values = [value for key, value in scope["headers"] if key == name]
    return values[0].decode("latin-1") if len(values) == 1 else ""


def login_of(scope: dict[str, Any]) -> tuple[str, User, Agent]:
    """Return session key, user and seat. Raises Refused for who is not logged in, or has no seat."""
    request = HttpRequest()
    request.session = _session(scope)
    user = get_user(request)
    if not user.is_authenticated or request.session.session_key is None:
        raise Refused(UNAUTHENTICATED)
    assert isinstance(user, User)
    asked = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("workspace", [""])[0]
    seat = choose(seats_of(user), asked or request.session.get(SESSION_KEY))
    if seat is None or (asked and seat.workspace.uid.hex != asked):
        raise Refused(FORBIDDEN)
    return request.session.session_key, user, seat


def _session(scope: dict[str, Any]) -> Any:
    cookies: SimpleCookie = SimpleCookie()
    try:
        cookies.load(header(scope, b"cookie"))
    except CookieError:
        cookies.clear()
    morsel = cookies.get(settings.SESSION_COOKIE_NAME)
    return import_module(settings.SESSION_ENGINE).SessionStore(morsel.value if morsel else None)


def standings(session_key: str, user: User, seat: Agent) -> list[Standing]:
    """What the socket rests on: the session, the user's password and epoch, the seat with role and departments."""
    return [Standing(_sessions, session_key), Standing(_users, user.pk), Standing(_seats, seat.pk)]


def _sessions(keys: list[Any]) -> dict[Any, Any]:
    live = Session.objects.filter(session_key__in=keys, expire_date__gt=timezone.now())
    return dict.fromkeys(live.values_list("session_key", flat=True), True)


def _users(ids: list[Any]) -> dict[Any, Any]:
    users = User.objects.filter(pk__in=ids, is_active=True).values_list("pk", "password", "session_epoch", "language")
    return {pk: rest for pk, *rest in users}


def _seats(ids: list[Any]) -> dict[Any, Any]:
    agents = Agent.objects.active().filter(pk__in=ids).values_list("pk", "role", "name")
    found: dict[Any, Any] = {pk: [rest, []] for pk, *rest in agents}
    memberships = Membership.objects.filter(agent_id__in=found).order_by("department_id")
    for agent_id, department_id in memberships.values_list("agent_id", "department_id"):
        found[agent_id][1].append(department_id)
    return found
