"""Which sites a pattern names: the tricks by which another site could pass for one of them."""

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from widget.matching import best_match, parse_pattern, parse_site, site_of_origin, site_of_page
from widget.models import valid_domains


@pytest.mark.parametrize(
    ("pattern", "origin"),
    [
        ("example.com", "https://example.com"),
        ("example.com", "http://example.com"),
        ("example.com", "https://EXAMPLE.com."),
        ("example.com", "https://example.com:8443"),
        ("example.com:8443", "https://example.com:8443"),
        ("example.com:443", "https://example.com"),
        ("example.com:80", "http://example.com"),
        ("*.example.com", "https://a.example.com"),
        ("*.example.com", "https://a.b.example.com"),
        ("Bücher.example", "https://xn--bcher-kva.example"),
        ("xn--bcher-kva.example", "https://bücher.example"),
        ("localhost", "http://localhost:5173"),
        ("127.0.0.1", "http://127.0.0.1:8000"),
    ],
)
def test_a_site_that_a_pattern_names(pattern, origin):
    assert parse_pattern(pattern).matches(site_of_origin(origin))


@pytest.mark.parametrize(
    ("pattern", "origin"),
    [
        ("example.com", "https://evilexample.com"),
        ("example.com", "https://example.com.evil.org"),
        ("example.com", "https://a.example.com"),
        ("*.example.com", "https://example.com"),
        ("*.example.com", "https://evilexample.com"),
        ("*.example.com", "https://a.example.com.evil.org"),
        ("example.com:8443", "https://example.com"),
        ("example.com:8443", "https://example.com:84430"),
        ("example.com:443", "http://example.com"),
        ("straße.example", "https://strasse.example"),
        ("example.com", "https://exаmple.com"),  # a Cyrillic а
    ],
)
def test_a_site_that_a_pattern_does_not_name(pattern, origin):
    site = site_of_origin(origin)
    assert site is None or not parse_pattern(pattern).matches(site)


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "",
        "example.com",
        "//example.com",
        "file://example.com",
        "chrome-extension://example.com",
        "javascript:example.com",
        "https://",
        "https://example.com@evil.org",
        "https://evil.org/example.com",
        "https://evil.org?example.com",
        "https://evil.org#example.com",
        "https://example.com\\.evil.org",
        "https://exa mple.com",
        "https://example.com, https://evil.org",
        "https://example.com:99999",
        "https://example.com:",
        "https://example.com:80:80",
        "https://example.com..",
        "https://.example.com",
        "https://*.example.com",
        "https://[::1]",
        "https://example.com\n",
        "https://example.com:８０",
    ],
)
def test_what_is_no_origin_of_a_site(origin):
    assert site_of_origin(origin) is None


def test_a_page_is_of_the_site_of_its_host_and_not_of_its_user_name():
    assert site_of_page("https://example.com@evil.org/x") == site_of_origin("https://evil.org")
    assert site_of_page("https://example.com:8443/x?y#z") == parse_site("example.com:8443")
    for nonsense in ("", "x", "javascript:alert(1)", "https://[", "//example.com"):
        assert site_of_page(nonsense) is None


def test_the_most_exact_pattern_decides():
    patterns = [parse_pattern(p) for p in ("*.example.com", "*.shop.example.com", "a.shop.example.com")]
    assert best_match(patterns, parse_site("a.shop.example.com")) == patterns[2]
    assert best_match(patterns, parse_site("b.shop.example.com")) == patterns[1]
    assert best_match(patterns, parse_site("b.example.com")) == patterns[0]
    assert best_match(patterns, parse_site("example.org")) is None


@pytest.mark.parametrize(
    "text", ["", "*", "*.", "a*.example.com", "*.*.example.com", "https://example.com", "example.com/x",
             "example.com; script-src *", "exa mple.com", "'self'", "-a.com", "example.com:0", None, 7]
)  # fmt: skip
def test_what_is_no_pattern_is_refused_where_it_is_typed(text):
    assert parse_pattern(text) is None
    with pytest.raises(ValidationError):
        valid_domains([text])


def test_the_sources_of_a_policy_say_the_same_as_the_pattern():
    assert parse_pattern("*.Bücher.example").sources == [
        "http://*.xn--bcher-kva.example:*",
        "https://*.xn--bcher-kva.example:*",
    ]
    assert parse_pattern("example.com:8443").sources == ["http://example.com:8443", "https://example.com:8443"]


@given(st.text(max_size=60))
def test_no_text_breaks_the_matching_and_every_pattern_matches_itself(text):
    site, pattern = parse_site(text), parse_pattern(text)
    site_of_origin(text), site_of_page(text)
    if site and pattern and not pattern.wildcard:
        assert pattern.matches(site)
