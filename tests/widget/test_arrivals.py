"""Who arrives: known, proved, claimed or new."""

import pytest

from chat.models import Visitor
from config.demo.factories import VisitorFactory
from widget.arrivals import arrive
from widget.identity import Identity

pytestmark = pytest.mark.django_db


def test_somebody_new_is_a_new_visitor(world):
    visitor = arrive(world.workspace, details={"name": "Ann", "email": "", "custom_fields": {"plan": "pro"}})
    assert (visitor.name, visitor.verified, visitor.custom_fields) == ("Ann", False, {"plan": "pro"})


def test_custom_fields_are_added_to_those_that_are_there(world):
    visitor = arrive(world.workspace, details={"custom_fields": {"plan": "pro", "seats": 2}})
    again = arrive(world.workspace, known=visitor, details={"custom_fields": {"seats": 3}})
    assert again.custom_fields == {"plan": "pro", "seats": 3}


def test_a_claim_is_kept_apart_from_what_is_proved(world):
    visitor = arrive(world.workspace, claimed_id="customer-7")
    assert (visitor.claimed_id, visitor.external_id) == ("customer-7", "")
    proved = arrive(world.workspace, known=visitor, identity=Identity("customer-7"))
    assert proved == visitor
    assert (proved.claimed_id, proved.external_id, proved.verified) == ("", "customer-7", True)


def test_a_proved_customer_is_found_again_whoever_is_at_the_browser(world):
    kim = arrive(world.workspace, identity=Identity("customer-7", name="Kim"))
    anonymous = VisitorFactory(workspace=world.workspace)
    assert arrive(world.workspace, known=anonymous, identity=Identity("customer-7")) == kim
    assert Visitor.objects.filter(pk=anonymous.pk, external_id="").exists()


def test_another_customer_at_the_same_browser_is_another_visitor(world):
    kim = arrive(world.workspace, identity=Identity("customer-7"))
    lee = arrive(world.workspace, known=kim, identity=Identity("customer-8"))
    assert lee != kim
    assert kim.external_id == "customer-7"


def test_the_same_customer_id_in_another_workspace_is_somebody_else(world):
    here = arrive(world.workspace, identity=Identity("customer-7"))
    there = arrive(world.elsewhere, identity=Identity("customer-7"))
    assert here != there
    assert there.workspace == world.elsewhere


def test_a_server_may_correct_what_is_proved_and_a_page_may_not(world):
    kim = arrive(world.workspace, identity=Identity("customer-7", email="kim@example.com"))
    details = {"email": "new@example.com"}
    assert arrive(world.workspace, known=kim, details=details).email == "kim@example.com"
    assert arrive(world.workspace, known=kim, details=details, trusted=True).email == "new@example.com"
