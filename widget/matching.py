"""Which sites may embed a widget, and which widget a site gets. Pure functions over host names; patterns are globs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

import idna

_LABELS = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\Z")
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Site:
    """Where a page lives: a host in its ASCII form, and its port, or None when nobody said."""

    host: str
    port: int | None = None


@dataclass(frozen=True)
class Pattern:
    """``example.com`` or ``*.example.com``, each perhaps with a port; without one, any port will do."""

    host: str
    wildcard: bool = False
    port: int | None = None

    def matches(self, site: Site) -> bool:
        """Whether the site is one of these. ``*.example.com`` is any depth below, not ``example.com`` itself."""
        if self.port is not None and site.port != self.port:
            return False
        return site.host.endswith("." + self.host) if self.wildcard else site.host == self.host

    @property
    def weight(self) -> tuple[bool, int, bool]:
        """How exact it is: the more exact of two patterns that match decides."""
        return (not self.wildcard, len(self.host), self.port is not None)

    @property
    def sources(self) -> list[str]:
        """The pattern as sources of a Content-Security-Policy."""
        host = f"*.{self.host}" if self.wildcard else self.host
        return [f"{scheme}://{host}:{self.port or '*'}" for scheme in ("http", "https")]


def normal_host(text: str) -> str | None:
    """Return the host in lower-case ASCII (IDNA 2008, as browsers do) without a trailing dot, or None if it is none."""
    host = text.removesuffix(".").lower()
    if not host.isascii():
        try:
            host = idna.encode(host, uts46=True, std3_rules=True).decode()
        except idna.IDNAError:
            return None
    return host if len(host) <= 253 and _LABELS.match(host) else None


def parse_pattern(text: object) -> Pattern | None:
    """Return the pattern that an admin wrote, or None when it is none."""
    if not isinstance(text, str):
        return None
    wildcard = text.startswith("*.")
    site = parse_site(text.removeprefix("*."))
    return Pattern(site.host, wildcard, site.port) if site else None


def parse_site(text: str) -> Site | None:
    """Return the site written as ``host`` or ``host:port``, or None."""
    name, colon, digits = text.partition(":")
    host = normal_host(name)
    if host is None or (colon and not re.fullmatch(r"[0-9]{1,5}", digits)):
        return None
    port = int(digits) if colon else None
    return None if port is not None and not 1 <= port <= 65535 else Site(host, port)


def site_of_origin(origin: str) -> Site | None:
    """Return the site of an ``Origin`` header; None for ``null``, other schemes and nonsense."""
    scheme, separator, rest = origin.partition("://")
    if not separator or scheme.lower() not in _DEFAULT_PORTS:
        return None
    site = parse_site(rest)
    return site and Site(site.host, site.port or _DEFAULT_PORTS[scheme.lower()])


def site_of_page(url: str) -> Site | None:
    """Return the site of a page's address, or None."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return site_of_origin(f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}")


def best_match(patterns: Iterable[Pattern], site: Site) -> Pattern | None:
    """Return the most exact pattern that the site matches, or None."""
    return max((p for p in patterns if p.matches(site)), key=lambda p: p.weight, default=None)
