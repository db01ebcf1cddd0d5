"""The agent's own things: workspace, presence, language, look, badges, suggestions."""

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from agents.models import Role
from agents.pictures import picture_url
from chat.access import Actor
from chat.services import tagging
from config.demo.factories import AgentFactory

pytestmark = pytest.mark.django_db


def test_who_has_two_seats_chooses_and_the_choice_is_kept(world, sit):
    second = AgentFactory(workspace=world.elsewhere, user=world.operator.user, name="Otto too", role=Role.OPERATOR)
    browser = sit(world.operator)
    assert browser.get("/inbox/").context["seat"] == world.operator
    assert browser.post("/inbox/workspace", {"workspace": world.elsewhere.uid.hex}).status_code == 302
    assert browser.get("/inbox/").context["seat"] == second


def test_a_workspace_without_a_seat_cannot_be_chosen(world, sit):
    browser = sit(world.operator)
    assert browser.post("/inbox/workspace", {"workspace": world.elsewhere.uid.hex}).status_code == 404
    assert browser.get("/inbox/").context["seat"] == world.operator


def test_a_seat_that_was_taken_away_is_not_sat_in(world, sit):
    second = AgentFactory(workspace=world.elsewhere, user=world.operator.user, name="Otto too")
    browser = sit(world.operator)
    browser.post("/inbox/workspace", {"workspace": world.elsewhere.uid.hex})
    second.is_active = False
    second.save()
    assert browser.get("/inbox/").context["seat"] == world.operator


def test_saying_that_one_is_away(world, sit):
    browser = sit(world.operator)
    assert browser.post("/inbox/presence", {"status": "away", "message": "Lunch"}).status_code == 204
    world.operator.refresh_from_db()
    assert (world.operator.status, world.operator.status_message) == ("away", "Lunch")
    assert browser.post("/inbox/presence", {"status": "asleep"}).status_code == 400


def test_a_picture_of_oneself(world, sit):
    browser = sit(world.operator)
    out = BytesIO()
    Image.new("RGB", (300, 300), "teal").save(out, "PNG")
    upload = SimpleUploadedFile("me.png", out.getvalue())
    assert browser.post("/inbox/picture", {"picture": upload}).status_code == 204
    world.operator.refresh_from_db()
    address = picture_url(world.operator)
    assert browser.get("/inbox/").content.decode().count(address) == 1
    assert address in sit(world.supervisor).get("/inbox/team").content.decode()
    wrong = browser.post("/inbox/picture", {"picture": SimpleUploadedFile("me.png", b"<svg/>")})
    assert wrong.status_code == 400 and wrong.json()["field"] == "picture"
    assert browser.post("/inbox/picture").status_code == 400
    plain = browser.post("/inbox/picture", HTTP_ACCEPT="text/html", follow=True)
    assert "PNG" in plain.content.decode()
    world.operator.refresh_from_db()
    assert picture_url(world.operator) == address
    assert browser.post("/inbox/picture", {"remove": "1"}).status_code == 204
    assert address not in browser.get("/inbox/").content.decode()


def test_choosing_language_and_look(world, sit):
    browser = sit(world.operator)
    assert browser.post("/inbox/preferences", {"language": "uz", "theme": "dark"}).status_code == 204
    page = browser.get("/inbox/").content.decode()
    assert '<html lang="uz"' in page
    assert 'data-theme="dark"' in page
    assert browser.post("/inbox/preferences", {"language": "xx"}).status_code == 400


def test_badges_count_what_asks_for_work(world, sit, talk):
    talk(agent=world.operator)
    talk(world.other_visitor)
    counts = sit(world.operator).get("/inbox/counts").json()
    assert counts == {"mine": 1, "waiting": 1, "parked": 0, "all": 2, "unread": 1}


def test_tags_are_suggested_from_the_own_workspace(world, sit, talk):
    chat = talk(agent=world.operator)
    tagging.tag(chat, Actor.of_agent(world.operator), "refund")
    assert sit(world.operator).get("/inbox/tags?q=Ref").json() == {"tags": ["refund"]}
    assert sit(world.outsider).get("/inbox/tags?q=ref").json() == {"tags": []}


def test_the_team_shows_presence_and_load(world, sit, talk):
    talk(agent=world.operator)
    page = sit(world.supervisor).get("/inbox/team?part=menu").content.decode()
    assert "Otto" in page
    assert "Oscar" not in page
    assert f'data-agent="{world.operator.uid.hex}" data-status="busy"' in page
    assert f"1/{world.operator.max_chats}" in page
