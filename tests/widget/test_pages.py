"""What a site's page loads: the script and the frame, with the headers that keep both where they belong."""

import gzip
import json
import re
from pathlib import Path

import pytest
import rjsmin
from django.conf import settings as django_settings

from config.demo.factories import PublishableKeyFactory, SecretKeyFactory, WidgetFactory

pytestmark = pytest.mark.django_db
LOADER = rjsmin.jsmin(Path(django_settings.BASE_DIR, "static/widget/loader.js").read_text()).encode()


def policy(response) -> dict[str, list[str]]:
    parts = [part.split() for part in response["Content-Security-Policy"].split(";")]
    return {name: values for name, *values in parts}


@pytest.fixture
def key(world):
    WidgetFactory(
        workspace=world.workspace, domains=["shop.example.com", "*.brand.example", "localhost:5173", "bücher.example"]
    )
    return PublishableKeyFactory(workspace=world.workspace)


# -- the script -----------------------------------------------------------------------------------------------------


def test_the_script_is_served_to_every_site_and_kept_for_a_while(client):
    response = client.get("/widget/chat-widget.js")
    assert response.content == LOADER
    assert response["Content-Type"] == "text/javascript; charset=utf-8"
    assert response["Access-Control-Allow-Origin"] == "*"
    assert response["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert re.search(r"max-age=[1-9]", response["Cache-Control"])
    assert not response.cookies


def test_an_unchanged_script_is_not_sent_again(client):
    first = client.get("/widget/chat-widget.js")
    again = client.get("/widget/chat-widget.js", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert client.get("/widget/chat-widget.js", headers={"If-None-Match": '"old"'}).status_code == 200


def test_the_script_is_sent_packed_to_who_can_unpack_it(client):
    response = client.get("/widget/chat-widget.js", headers={"Accept-Encoding": "gzip, br"})
    assert gzip.decompress(response.content) == LOADER
    assert response["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in response["Vary"]
    assert response["ETag"] != client.get("/widget/chat-widget.js")["ETag"]


def test_the_script_is_only_read(client):
    assert client.post("/widget/chat-widget.js").status_code == 405
    assert client.head("/widget/chat-widget.js").status_code == 200


# -- the frame ------------------------------------------------------------------------------------------------------


def test_only_the_sites_of_the_keys_workspace_may_embed_the_frame(client, key, world):
    WidgetFactory(workspace=world.elsewhere, domains=["elsewhere.example"])
    response = client.get("/widget/frame/", {"key": key.secret})
    assert response.status_code == 200
    assert policy(response)["frame-ancestors"] == [
        "'self'",
        "http://shop.example.com:*",
        "https://shop.example.com:*",
        "http://*.brand.example:*",
        "https://*.brand.example:*",
        "http://localhost:5173",
        "https://localhost:5173",
        "http://xn--bcher-kva.example:*",
        "https://xn--bcher-kva.example:*",
    ]
    assert "X-Frame-Options" not in response


def test_a_disabled_widgets_sites_may_not(client, key):
    type(key.workspace.widgets.get()).objects.update(enabled=False)
    assert policy(client.get("/widget/frame/", {"key": key.secret}))["frame-ancestors"] == ["'self'"]


def test_a_domain_cannot_add_to_the_policy(client, key):
    type(key.workspace.widgets.get()).objects.update(domains=["a.example; script-src *", "*", "'none'", 7])
    directives = policy(client.get("/widget/frame/", {"key": key.secret}))
    assert directives["frame-ancestors"] == ["'self'"]
    assert directives["script-src"] == ["'self'"]


def test_inside_the_frame_nothing_runs_but_our_own_scripts(client, key):
    response = client.get("/widget/frame/", {"key": key.secret})
    directives = policy(response)
    assert directives["default-src"] == ["'none'"]
    assert "unsafe" not in response["Content-Security-Policy"]
    assert not re.search(r"<script(?![^>]*\b(src|type=.application/json))", response.content.decode())
    assert " onclick=" not in response.content.decode()
    assert " style=" not in response.content.decode()


def test_the_frame_sets_no_cookie_and_tells_nobody_where_it_is(client, key):
    response = client.get("/widget/frame/", {"key": key.secret})
    assert not response.cookies
    assert "Cookie" not in response.get("Vary", "")
    assert response["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize(
    ("wish", "header", "language"),
    [
        ("vi", "en", "vi"),
        ("uz-Latn-UZ", "en", "uz"),
        ("", "fr, uz;q=0.8", "uz"),
        ("fr", "fr", "vi"),
        ("xx\0yy", "*", "vi"),
        ("", "", "vi"),
    ],
)
def test_the_page_chooses_the_language_then_the_browser_then_the_workspace(client, key, wish, header, language):
    type(key.workspace).objects.update(language="vi")
    response = client.get("/widget/frame/", {"key": key.secret, "lang": wish}, headers={"Accept-Language": header})
    assert f'lang="{language}"' in response.content.decode()
    assert response["Content-Language"] == language


def test_a_key_that_is_none_gets_a_page_that_says_so_and_that_nobody_embeds(client, world, key):
    type(key).objects.update(revoked_at="2026-01-01T00:00:00Z")
    secret = SecretKeyFactory(workspace=world.workspace).secret
    for bad in ("", "pk_unknown", key.secret, secret, "pk_" + "x" * 9000, "<script>", "\0"):
        response = client.get("/widget/frame/", {"key": bad})
        assert response.status_code == 403
        assert policy(response)["frame-ancestors"] == ["'self'"]
        assert "refused.js" in response.content.decode()
        assert bad not in response.content.decode() or not bad.strip("\0")
    said = json.loads(re.search(r"application/json\">(.*?)</script>", response.content.decode())[1])
    assert "publishable key" in said["message"]


def test_a_secret_key_in_a_page_is_told_to_be_revoked(client, world):
    secret = SecretKeyFactory(workspace=world.workspace).secret
    page = client.get("/widget/frame/", {"key": secret}).content.decode()
    assert "revoke" in page
    assert secret not in page
