"""POST /v1/chat/sessions: who may start, as whom, and what a start that is sent again does."""

import time

import jwt
import pytest
import time_machine

from agents.ids import encode
from chat.models import Chat, Message, Visitor
from config.demo.factories import PublishableKeyFactory, VisitorFactory, WidgetFactory
from widget import tokens

from .conftest import SITE, Caller, start_chat

pytestmark = pytest.mark.django_db
KEY = "a-start-key-of-the-page"


def identity(workspace, customer="customer-7", **claims):
    claims = {"sub": customer, "exp": int(time.time()) + 60, **claims}
    return jwt.encode(claims, workspace.identity_secret, algorithm="HS256")


def visitor_of(answer) -> Visitor:
    return Visitor.objects.get(uid=answer.data["visitorId"].removeprefix("visitor_"))


def test_a_page_starts_a_session_for_a_new_visitor_who_gets_a_token(page):
    answer = page.post("sessions", {"initialMessage": "Hi", "visitor": {"name": "Ann", "email": "ann@example.com"}})
    assert (answer.status, answer.code) == (201, 1001)
    visitor = visitor_of(answer)
    assert (visitor.name, visitor.email, visitor.verified) == ("Ann", "ann@example.com", False)
    assert tokens.read(answer.data["token"]) == visitor
    mine = Caller(answer.data["token"]).get(f"sessions/{answer.data['sessionId']}")
    assert mine.data["messageCount"] == 1
    assert answer.data["resumed"] is False


def test_the_first_message_is_the_visitors(server):
    answer = server.post("sessions", {"initialMessage": "Xin chào 👋"})
    message = Message.objects.get(kind="text")
    assert (message.body, message.author_kind) == ("Xin chào 👋", "visitor")
    assert answer.data["session"]["messageCount"] == 1


@pytest.mark.django_db(transaction=True)  # the queue moves after the commit
def test_a_session_may_start_without_a_word(page):
    assert page.post("sessions", {}).data["session"]["lastSeq"] == 1  # somebody took it
    assert Message.objects.get().payload["event"] == "assigned"


def test_the_visitor_who_has_a_session_open_gets_it_again(vera, chat):
    answer = vera.post("sessions", {"initialMessage": "Still me"})
    assert answer.data["sessionId"] == encode("session", chat.uid)
    assert answer.data["resumed"] is True
    assert answer.data["session"]["messageCount"] == 2


def test_after_the_end_a_new_session_is_chained_to_the_last(vera, chat, session):
    vera.post(f"{session}/end")
    answer = vera.post("sessions", {"initialMessage": "One more thing"})
    assert answer.data["resumed"] is False
    assert answer.data["session"]["previousSessionId"] == encode("session", chat.uid)


def test_a_start_sent_again_answers_the_same_session_and_says_nothing_twice(page):
    body = {"startKey": KEY, "initialMessage": "Hi"}
    first, again = page.post("sessions", body), page.post("sessions", body)
    assert first.data["sessionId"] == again.data["sessionId"]
    assert first.data["visitorId"] == again.data["visitorId"]
    assert again.data["resumed"] is False
    assert Message.objects.filter(kind="text").count() == 1
    assert Visitor.objects.filter(uid=first.data["visitorId"][8:]).count() == 1


def test_a_start_sent_again_after_the_end_answers_the_ended_session(page):
    body = {"startKey": KEY, "initialMessage": "Hi"}
    first = page.post("sessions", body)
    Caller(first.data["token"]).post(f"sessions/{first.data['sessionId']}/end")
    again = page.post("sessions", body)
    assert (again.status, again.data["sessionId"], again.data["status"]) == (201, first.data["sessionId"], "ended")


def test_a_start_key_opens_a_session_for_an_hour_only(page):
    body = {"startKey": KEY}
    with time_machine.travel(time.time() - 3700, tick=True):
        page.post("sessions", body)
    answer = page.post("sessions", body)
    assert (answer.status, answer.code) == (409, 4090)


def test_the_start_key_of_one_opens_nothing_to_another(page, server, vera, victor):
    sessions = {c.post("sessions", {"startKey": KEY}).data["sessionId"] for c in (page, server, vera, victor)}
    assert len(sessions) == 4


def test_the_start_key_of_one_company_opens_nothing_at_another(world, page):
    """Both pages chose the same one: each gets a session of its own, and nobody the other's visitor."""
    WidgetFactory(workspace=world.elsewhere, domains=["shop.example.com"])
    foreign_page = Caller(PublishableKeyFactory(workspace=world.elsewhere).secret, {"Origin": SITE})
    first, theirs = page.post("sessions", {"startKey": KEY}), foreign_page.post("sessions", {"startKey": KEY})
    assert theirs.status == 201
    assert first.data["sessionId"] != theirs.data["sessionId"]
    assert first.data["visitorId"] != theirs.data["visitorId"]
    assert visitor_of(theirs).workspace == world.elsewhere
    assert Chat.objects.of(world.elsewhere).get().visitor == visitor_of(theirs)


def test_a_start_key_that_could_be_guessed_is_refused(page):
    assert page.post("sessions", {"startKey": "1"}).fields == ["startKey"]


def test_the_stored_start_key_tells_nothing(page):
    page.post("sessions", {"startKey": KEY})
    assert KEY not in Chat.objects.get().start_key


# -- who the visitor is ---------------------------------------------------------------------------------------------


def test_a_claim_to_be_a_customer_is_shown_and_opens_nothing(world, page):
    known = VisitorFactory(workspace=world.workspace, external_id="customer-7", verified=True)
    past = start_chat(known)
    answer = page.post("sessions", {"customerId": "customer-7"})
    visitor = visitor_of(answer)
    assert visitor != known
    assert (visitor.claimed_id, visitor.external_id, visitor.verified) == ("customer-7", "", False)
    mine = Caller(answer.data["token"])
    assert mine.get(f"sessions/{encode('session', past.uid)}").code == 4001


def test_the_documents_visitor_id_from_a_page_is_a_claim_too(page):
    assert visitor_of(page.post("sessions", {"visitorId": "visitor_123456789"})).claimed_id == "visitor_123456789"


def test_a_page_cannot_name_a_visitor_of_ours(world, page):
    answer = page.post("sessions", {"visitorId": encode("visitor", world.visitor.uid)})
    assert visitor_of(answer) != world.visitor
    assert visitor_of(answer).claimed_id == ""


def test_with_an_identity_token_the_customer_is_known(world, page):
    known = VisitorFactory(workspace=world.workspace, external_id="customer-7", verified=True, name="Kim")
    token = identity(world.workspace, email="kim@example.com")
    answer = page.post("sessions", {"customerId": "customer-7", "identityToken": token})
    assert visitor_of(answer) == known
    known.refresh_from_db()
    assert known.email == "kim@example.com"


def test_an_anonymous_visitor_who_proves_who_they_are_keeps_the_session(world, vera, chat):
    answer = vera.post("sessions", {"identityToken": identity(world.workspace)})
    assert answer.data["sessionId"] == encode("session", chat.uid)
    world.visitor.refresh_from_db()
    assert (world.visitor.external_id, world.visitor.verified) == ("customer-7", True)


def test_what_a_page_says_changes_nothing_that_is_proved(world, page):
    VisitorFactory(workspace=world.workspace, external_id="customer-7", verified=True, name="Kim", email="k@e.com")
    body = {"identityToken": identity(world.workspace), "visitor": {"name": "Boss", "email": "b@e.com", "phone": "1"}}
    visitor = visitor_of(page.post("sessions", body))
    assert (visitor.name, visitor.email, visitor.phone) == ("Kim", "k@e.com", "1")


@pytest.mark.parametrize(
    ("claims", "customer"),
    [
        ({"exp": 1}, "customer-7"),
        ({"exp": None}, "customer-7"),
        ({"sub": ""}, "customer-7"),
        ({"sub": 7}, "customer-7"),
        ({}, "customer-8"),
    ],
    ids=["run out", "for ever", "nobody", "a number", "another customer"],
)
def test_a_bad_identity_token_starts_nothing(world, page, claims, customer):
    claims = {"sub": "customer-7", "exp": int(time.time()) + 60, **claims}
    token = jwt.encode({k: v for k, v in claims.items() if v is not None}, world.workspace.identity_secret)
    answer = page.post("sessions", {"customerId": customer, "identityToken": token})
    assert (answer.status, answer.code, answer.fields) == (400, 4000, ["identityToken"])
    assert not Chat.objects.exists()
    assert not Visitor.objects.filter(external_id="customer-7").exists()


def test_a_server_names_its_customer_in_its_own_words(world, server):
    first = server.post("sessions", {"visitorId": "visitor_123456789"})
    again = server.post("sessions", {"visitorId": "visitor_123456789"})
    assert first.data["visitorId"] == again.data["visitorId"]
    assert (visitor_of(first).external_id, visitor_of(first).verified) == ("visitor_123456789", True)


def test_a_server_names_a_visitor_of_ours(world, server):
    answer = server.post("sessions", {"visitorId": encode("visitor", world.visitor.uid)})
    assert visitor_of(answer) == world.visitor


def test_a_visitor_of_elsewhere_is_as_one_that_does_not_exist(world, server):
    foreign = server.post("sessions", {"visitorId": encode("visitor", world.stranger.uid)})
    unknown = server.post("sessions", {"visitorId": "visitor_" + "0" * 32})
    assert (foreign.status, foreign.body) == (unknown.status, unknown.body)
    assert (foreign.status, foreign.code) == (404, 4040)


def test_an_agent_gets_no_token_of_the_visitors(otto, world):
    answer = otto.post("sessions", {"visitorId": encode("visitor", world.visitor.uid)})
    assert answer.status == 201
    assert "token" not in answer.data


# -- where it goes --------------------------------------------------------------------------------------------------


def test_the_department_is_named_by_its_slug_or_its_id(world, server):
    by_slug = server.post("sessions", {"department": "sales"})
    by_id = server.post("sessions", {"department": str(world.support.uid)})
    assert (by_slug.data["session"]["department"], by_id.data["session"]["department"]) == ("sales", "support")


@pytest.mark.parametrize("name", ["nowhere", "department_" + "0" * 32])
def test_an_unknown_department_is_not_found(server, name):
    answer = server.post("sessions", {"department": name})
    assert (answer.status, answer.code, answer.fields) == (404, 4040, ["department"])
    assert not Chat.objects.exists()


def test_the_widget_on_the_page_says_the_department(world, page, widget):
    WidgetFactory(workspace=world.workspace, is_default=False, domains=["sales.brand.example"], department=world.sales)
    answer = page.post("sessions", {"source": {"url": "https://sales.brand.example/buy"}})
    assert answer.data["session"]["department"] == "sales"


@pytest.mark.django_db(transaction=True)  # the queue moves after the commit
def test_a_free_agent_takes_the_session_at_once(server):
    answer = server.post("sessions", {})
    assert (answer.data["status"], answer.data["queuePosition"]) == ("active", None)
    assert answer.data["assignedAgent"]["isOnline"] is True


def test_without_a_free_agent_it_waits_and_says_how_long(world, server):
    world.workspace.agents.update(status="away")
    server.post("sessions", {})
    answer = server.post("sessions", {})
    assert (answer.data["status"], answer.data["queuePosition"], answer.data["assignedAgent"]) == ("waiting", 2, None)
    assert answer.data["estimatedWaitTime"] > 0


@pytest.mark.parametrize("priority", ["high", "urgent"])
def test_a_page_cannot_jump_the_queue_and_a_server_can(page, server, priority):
    refused = page.post("sessions", {"priority": priority})
    assert (refused.status, refused.code) == (403, 4030)
    assert server.post("sessions", {"priority": priority}).data["session"]["priority"] == priority


# -- who may not ----------------------------------------------------------------------------------------------------


def test_nobody_starts_without_a_token():
    answer = Caller().post("sessions", {})
    assert (answer.status, answer.code) == (401, 4010)
    assert "Bearer" in answer.headers["WWW-Authenticate"]


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "https://shop.example.com.evil.example",
        "https://evilshop.example.com",
        "https://brand.example",
        "null",
        "ftp://shop.example.com",
    ],
)
def test_a_page_of_another_site_cannot_use_the_key(page, origin):
    answer = page.post("sessions", {}, Origin=origin)
    assert (answer.status, answer.code) == (403, 4030)


def test_an_app_that_is_no_browser_sends_no_origin_and_may_start(page):
    assert Caller(page.token).post("sessions", {}).status == 201
    assert Caller(page.token).post("sessions", {}, Sec_Fetch_Site="cross-site").code == 4030


def test_the_widgets_own_frame_may_use_the_key(page):
    assert page.post("sessions", {}, Origin="http://testserver").status == 201


def test_a_revoked_key_starts_nothing(world, widget):
    key = PublishableKeyFactory(workspace=world.workspace)
    type(key).objects.update(revoked_at="2026-01-01T00:00:00Z")
    assert Caller(key.secret, {"Origin": "https://shop.example.com"}).post("sessions", {}).code == 4010


def test_anonymous_starts_are_limited_and_say_when_to_come_back(page, settings):
    settings.STARTS_PER_MINUTE = 2
    answers = [page.post("sessions", {}) for _ in range(3)]
    assert [a.status for a in answers] == [201, 201, 429]
    assert answers[-1].code == 4290
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 60
    elsewhere = page.call("POST", "sessions", {}, X_Forwarded_For="203.0.113.9")
    assert elsewhere.status == 429, "a header must not evade the limit"
