"""Which pages a pattern names."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from widget import globs

PAGE = "https://shop.example.com/pricing/plans?ref=mail#top"


@pytest.mark.parametrize(
    "pattern",
    [
        "*",
        "/pricing/plans",
        "/pricing/plans/",
        "/PRICING/*",
        "/*/plans",
        "*plans",
        "*/plans",
        "shop.example.com/pricing/*",
        "*.example.com/*",
        "https://shop.example.com/*",
        "https://*",
        "/pricing/plans?ref=*",
        "*?*ref=mail*",
        "/pricing/plans#top",
        "/pri*pla*ns",
    ],
)
def test_a_page_that_a_pattern_names(pattern):
    assert globs.names(pattern, PAGE)


@pytest.mark.parametrize(
    "pattern",
    [
        "/pricing",
        "/plans",
        "pricing/plans",
        "/pricing/plans?ref=other",
        "/pricing/plans#bottom",
        "http://shop.example.com/*",
        "example.com/*",
        "/pricing/plan",
        "/pricing/.*",
        "/pricing/plan?",
        "/pricing/plans*plans",
    ],
)
def test_a_page_that_it_does_not_name(pattern):
    assert not globs.names(pattern, PAGE)


def test_the_root_and_folders_are_named_with_a_slash_and_without():
    assert globs.names("/", "https://a.example")
    assert globs.names("/", "https://a.example/")
    assert not globs.names("/", "https://a.example/x")
    for url in ("https://a.example/shop", "https://a.example/shop/", "https://a.example/shop/red"):
        assert globs.names("/shop/*", url)
    assert not globs.names("/shop/*", "https://a.example/shopping")


def test_letters_of_any_script_are_the_same_however_the_address_spells_them():
    assert globs.names("/bảng-giá", "https://a.example/b%E1%BA%A3ng-gi%C3%A1")
    assert globs.names("/b%E1%BA%A3ng-gi%C3%A1", "https://a.example/bảng-giá")


def test_an_address_that_cannot_be_read_is_named_by_the_star_alone():
    assert globs.names("*", "http://[")
    assert not globs.names("/*", "http://[")


def test_a_pattern_made_to_be_slow_is_not():
    begun = time.perf_counter()
    assert not globs.names("/" + "*a" * 249, "https://a.example/" + "a" * 1900 + "b" * 90 + "c")
    assert not globs.names("/" + "a*" * 200 + "!", "https://a.example/" + "a" * 2000)
    assert time.perf_counter() - begun < 0.05


@given(st.text("ab*", max_size=8), st.text("ab", max_size=12))
def test_it_says_what_trying_everything_says(pattern, text):
    assert globs.glob(pattern, text) == _by_trying(pattern, text)


def _by_trying(pattern, text):
    if not pattern:
        return not text
    if pattern[0] == "*":
        return any(_by_trying(pattern[1:], text[i:]) for i in range(len(text) + 1))
    return bool(text) and text[0] == pattern[0] and _by_trying(pattern[1:], text[1:])


@pytest.mark.parametrize("text", ["", " /a", "/a ", "/a\n", "/a\x00b", "x" * 501, None, 5, ["/a"]])
def test_what_can_be_no_pattern(text):
    assert not globs.is_pattern(text)


def test_the_more_exact_of_two_patterns_weighs_more():
    page = "https://a.example/shop/red"
    assert globs.weight(["/shop/red"], page) > globs.weight(["/shop/*"], page) > globs.weight(["*"], page) > 0
    assert globs.weight(["/other", "/shop"], page) == 0
