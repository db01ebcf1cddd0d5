"""What a browser tells about the page that calls, and which keys may come from there."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.http.request import split_domain_port, validate_host
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from agents.models import Workspace
from widget.matching import site_of_origin
from widget.queries import is_allowed


class NotAdmitted(Exception):
    """The caller may not use this token; ``message`` says what to do."""

    def __init__(self, message: Promise) -> None:
        self.message = message
        super().__init__()


@dataclass(frozen=True)
class Caller:
    """The headers that browsers set and pages cannot: from where, and for whom."""

    origin: str
    own_origins: frozenset[str]
    fetch_mode: str = ""
    fetch_site: str = ""

    @classmethod
    def of_request(cls, request: HttpRequest) -> Caller:
        """Read an HTTP request."""
        headers = request.headers
        return cls(
            origin=headers.get("Origin", ""),
            own_origins=_own(f"{request.scheme}://{request.get_host()}"),
            fetch_mode=headers.get("Sec-Fetch-Mode", ""),
            fetch_site=headers.get("Sec-Fetch-Site", ""),
        )

    @classmethod
    def of_scope(cls, scope: dict) -> Caller:
        """Read the handshake of a socket."""
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        secure = scope.get("scheme") == "wss"
        host = headers.get("host", "")
        # A proxy that ends TLS hands the socket on as ws: the page's origin is https all the same.
        scheme = "https" if secure or settings.HTTPS else "http"
        # A name that is not ours may have been pointed at us by the very page that calls.
        ours = validate_host(split_domain_port(host)[0], settings.ALLOWED_HOSTS)
        own = _own(f"{scheme}://{host}") if ours else _own()
        return cls(origin=headers.get("origin", ""), own_origins=own)

    @property
    def is_ours(self) -> bool:
        """Whether one of Parley's own pages calls: the widget's frame, the docs."""
        return self.origin.lower() in self.own_origins

    @property
    def is_foreign_page(self) -> bool:
        """Whether a page of somebody else's calls, in a browser."""
        if self.origin:
            return not self.is_ours
        return self.fetch_site == "cross-site" or (self.fetch_mode == "cors" and self.fetch_site != "same-origin")


def _own(*origins: str) -> frozenset[str]:
    public = urlsplit(settings.PUBLIC_URL)
    return frozenset(o.lower() for o in (*origins, f"{public.scheme}://{public.netloc}"))


def admit(kind: str, workspace: Workspace, caller: Caller) -> None:
    """Raise NotAdmitted when a token of this kind may not be used by this caller.

    A secret key never by a page. A publishable key and a visitor's token by the workspace's sites and Parley's
    own pages, and by programs that are no browser (they send no origin; a browser always does). An agent's by any:
    nothing but the token itself lets it in, no cookie does.
    """
    if kind == "secret" and caller.is_foreign_page:
        raise NotAdmitted(
            _(
                "A secret key must never be used in a browser: anybody can read it there."
                " Revoke it, and use a publishable key (pk_...) on web pages."
            )
        )
    if kind in ("publishable", "visitor") and not may_read(workspace, caller):
        raise NotAdmitted(_("This site is not among the allowed domains of the workspace's widgets."))


def may_read(workspace: Workspace, caller: Caller) -> bool:
    """Whether the page that calls, if it is one, is Parley's own or of an allowed domain."""
    if not caller.origin:
        return not caller.is_foreign_page
    if caller.is_ours:
        return True
    site = site_of_origin(caller.origin)
    return site is not None and is_allowed(workspace, site)
