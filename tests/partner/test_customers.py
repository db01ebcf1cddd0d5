"""``PATCH /api/customers/:customerId``."""

import pytest

from chat.models import Visitor

from .conftest import CUSTOMER, Caller

pytestmark = pytest.mark.django_db
PATH = f"customers/{CUSTOMER}"
JOHN = {"email": "customer@example.com", "name": "John Doe", "birthdate": "1990-01-15"}


@pytest.fixture(autouse=True)
def known(conversation):
    """The customer is there."""


def test_what_is_sent_changes_and_all_is_answered(server):
    shown = server.patch(PATH, JOHN)
    assert set(shown) == {"id", "email", "name", "birthdate", "createdAt", "updatedAt"}
    assert {name: shown[name] for name in JOHN} == JOHN
    assert shown["id"] == CUSTOMER
    assert shown["updatedAt"] > shown["createdAt"]
    john = Visitor.objects.get(external_id=CUSTOMER)
    assert (john.email, john.name, str(john.birthdate)) == tuple(JOHN.values())


def test_what_is_absent_stays_and_null_empties(server):
    server.patch(PATH, JOHN)
    assert server.patch(PATH, {"name": "Jane"})["email"] == JOHN["email"]
    shown = server.patch(PATH, {"birthdate": None, "email": None})
    assert (shown["birthdate"], shown["email"], shown["name"]) == (None, None, "Jane")


def test_nothing_else_can_be_set(server):
    before = Visitor.objects.values().get(external_id=CUSTOMER)
    sent = {"id": "x", "external_id": "x", "verified": False, "workspace": 1, "createdAt": "x", "claimed_id": "x"}
    server.patch(PATH, sent)
    assert Visitor.objects.values().get(external_id=CUSTOMER) == before


@pytest.mark.parametrize(
    "body",
    [
        {"email": "x"}, {"email": 5}, {"name": 5}, {"name": "x" * 201}, {"name": "\0"}, {"birthdate": "15.01.1990"},
        {"birthdate": "1990-02-30"}, {"birthdate": "2999-01-01"}, {"birthdate": "1800-01-01"}, {"birthdate": 5},
        {"birthdate": "1990-01-15T00:00:00Z"},
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_and_changes_nothing(server, body):
    server.patch(PATH, JOHN)
    refusal = server.patch(PATH, {"name": "Jane", **body} if "name" not in body else body, expect=400)
    assert refusal["fields"][0]["field"] in body
    assert Visitor.objects.get(external_id=CUSTOMER).name == "John Doe"


def test_a_customer_of_elsewhere_is_as_nobody(world, server, elsewhere):
    elsewhere.begin("theirs")
    refusals = [server.patch(f"customers/{name}", {"name": "x"}, expect=404) for name in ("theirs", "nobody")]
    assert refusals[0] == refusals[1]
    assert Visitor.objects.get(external_id="theirs").name == ""


def test_a_page_changes_nobody(customer, page):
    customer.patch(PATH, {"name": "x"}, expect=403)
    page.patch(PATH, {"name": "x"}, expect=403)
    Caller().patch(PATH, {"name": "x"}, expect=401)
