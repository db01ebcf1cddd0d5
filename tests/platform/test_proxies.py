"""Who is calling, when proxies stand in front."""

import pytest

from config.proxies import BehindProxies


async def seen_by_app(count, *headers, client=("10.0.0.1", 4000)):
    """Return the scope that the application sees."""
    scopes = []

    async def app(scope, receive, send):
        scopes.append(scope)

    raw = [(name.encode(), value.encode()) for name, value in headers]
    scope = {"type": "http", "headers": raw, "client": client, "root_path": "/evil"}
    await BehindProxies(app, count)(scope, None, None)
    return scopes[0]


async def test_without_proxies_the_header_is_not_believed():
    scope = await seen_by_app(0, ("x-forwarded-for", "203.0.113.9"))
    assert scope["client"] == ("10.0.0.1", 4000)


async def test_one_proxy_names_the_caller():
    scope = await seen_by_app(1, ("x-forwarded-for", "203.0.113.9"))
    assert scope["client"] == ["203.0.113.9", 0]


async def test_what_the_caller_claims_before_the_proxy_is_never_believed():
    scope = await seen_by_app(1, ("x-forwarded-for", "127.0.0.1, 203.0.113.9"))
    assert scope["client"][0] == "203.0.113.9"
    scope = await seen_by_app(2, ("x-forwarded-for", "127.0.0.1"), ("x-forwarded-for", "203.0.113.9, 10.0.0.2"))
    assert scope["client"][0] == "203.0.113.9"


@pytest.mark.parametrize("header", ["", " , "])
async def test_a_missing_address_leaves_what_the_connection_says(header):
    scope = await seen_by_app(1, ("x-forwarded-for", header))
    assert scope["client"] == ("10.0.0.1", 4000)


async def test_a_client_cannot_name_a_path_prefix():
    assert (await seen_by_app(0))["root_path"] == ""
