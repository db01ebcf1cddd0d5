"""The addresses that answers carry: they must work for whoever asked, at the host where they asked."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.http.request import split_domain_port, validate_host


def base_url(request: HttpRequest) -> str:
    """Return scheme and host where this request reached Parley."""
    return _base(request.scheme or "http", request.get_host())


def base_url_of_socket(scope: dict) -> str:
    """The same, for a socket."""
    headers = dict(scope["headers"])
    host = headers.get(b"host", b"").decode("latin-1")
    if not validate_host(split_domain_port(host)[0], settings.ALLOWED_HOSTS):
        return str(settings.PUBLIC_URL)
    return _base("https" if scope.get("scheme") == "wss" else "http", host)


def _base(scheme: str, host: str) -> str:
    # Behind a proxy that ends TLS the scheme may look like http: the public address knows better.
    public = urlsplit(settings.PUBLIC_URL)
    return settings.PUBLIC_URL if host == public.netloc else f"{scheme}://{host}"
