"""The whole path of automated replies: set up and tried in Django admin, a visitor answered in the widget, a person
called; then drafts above an agent's composer, and saved answers behind a slash."""

import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.replies import model as talk
from tests.replies.model import Model

from .inbox import sign_in
from .shop import Team

SHOTS = os.environ.get("PARLEY_SHOTS")
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
RETURNS = "Goods come back within 30 days. Write the order's number on the parcel."


@pytest.fixture(scope="module")
def team(product):
    return Team(product)


@pytest.fixture(scope="module")
def model():
    model = Model(talk.says("You can return goods within 30 days. https://acme.example/returns", pause=0.3))
    yield model
    model.close()


@pytest.fixture(scope="module")
def owner(product, team):
    slug = team.workspace["slug"]
    return product.manage_json("create_agent", slug, f"owner-{slug}@example.com", "--name", "Olga", "--role", "owner")


def shoot(page, name):
    if SHOTS:
        page.wait_for_timeout(400)
        page.screenshot(path=str(Path(SHOTS) / f"{name}.png"))


def accessible(page, part):
    found = Axe().run(page, context=part)
    assert not found.response["violations"], found.generate_report()


def write_answer(page, product):
    """Keep a saved answer on the inbox's page."""
    page.goto(f"{product.url}/inbox/answers")
    shoot(page, "answers-empty")
    page.get_by_role("link", name="New saved answer").first.click()
    page.fill("#id_title", "Returns")
    page.fill("#id_shortcut", "returns")
    page.fill("#id_text", RETURNS)
    shoot(page, "answer-form")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("/returns").wait_for()
    accessible(page, "main")
    shoot(page, "answers")


def set_up(page, product, model, mode):
    """Make or change the assistant in Django admin."""
    page.goto(f"{product.url}/admin/replies/assistant/")
    known = page.locator("th.field-name a, td.field-name a").first
    if known.count():
        known.click()
    else:
        page.goto(f"{product.url}/admin/replies/assistant/add/")
        page.fill("#id_name", "Robin")
        page.fill("#id_base_url", model.url)
        page.fill("#id_model", "small")
        page.fill("#id_key", "key-of-the-provider")
    page.locator("#id_enabled").set_checked(True, force=True)
    page.select_option("#id_mode", mode)
    shoot(page, f"assistant-{mode}")
    page.locator("[name=_save]").click()
    page.get_by_text("successfully").first.wait_for()


def try_it(page, product):
    page.goto(f"{product.url}/admin/replies/assistant/")
    page.locator("input[name=_selected_action]").first.check(force=True)
    page.select_option("select[name=action]", "try_it")
    page.locator("button[name=index]").click()
    page.fill("#question", "How do returns work?")
    page.get_by_role("button", name="Ask").click()
    page.get_by_text("It works: the visitor would read this").wait_for()
    page.get_by_text("You can return goods within 30 days.").wait_for()
    assert "key-of-the-provider" not in page.content()
    shoot(page, "tried")


def test_from_the_settings_to_a_person(product, team, model, owner, new_context, visit):
    admin = new_context(viewport=DESKTOP, locale="en-US").new_page()
    sign_in(admin, product, owner)
    write_answer(admin, product)
    set_up(admin, product, model, "answer")
    try_it(admin, product)
    visitor = visit().open()
    visitor.say("How do returns work?")
    visitor.frame.locator(".typing, #typing").first.wait_for()
    visitor.sees("You can return goods within 30 days. https://acme.example/returns")
    shoot(visitor.page, "widget-answered")
    assert RETURNS in model.told()
    visitor.say("I want to talk to a human")
    agent = new_context(viewport=DESKTOP, locale="en-US").new_page()
    sign_in(agent, product, owner)
    agent.goto(f"{product.url}/inbox/all")
    agent.locator("a.row").first.click()
    agent.get_by_text("Robin handed over: the visitor wants a person").first.wait_for()
    shoot(agent, "handed-over")
    team.say(visitor.session, "Here I am.")
    visitor.sees("Here I am.")


def test_a_draft_above_the_composer_is_used_or_dismissed(product, team, model, owner, new_context, visit):
    model.usual = talk.says("Within 30 days, with the number on the parcel.")
    page = new_context(viewport=DESKTOP, locale="en-US").new_page()
    sign_in(page, product, owner)
    set_up(page, product, model, "suggest")
    visitor = visit().open()
    visitor.say("Until when may I return it?")
    page.goto(f"{product.url}/inbox/all")
    page.locator("a.row", has_text="Until when may I return it?").click()
    card = page.locator("#suggestion")
    card.get_by_text("Within 30 days, with the number on the parcel.").wait_for()
    accessible(page, "#conversation")
    shoot(page, "suggested")
    page.set_viewport_size(PHONE)
    page.emulate_media(color_scheme="dark")
    accessible(page, "#suggestion")
    shoot(page, "suggested-phone-dark")
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(DESKTOP)
    card.get_by_role("button", name="Use").click()
    assert page.input_value("#body") == "Within 30 days, with the number on the parcel."
    card.wait_for(state="hidden")
    assert visitor.texts()[-1] == "Until when may I return it?", "nothing is sent by itself"
    page.locator("#send").click()
    visitor.sees("Within 30 days, with the number on the parcel.")
    # Live, and dismissed.
    model.usual = talk.says("Then it is late.")
    visitor.say("And after that?")
    card.get_by_text("Then it is late.").wait_for()
    page.reload()
    card.get_by_text("Then it is late.").wait_for()
    card.get_by_role("button", name="Dismiss").click()
    card.wait_for(state="hidden")
    page.reload()
    page.locator("#composer").wait_for()
    assert card.is_hidden()


def test_a_slash_finds_saved_answers_by_keyboard(product, team, owner, new_context, visit):
    visitor = visit().open()
    visitor.say("Something about returns")
    page = new_context(viewport=DESKTOP, locale="en-US").new_page()
    sign_in(page, product, owner)
    page.goto(f"{product.url}/inbox/all")
    page.locator("a.row", has_text="Something about returns").click()
    page.locator("#body").press_sequentially("Hello /retu")
    page.locator("#answers [role=option][aria-selected=true]").wait_for()
    accessible(page, "#composer")
    shoot(page, "slash")
    page.keyboard.press("Enter")
    assert page.input_value("#body") == f"Hello {RETURNS}"
    assert page.locator("#answers").is_hidden()
    page.locator("#body").press_sequentially(" /nothing-like-it")
    page.get_by_text("No saved answer fits.").wait_for()
    page.keyboard.press("Escape")
    assert page.locator("#answers").is_hidden()
    page.keyboard.press("Enter")
    visitor.sees(f"Hello {RETURNS} /nothing-like-it")
