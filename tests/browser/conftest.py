"""The shop, its team and its visitors."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.product import Product

from .inbox import Office
from .shop import PAGE, Shop, Team, Visitor


@pytest.fixture
def shop() -> Iterator[Shop]:
    """A web server on another origin."""
    shop = Shop()
    yield shop
    shop.close()


@pytest.fixture(scope="module")
def team(product: Product) -> Team:
    """A company that uses the product."""
    return Team(product)


@pytest.fixture
def embed(shop: Shop, team: Team) -> Callable[..., str]:
    """Return a maker of pages that embed the widget as the partner guide shows."""

    def make(path: str = "/", *, style: str = "", before: str = "", lang: str = "en", **options: Any) -> str:
        text = json.dumps({"apiKey": team.key, **options})
        parley = team.product.url
        return shop.show(path, PAGE.format(lang=lang, style=style, before=before, parley=parley, options=text))

    return make


@pytest.fixture
def visit(new_context: Callable[..., Any], embed: Callable[..., str]) -> Callable[..., Visitor]:
    """Return a maker of visitors: each in a browser of their own unless ``context`` is given."""

    def make(url: str = "", *, context: Any = None, **options: Any) -> Visitor:
        context = context or new_context(**{"viewport": {"width": 1200, "height": 800}, "locale": "en-US", **options})
        return Visitor(context.new_page(), url or embed())

    return make


@pytest.fixture
def office(product: Product, new_context: Callable[..., Any]) -> Office:
    """A workspace of the product, and its agents in front of the inbox."""
    return Office(product, new_context)
