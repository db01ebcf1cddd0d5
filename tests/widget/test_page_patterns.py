"""Which widget a page gets."""

import pytest
from django.core.exceptions import ValidationError

from config.demo.factories import WidgetFactory
from widget.matching import parse_site
from widget.models import valid_pages
from widget.queries import offer_for, widget_for

pytestmark = pytest.mark.django_db
SITE = parse_site("shop.example.com")


def make(world, **fields):
    return WidgetFactory(workspace=world.workspace, domains=["shop.example.com"], **{"is_default": False, **fields})


def test_the_widget_of_a_page_goes_before_the_widget_of_the_site(world):
    site, sales = make(world, is_default=True), make(world, pages=["/pricing", "/sale*"])
    exact = make(world, pages=["/sale/red"])
    for page, expected in [("/", site), ("/pricing", sales), ("/sale/blue", sales), ("/sale/red", exact)]:
        assert widget_for(world.workspace, SITE, f"https://shop.example.com{page}") == expected
    assert widget_for(world.workspace, SITE) == site


def test_a_widget_that_is_off_gives_way(world):
    site = make(world)
    make(world, pages=["/pricing"], enabled=False)
    assert widget_for(world.workspace, SITE, "https://shop.example.com/pricing") == site


def test_on_a_page_that_no_widget_names_none_is_shown(world):
    only = make(world, pages=["/pricing"])
    page = "https://shop.example.com/about"
    assert widget_for(world.workspace, SITE, page) == only
    assert not offer_for(world.workspace, SITE, page).shown
    assert offer_for(world.workspace, SITE, "https://shop.example.com/pricing").shown
    assert offer_for(world.workspace, SITE).shown


def test_a_site_of_its_own_goes_before_a_wildcard_whatever_the_page(world):
    own = make(world)
    WidgetFactory(workspace=world.workspace, is_default=False, domains=["*.example.com"], pages=["/pricing"])
    assert widget_for(world.workspace, SITE, "https://shop.example.com/pricing") == own


@pytest.mark.parametrize("pages", ["/pricing", [5], [""], ["/a", None], ["/x"] * 51])
def test_what_can_be_no_list_of_pages(pages):
    with pytest.raises(ValidationError):
        valid_pages(pages)
