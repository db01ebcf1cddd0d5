"""Proactive messages in a real browser, on a page of another origin: when they come, how often, what an answer does."""

import json

import pytest

from .shop import until

TALL = "body { height: 4000px }"
# Each on a page of its own, so that nothing else happens there.
TRIGGERS = [
    {"name": "Welcome", "condition": "page_load", "delay_seconds": 1, "url_pattern": "/welcome*", "message": "Hi"},
    {"name": "Leaving", "condition": "exit_intent", "url_pattern": "/leaving", "message": "Leaving already?"},
    {"name": "Reader", "condition": "time_on_page", "delay_seconds": 1, "url_pattern": "/reading", "message": "Good?"},
    {"name": "Half", "condition": "scroll", "threshold": 60, "url_pattern": "/long", "message": "Half way through"},
    {"name": "Idle", "condition": "idle", "delay_seconds": 1, "url_pattern": "/idle", "message": "Still there?"},
    {"name": "Again", "condition": "returning_visitor", "url_pattern": "/again", "message": "Welcome back"},
    {"name": "Visit", "condition": "page_load", "repeat": "session", "url_pattern": "/visit", "message": "Hello again"},
    {
        "name": "Words", "condition": "page_load", "url_pattern": "/words", "message": "Can we help?",
        "messages": {"vi": "Bạn cần hỗ trợ không?"},
    },
]  # fmt: skip
MAKE = """
from agents.models import Workspace
from widget.services import triggers
workspace = Workspace.objects.get(slug={slug!r})
for fields in {triggers!r}:
    triggers.create(workspace, **fields)
"""


@pytest.fixture(scope="module")
def triggers(team):
    """The company's triggers."""
    team.product.manage("shell", "-c", MAKE.format(slug=team.workspace["slug"], triggers=TRIGGERS))


def bubble(visitor):
    return visitor.page.locator("parley-chat aside .say")


def sees_bubble(visitor, text):
    bubble(visitor).get_by_text(text).wait_for()


def is_ready(visitor):
    """The widget watches: it has asked what for, and its module is in the page."""
    visitor.launcher.wait_for()
    until(lambda: visitor.kept("prompts"))
    visitor.page.wait_for_timeout(300)


def test_a_site_without_triggers_loads_nothing_of_them(visit, embed):
    visitor, requests = visit("about:blank"), []
    visitor.page.on("request", lambda request: requests.append(request.url))
    visitor.page.goto(embed("/plain"))
    visitor.open()
    visitor.sees("Hello! How can we help you?")
    assert [url for url in requests if "/widget/chat-widget.js" in url]
    assert not [
        url for url in requests if any(f"/{part}" in url for part in ("page.js", "prompts.", "extras.", "later"))
    ]


@pytest.mark.usefixtures("triggers")
def test_a_message_that_is_answered_begins_the_chat(visit, embed, team):
    visitor = visit(embed("/welcome"))
    sees_bubble(visitor, "Hi")
    assert visitor.launcher.get_attribute("aria-expanded") == "false"
    bubble(visitor).click()
    visitor.sees("Hi")
    visitor.field.wait_for()
    assert bubble(visitor).count() == 0
    visitor.say("Hello! One question")
    session = visitor.session
    until(lambda: team.texts(session) or True)
    entries = until(lambda: [e for e in team.call("GET", f"sessions/{session}/messages") if e["content"]])
    assert [(e["senderType"], e["content"]) for e in entries][:2] == [
        ("system", "Hi"),
        ("visitor", "Hello! One question"),
    ]
    assert team.call("GET", f"sessions/{session}")["trigger"]["name"] == "Welcome"
    until(lambda: visitor.texts() == ["Hi", "Hello! One question"])
    # Once per visitor, on any page, in any tab: and a chat is running.
    other = visit(embed("/welcome-2"), context=visitor.page.context)
    is_ready(other)
    other.page.wait_for_timeout(1500)
    assert bubble(other).count() == 0


@pytest.mark.usefixtures("triggers")
def test_a_message_is_put_away_by_keyboard_and_stays_away(visit, embed):
    visitor = visit(embed("/welcome"))
    sees_bubble(visitor, "Hi")
    visitor.page.locator("#before").focus()
    visitor.page.keyboard.press("Tab")
    assert visitor.page.evaluate("document.querySelector('parley-chat').shadowRoot.activeElement.className") == "say"
    visitor.page.keyboard.press("Escape")
    assert bubble(visitor).count() == 0
    assert (
        visitor.page.evaluate("document.querySelector('parley-chat').shadowRoot.activeElement.ariaLabel") == "Open chat"
    )
    visitor.page.reload()
    is_ready(visitor)
    visitor.page.wait_for_timeout(1500)
    assert bubble(visitor).count() == 0


@pytest.mark.usefixtures("triggers")
@pytest.mark.parametrize(
    ("path", "style", "act", "text"),
    [
        ("/leaving", "", "leave", "Leaving already?"),
        ("/reading", "", "", "Good?"),
        ("/long", TALL, "scroll", "Half way through"),
        ("/idle", "", "", "Still there?"),
    ],
)
def test_a_message_comes_when_its_moment_does_and_once(visit, embed, path, style, act, text):
    visitor = visit(embed(path, style=style))
    visitor.page.mouse.move(300, 300)
    is_ready(visitor)
    if act:
        assert bubble(visitor).count() == 0
    if act == "leave":
        visitor.page.evaluate("document.dispatchEvent(new MouseEvent('mouseout', {clientY: -1, bubbles: true}))")
    if act == "scroll":
        visitor.page.evaluate("scrollTo(0, 800)")
        visitor.page.wait_for_timeout(600)
        assert bubble(visitor).count() == 0
        visitor.page.evaluate("scrollTo(0, 3000)")
    sees_bubble(visitor, text)
    assert visitor.page.locator("parley-chat aside").get_attribute("role") == "status"
    assert next(iter(visitor.kept("prompts")["shown"])).startswith("trigger_")


@pytest.mark.usefixtures("triggers")
def test_a_returning_visitor_is_welcomed_back(visit, embed):
    visitor = visit(embed("/again"))
    is_ready(visitor)
    visitor.page.wait_for_timeout(600)
    assert bubble(visitor).count() == 0
    an_hour_passes(visitor)
    visitor.page.reload()
    sees_bubble(visitor, "Welcome back")


@pytest.mark.usefixtures("triggers")
def test_a_message_of_each_visit_comes_again_with_the_next(visit, embed):
    visitor = visit(embed("/visit"))
    sees_bubble(visitor, "Hello again")
    visitor.page.reload()
    is_ready(visitor)
    visitor.page.wait_for_timeout(600)
    assert bubble(visitor).count() == 0
    an_hour_passes(visitor)
    visitor.page.reload()
    sees_bubble(visitor, "Hello again")


BACKDATE = """([key, text]) => {
  try { localStorage.setItem(key, text); } catch {
    const cookie = `${key}=${encodeURIComponent(text)}; Path=/widget/frame/; Max-Age=9999; Secure`;
    document.cookie = `${cookie}; SameSite=None; Partitioned`;
  }
}"""


def an_hour_passes(visitor):
    """Make the widget believe that the visitor was last here an hour ago."""
    memory = visitor.kept("prompts")
    memory["seen"] -= 3_600_000
    key = visitor.inside.url.split("key=")[1].split("&")[0]
    visitor.inside.evaluate(BACKDATE, [f"parley.{key}.prompts", json.dumps(memory)])
    assert visitor.kept("prompts") == memory


@pytest.mark.usefixtures("triggers")
def test_a_page_that_a_script_draws_is_a_page(visit, embed):
    visitor = visit(embed("/quiet"))
    is_ready(visitor)
    visitor.page.evaluate("history.pushState({}, '', '/words')")
    sees_bubble(visitor, "Can we help?")
    visitor.page.evaluate("history.pushState({}, '', '/quiet')")
    until(lambda: bubble(visitor).count() == 0)


@pytest.mark.usefixtures("triggers")
def test_it_speaks_the_pages_language_and_the_page_may_have_a_strict_policy(visit, shop, team):
    html = f"""<!doctype html><html lang="vi"><title>Strict</title><h1>Strict</h1>
        <script src="{team.product.url}/widget/chat-widget.js"></script>
        <script nonce="n">ChatWidget.init({{apiKey: '{team.key}'}})</script>"""
    policy = (
        f"default-src 'none'; script-src 'nonce-n' {team.product.url}/widget/; frame-src {team.product.url};"
        " require-trusted-types-for 'script'"
    )
    visitor = visit(shop.show("/words", html, policy))
    sees_bubble(visitor, "Bạn cần hỗ trợ không?")
