"""``/api/partner/conversations``: one at a time for a customer, and nobody else's."""

import pytest

from chat.access import Actor
from chat.models import Chat, Visitor
from chat.services import lifecycle

from .conftest import CUSTOMER, Caller, token_of

pytestmark = pytest.mark.django_db
MOMENT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"


def test_a_new_conversation_is_as_documented_with_a_token_beside_it(server, conversation):
    documented = {"id", "customerId", "agentId", "status", "createdAt", "updatedAt"}
    assert set(conversation) == documented | {"token", "tokenExpiresAt", "websocketUrl"}
    assert (conversation["customerId"], conversation["status"], conversation["agentId"]) == (CUSTOMER, "waiting", None)
    assert conversation["websocketUrl"].startswith("ws://testserver/ws?clientId=customer-12345&token=vt_")


def test_a_second_create_answers_the_open_one(server, conversation):
    again = server.begin(expect=200)
    assert again["id"] == conversation["id"]
    assert Chat.objects.count() == 1


def test_after_an_end_a_new_one_continues_the_line(server, conversation):
    first = Chat.objects.get(pk=conversation["id"])
    lifecycle.close(first, Actor.of_workspace(first.workspace))
    second = Chat.objects.get(pk=server.begin()["id"])
    assert second.previous == first
    assert second.conversation_uid == first.conversation_uid
    shown = server.get(f"partner/conversations/{CUSTOMER}")
    assert [(c["id"], c["status"]) for c in shown] == [(second.pk, "waiting"), (first.pk, "closed")]
    assert [c["id"] for c in server.get(f"partner/conversations/{CUSTOMER}?limit=1")] == [second.pk]


def test_the_server_vouches_for_the_customer(conversation):
    visitor = Chat.objects.get(pk=conversation["id"]).visitor
    assert (visitor.external_id, visitor.verified) == (CUSTOMER, True)


def test_the_same_customer_of_two_partners_is_two(server, elsewhere, conversation):
    other = elsewhere.begin()
    assert other["id"] != conversation["id"]
    assert [c["id"] for c in elsewhere.get(f"partner/conversations/{CUSTOMER}")] == [other["id"]]
    elsewhere.get(f"partner/messages/{conversation['id']}", expect=404)
    elsewhere.say(conversation["id"], expect=404)


def test_a_customer_with_their_token_has_their_own_and_nobody_elses(server, customer, conversation):
    server.begin("customer-2")
    assert customer.begin(expect=200)["id"] == conversation["id"]
    assert len(customer.get(f"partner/conversations/{CUSTOMER}")) == 1
    assert customer.get("partner/conversations/customer-2") == []
    assert customer.begin("customer-2", expect=404)["error"] == "not_found"
    assert customer.begin("customer-3", expect=404)["error"] == "not_found"


def test_nobody_begins_with_a_pages_key_or_in_an_agents_name(page, otto):
    assert page.begin(expect=403)["error"] == "forbidden"
    assert otto.begin(expect=403)["error"] == "forbidden"
    assert Caller().begin(expect=401) == {
        "error": "unauthorized",
        "message": "Send your API key: Authorization: Bearer your-api-key",
    }
    assert Caller("sk_nobody").begin(expect=401)["error"] == "unauthorized"


@pytest.mark.parametrize("name", [None, "", " ", 5, "x" * 201, "a\0", ["x"], {}])
def test_what_is_no_customer_is_refused_and_changes_nothing(server, name):
    before = Visitor.objects.count()
    assert server.begin(name, expect=400)["fields"][0]["field"] == "customerId"
    assert Visitor.objects.count() == before


def test_a_customers_id_may_look_like_anything(server):
    for name in ("a/b", "ann@example.com", "khách hàng 1", "visitor_x", "100%", "a?b#c"):
        begun = server.begin(name)
        assert begun["customerId"] == name
        path = name.replace("%", "%25").replace("?", "%3F").replace("#", "%23")
        assert [c["id"] for c in server.get(f"partner/conversations/{path}")] == [begun["id"]]


def test_a_visitor_whom_no_partner_named_has_our_id(world, server):
    ours = f"visitor_{world.visitor.uid.hex}"
    begun = server.begin(ours)
    assert (begun["customerId"], Chat.objects.get(pk=begun["id"]).visitor) == (ours, world.visitor)
    assert server.begin(f"visitor_{world.stranger.uid.hex}", expect=404) == server.begin(
        "visitor_" + "0" * 32, expect=404
    )
    assert Caller(token_of(world.visitor)).begin(ours, expect=200)["id"] == begun["id"]


def test_a_customer_whom_nobody_knows_has_none(server):
    assert server.get("partner/conversations/nobody") == []
    server.get("partner/conversations/nobody?limit=0", expect=400)


def test_there_is_nothing_beside_the_contracts_addresses(server):
    for path in ("", "partner", "partner/", "partner/nothing", "customers", "v2/x"):
        assert server.get(path, expect=404)["error"] == "not_found"
    assert server.call("DELETE", "partner/messages", expect=405)["error"] == "method_not_allowed"
