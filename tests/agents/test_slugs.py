"""Slugs in our languages."""

import pytest

from agents.slugs import free_slug, slugify


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Hoa Sen Outdoor", "hoa-sen-outdoor"),
        ("Công ty Điện máy Đà Nẵng", "cong-ty-dien-may-da-nang"),
        ("Oʻzbekiston", "ozbekiston"),
        ("G‘alaba – Yangi yo'l", "galaba-yangi-yol"),
        ("Ўзбек Ғалаба", "ozbek-galaba"),
        ("  A & B  ", "a-b"),
        ("日本", ""),
        ("x" * 80, "x" * 60),
    ],
)
def test_names_become_slugs(name, slug):
    assert slugify(name) == slug


def test_a_taken_slug_gets_a_number():
    taken = {"acme", "acme-2"}
    assert free_slug("Acme", taken.__contains__) == "acme-3"


def test_a_long_taken_slug_stays_within_its_length():
    taken = {"x" * 60}
    assert free_slug("x" * 80, taken.__contains__) == "x" * 58 + "-2"


def test_a_name_without_letters_still_gets_one():
    assert free_slug("日本", lambda slug: False) == "workspace"
