"""Triggers: making, changing and deleting them; which of them a page gets."""

import pytest

from agents.ids import encode
from chat.errors import Invalid, NotFound
from config.demo.factories import TriggerFactory, WidgetFactory
from widget.matching import parse_site
from widget.models import Trigger
from widget.queries import find_prompt, offer_for
from widget.services import triggers

pytestmark = pytest.mark.django_db


@pytest.fixture
def widget(world):
    return WidgetFactory(workspace=world.workspace)


def new(world, **fields):
    return triggers.create(
        world.workspace, **{"name": "Hello", "condition": "page_load", "message": "Can we help?", **fields}
    )


def test_a_trigger_needs_little(world):
    trigger = Trigger.objects.get(pk=new(world, name=" Hello ").pk)
    assert (trigger.name, trigger.condition, trigger.message) == ("Hello", "page_load", "Can we help?")
    assert (trigger.url_pattern, trigger.delay_seconds, trigger.threshold) == ("*", 0, None)
    assert (trigger.repeat, trigger.repeat_hours, trigger.widget, trigger.active) == ("visitor", None, None, True)


def test_a_scroll_trigger_waits_for_half_of_the_page_unless_told_otherwise(world):
    assert new(world, condition="scroll").threshold == 50
    assert new(world, condition="scroll", threshold=80).threshold == 80


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "   "}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"name": None}, "name"),
        ({"condition": "hover"}, "condition"),
        ({"condition": None}, "condition"),
        ({"message": ""}, "message"),
        ({"message": "x" * 501}, "message"),
        ({"message": 5}, "message"),
        ({"delay_seconds": -1}, "delay_seconds"),
        ({"delay_seconds": 3601}, "delay_seconds"),
        ({"delay_seconds": "soon"}, "delay_seconds"),
        ({"delay_seconds": True}, "delay_seconds"),
        ({"delay_seconds": 1.5}, "delay_seconds"),
        ({"delay_seconds": None}, "delay_seconds"),
        ({"threshold": 50}, "threshold"),
        ({"condition": "scroll", "threshold": 0}, "threshold"),
        ({"condition": "scroll", "threshold": 101}, "threshold"),
        ({"url_pattern": ""}, "url_pattern"),
        ({"url_pattern": "x" * 501}, "url_pattern"),
        ({"url_pattern": "/a\x7f"}, "url_pattern"),
        ({"messages": {"fr": "Bonjour"}}, "messages"),
        ({"messages": {"vi": " "}}, "messages"),
        ({"messages": {"vi": "x" * 501}}, "messages"),
        ({"messages": ["Xin chào"]}, "messages"),
        ({"active": "maybe"}, "active"),
        ({"active": None}, "active"),
        ({"repeat": "always"}, "repeat"),
        ({"repeat": "hours"}, "repeat_hours"),
        ({"repeat": "hours", "repeat_hours": 0}, "repeat_hours"),
        ({"repeat_hours": 5}, "repeat_hours"),
    ],
)
def test_what_cannot_be_right_is_refused_by_its_field(world, fields, field):
    with pytest.raises(Invalid) as refusal:
        new(world, **fields)
    assert refusal.value.field == field
    assert str(refusal.value.message)
    assert not Trigger.objects.exists()


def test_a_change_that_is_refused_changes_nothing(world):
    trigger = new(world)
    with pytest.raises(Invalid):
        triggers.update(trigger, name="Other", delay_seconds=-5)
    assert (trigger.name, trigger.delay_seconds) == ("Hello", 0)
    trigger.refresh_from_db()
    assert (trigger.name, trigger.delay_seconds) == ("Hello", 0)


def test_another_condition_or_rhythm_drops_what_does_not_go_with_it(world):
    trigger = new(world, condition="scroll", threshold=80, repeat="hours", repeat_hours=12)
    triggers.update(trigger, condition="idle", delay_seconds=30, repeat="session")
    trigger.refresh_from_db()
    assert (trigger.threshold, trigger.repeat_hours, trigger.delay_seconds) == (None, None, 30)


def test_a_widget_of_another_workspace_does_not_exist(world):
    foreign = WidgetFactory(workspace=world.elsewhere)
    with pytest.raises(NotFound):
        new(world, widget=foreign)
    with pytest.raises(NotFound):
        triggers.update(new(world), widget=foreign)


def test_there_is_a_limit(world, monkeypatch):
    monkeypatch.setattr(triggers, "MOST_TRIGGERS", 2)
    TriggerFactory(workspace=world.elsewhere)
    new(world)
    new(world)
    with pytest.raises(Invalid) as refusal:
        new(world)
    assert refusal.value.code == "too_many_triggers"
    triggers.delete(world.workspace.triggers.first())
    assert new(world)


def offered(world, page="", host="localhost"):
    offer = offer_for(world.workspace, parse_site(host), page)
    return offer.triggers


def test_a_page_gets_the_active_triggers_that_name_it_of_its_widget_and_of_all(world, widget):
    other = WidgetFactory(workspace=world.workspace, is_default=False, domains=["other.example"])
    everywhere, pricing = new(world), new(world, url_pattern="/pricing")
    mine, theirs = new(world, widget=widget), new(world, widget=other)
    new(world, active=False)
    TriggerFactory(workspace=world.elsewhere)
    assert offered(world, "http://localhost/") == [everywhere, mine]
    assert offered(world, "http://localhost/pricing") == [everywhere, pricing, mine]
    assert offered(world, "http://other.example/pricing", "other.example") == [everywhere, pricing, theirs]
    assert offered(world) == [everywhere, pricing, mine]


def test_what_a_page_gets_takes_two_queries_however_much_there_is(world, widget, django_assert_num_queries):
    for number in range(5):
        new(world, url_pattern=f"/{number}")
        WidgetFactory(workspace=world.workspace, is_default=False, pages=[f"/{number}"])
    with django_assert_num_queries(2):
        offer_for(world.workspace, parse_site("localhost"), "http://localhost/3")


def test_a_prompt_is_found_in_its_own_workspace_alone_even_when_switched_off(world, widget):
    trigger = new(world, active=False, messages={"uz": "Yordam kerakmi?"})
    prompt_id = encode("trigger", trigger.uid)
    prompt = find_prompt(world.workspace, prompt_id, "uz")
    assert (prompt.uid, prompt.name, prompt.text) == (trigger.uid, "Hello", "Yordam kerakmi?")
    assert find_prompt(world.elsewhere, prompt_id, "uz") is None
    for nothing in ("", "trigger_", "trigger_" + "0" * 32, "'; --", encode("widget", widget.uid)):
        assert find_prompt(world.workspace, nothing, "uz") is None
    widget.proactive_message = "Need help?"
    widget.save()
    assert find_prompt(world.workspace, encode("widget", widget.uid), "uz").text == "Need help?"


def test_a_visitor_reads_it_in_their_language_if_there_is_one(world):
    trigger = new(world, messages={"vi": "Bạn cần hỗ trợ không?"})
    assert trigger.text("vi") == "Bạn cần hỗ trợ không?"
    assert trigger.text("uz") == trigger.text("en") == "Can we help?"


def test_a_site_without_triggers_and_pages_does_not_depend_on_the_page(world, widget):
    def by_page():
        return offer_for(world.workspace, parse_site("localhost")).by_page

    assert not by_page()
    trigger = new(world, active=False)
    assert not by_page()
    triggers.update(trigger, active=True)
    assert by_page()
    triggers.delete(trigger)
    widget.pages = ["/shop/*"]
    widget.save()
    assert by_page()
