"""``POST /api/partner/register``: a workspace of its own, if the operator lets anybody, and not too many."""

import pytest
from django.contrib.auth import get_user_model

from agents.models import Agent, Workspace
from chat.models import Visitor
from integrations.keys.models import SecretKey
from integrations.partner import registering
from integrations.partner.models import Partner
from widget.models import PublishableKey

from .conftest import Caller

pytestmark = pytest.mark.django_db
WANTED = {"name": "Your Company Name", "domain": "yourdomain.com"}


@pytest.fixture
def anybody(settings) -> Caller:
    settings.REGISTRATIONS_PER_MINUTE = (100, 100)
    return Caller()


def register(caller, expect=201, **more):
    return caller.post("partner/register", {**WANTED, **more}, expect)


def test_the_answer_is_as_documented_with_keys_that_work(anybody):
    made = register(anybody)
    assert made["message"] == "Partner successfully registered"
    assert made["partnerId"].startswith("partner-")
    assert (made["name"], made["domain"], made["status"]) == ("Your Company Name", "yourdomain.com", "approved")
    assert made["apiKey"].startswith("sk_") and made["widgetKey"].startswith("pk_")
    assert Caller(made["apiKey"]).begin()["status"] == "waiting"
    assert Workspace.objects.get().widgets.get().domains == ["yourdomain.com", "www.yourdomain.com"]


def test_two_of_one_domain_have_nothing_in_common(anybody):
    first, second = register(anybody), register(anybody)
    assert first["partnerId"] != second["partnerId"]
    begun = Caller(first["apiKey"]).begin()
    stranger = Caller(second["apiKey"])
    stranger.get(f"partner/messages/{begun['id']}", expect=404)
    assert stranger.get("partner/conversations/customer-12345") == []
    stranger.patch("customers/customer-12345", {"name": "x"}, expect=404)
    assert Visitor.objects.get().name == ""


def test_closed_means_nobody(anybody, settings):
    settings.PARTNER_REGISTRATION = "closed"
    assert register(anybody, expect=403)["error"] == "registration_closed"
    assert not Workspace.objects.exists()


def test_who_must_be_approved_has_keys_that_work_from_then_on(anybody, settings):
    settings.PARTNER_REGISTRATION = "approved"
    made = register(anybody, email="owner@yourdomain.com")
    assert made["status"] == "pending"
    assert "approved" in made["message"]
    server, page = Caller(made["apiKey"]), Caller(made["widgetKey"])
    assert server.begin(expect=401)["error"] == "unauthorized"
    page.begin(expect=401)
    registering.approve(Partner.objects.get())
    server.begin()
    page.begin(expect=403)
    assert not SecretKey.objects.filter(expires_at__isnull=False).exists()
    assert not PublishableKey.objects.filter(expires_at__isnull=False).exists()


def test_approving_again_revives_no_key(anybody, settings):
    settings.PARTNER_REGISTRATION = "approved"
    register(anybody)
    partner = Partner.objects.get()
    registering.approve(partner)
    SecretKey.objects.update(expires_at=partner.created_at)
    registering.approve(partner)
    assert SecretKey.objects.filter(expires_at__isnull=False).exists()


def test_nobody_is_made_by_an_address_in_a_registration(world, anybody):
    """Neither a login for who has none nor a seat for who has: that is for the mail's link. Both answer the same."""
    users, agents = get_user_model().objects.count(), Agent.objects.count()
    answers = [register(anybody, email=email) for email in (world.owner.user.email, "nobody@yourdomain.com")]
    assert {frozenset(answer) for answer in answers} == {frozenset(answers[0])}
    assert (get_user_model().objects.count(), Agent.objects.count()) == (users, agents)


@pytest.mark.parametrize(
    "domain",
    ["https://yourdomain.com", "yourdomain.com/shop", "*.yourdomain.com", "a b", "", "x" * 254, "-.com", "a..b", 5],
)
def test_what_is_no_host_is_refused(anybody, domain):
    assert register(anybody, domain=domain, expect=400)["fields"][0]["field"] == "domain"
    assert not Workspace.objects.exists()


@pytest.mark.parametrize(
    ("domain", "kept"),
    [
        ("YourDomain.com", "yourdomain.com"),
        ("localhost:3000", "localhost:3000"),
        ("bücher.example", "xn--bcher-kva.example"),
    ],
)
def test_a_host_is_kept_as_browsers_write_it(anybody, domain, kept):
    assert register(anybody, domain=domain)["domain"] == kept


@pytest.mark.parametrize(
    "more", [{"name": ""}, {"name": "x" * 121}, {"name": 5}, {"email": "x"}, {"email": "a\nb@c.d"}]
)
def test_bad_fields_are_named(anybody, more):
    assert register(anybody, **more, expect=400)["fields"][0]["field"] in more


def test_an_address_registers_few_a_minute_and_all_together_not_many(settings):
    settings.REGISTRATIONS_PER_MINUTE = (2, 3)
    register(Caller()), register(Caller())
    assert register(Caller(), expect=429)["error"] == "too_many_requests"
    counted = Workspace.objects.count()
    settings.REGISTRATIONS_PER_MINUTE = (100, 2)
    register(Caller(), expect=429)
    assert Workspace.objects.count() == counted


def test_a_day_has_its_end(anybody, settings):
    settings.REGISTRATIONS_PER_ADDRESS, settings.REGISTRATIONS_PER_DAY = 2, 100
    register(anybody), register(anybody)
    register(anybody, expect=429)
    settings.REGISTRATIONS_PER_ADDRESS, settings.REGISTRATIONS_PER_DAY = 100, 2
    register(anybody, expect=429)
    Partner.objects.update(asked_from="")
    register(anybody)
