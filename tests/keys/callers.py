"""Anybody who speaks to a contract with a bearer token."""

from typing import Any

from django.test import Client


def call(path: str, token: str = "", method: str = "GET", body: Any = None, **headers: str) -> Any:
    """Call through the whole application and return Django's response."""
    sent = {"Authorization": f"Bearer {token}"} if token else {}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    extra = {"REMOTE_ADDR": sent.pop("from", "198.51.100.7")}
    client = Client(raise_request_exception=False)
    kind = "application/json"
    return client.generic(method, path, body or "", content_type=kind, headers=sent, **extra)
