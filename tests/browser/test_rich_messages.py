"""A bot's cards and replies: in the widget usable by keyboard, a click heard once; in the inbox as they were shown."""

import base64
import hashlib
import hmac
import json
import os
import urllib.request

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.webhooks.receiver import Receiver

from .inbox import sign_in, wait_live
from .shop import until

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
SHOTS = os.environ.get("PARLEY_SHOTS")
REPLIES = [
    {"type": "message", "text": text, "value": text.lower(), "postback_id": text} for text in ("Track", "Return")
]
LINKS = [
    {"type": "url", "text": "Look at it", "value": "https://shop.example.com/tent", "postback_id": "look"},
    {"type": "phone", "text": "Call us", "value": "+84 24 1234 567"},
    {"type": "message", "text": "Choose", "value": "tent", "postback_id": "tent"},
]
# A picture that is there whatever the network: nothing is fetched from elsewhere.
PICTURE = {"url": "https://shop.example.com/tent.png", "name": "A tent", "content_type": "image/png"}
CARDS = [{"title": name, "buttons": LINKS} for name in ("Tent for two", "Tent for four")]


class HttpBot:
    """A bot over HTTP: hears what Parley posts, posts what it does."""

    def __init__(self, team):
        self.team, self.receiver = team, Receiver()
        url = self.receiver.url
        self.made = team.product.manage_json(
            "create_bot", team.workspace["slug"], f"shop-{self.receiver.port}", "--transport", "http", "--url", url
        )

    def heard(self, action):
        said = [json.loads(request.body) for request in self.receiver.received]
        return [one["payload"] for one in said if one["action"] == action]

    def rich(self, chat_id, template, elements):
        event = {"type": "rich_message", "template_id": template, "elements": elements}
        body = json.dumps({"action": "send_event", "payload": {"chat_id": chat_id, "event": event}}).encode()
        signature = hmac.new(self.made["clientSecret"].encode(), body, hashlib.sha256).hexdigest()
        headers = {"x-client-id": self.made["clientId"], "x-bot-id": self.made["botId"], "x-signature": signature}
        call = urllib.request.Request(self.team.product.url + "/bots/actions", body, headers)
        with urllib.request.urlopen(call, timeout=15) as answer:
            assert answer.status == 200


@pytest.fixture(scope="module")
def bot(team):
    made = HttpBot(team)
    yield made
    made.receiver.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_cards_and_replies_are_usable_and_a_click_comes_once(visit, bot, scheme):
    visitor = visit(color_scheme=scheme).open()
    before = len(bot.heard("rich")) + len(bot.heard("incoming_event"))
    visitor.say("Hello")
    visitor.sees("Hello")
    mine = until(lambda: bot.heard("incoming_event")[before:])
    chat_id = mine[0]["chat_id"]
    bot.rich(chat_id, "cards", CARDS)
    bot.rich(chat_id, "quick_replies", [{"title": "How can I help?", "buttons": REPLIES}])
    reply = visitor.frame.get_by_role("button", name="Return")
    reply.wait_for()
    assert visitor.frame.locator(".cards .card").count() == 3
    link = visitor.frame.get_by_role("link", name="Look at it").first
    assert link.get_attribute("rel") == "noopener noreferrer nofollow"
    assert visitor.frame.get_by_role("link", name="Call us").first.get_attribute("href") == "tel:+84241234567"
    assert visitor.frame.locator("#log").evaluate("log => log.scrollWidth <= log.clientWidth"), (
        "the cards scroll, not all"
    )
    if SHOTS:
        visitor.page.screenshot(path=f"{SHOTS}/widget-rich-{scheme}.png")
    found = Axe().run(visitor.inside, context="#log")
    assert found.violations_count == 0, found.generate_report()
    reply.focus()
    reply.press("Enter")
    visitor.frame.locator("button[aria-pressed=true]", has_text="Return").wait_for()
    assert visitor.frame.get_by_role("button", name="Track").is_disabled()
    visitor.frame.get_by_role("button", name="Choose").first.click()
    with visitor.page.context.expect_page():
        link.click()
    with visitor.page.context.expect_page():
        link.click()
    clicks = until(lambda: (c := [e["event"] for e in bot.heard("incoming_event")[before:]][1:]) and len(c) == 3 and c)
    assert [(c["type"], c["postback"]["id"]) for c in clicks] == [
        ("rich_message_postback", "Return"),
        ("rich_message_postback", "tent"),
        ("rich_message_postback", "look"),
    ]
    visitor.page.reload()
    visitor.open()
    visitor.frame.locator("button[aria-pressed=true]", has_text="Return").wait_for()
    assert len(bot.heard("incoming_event")) == before + 4


@pytest.mark.parametrize("look", ["light", "dark", "phone"])
def test_the_team_sees_what_the_visitor_sees_and_what_they_chose(visit, bot, team, new_context, look):
    before, slug = len(bot.heard("incoming_event")), team.workspace["slug"]
    owner = team.product.manage_json(
        "create_agent", slug, f"owner{before}{look}@example.com", "--name", "Owner", "--role", "owner"
    )
    options = {"viewport": {"width": 390, "height": 844} if look == "phone" else {"width": 1440, "height": 900}}
    context = new_context(**options, color_scheme="dark" if look == "dark" else "light", locale="vi-VN")
    context.route("https://shop.example.com/**", lambda route: route.fulfill(body=PNG, content_type="image/png"))
    page = sign_in(context.new_page(), team.product, owner)
    refused = []
    page.on("console", lambda message: refused.append(message.text) if "Content Security" in message.text else None)
    page.goto(f"{team.product.url}/inbox/all")
    # From here on the bot has its deadline to answer in.
    visitor, name = visit().open(), f"Ask {look} {before}"
    visitor.say(name)
    chat_id = until(lambda: bot.heard("incoming_event")[before:])[0]["chat_id"]
    page.locator("a.row", has_text=name).click()
    page.locator("#composer").wait_for()
    # Live, as it comes.
    bot.rich(chat_id, "sticker", [{"image": PICTURE}])
    bot.rich(chat_id, "cards", [{**card, "image": PICTURE} for card in CARDS])
    bot.rich(chat_id, "quick_replies", [{"title": "How can I help?", "buttons": REPLIES}])
    page.locator(".cards.quick").wait_for()
    # In the visitor's browser no picture comes: words stand for it.
    visitor.frame.locator(".cards.sticker p", has_text=PICTURE["name"]).wait_for()
    assert visitor.frame.locator(".cards img").count() == 0
    visitor.frame.get_by_role("button", name="Return").click()
    page.locator(".choice[data-picked]", has_text="Return").wait_for()

    entries = page.locator("#entries")

    def holds():
        assert page.locator(".cards").count() == 3
        assert page.locator(".choice[data-picked]").count() == 1
        assert page.locator(".cards button").count() == 0
        link = entries.get_by_role("link", name="Look at it").first
        assert link.get_attribute("rel") == "noopener noreferrer nofollow"
        assert link.get_attribute("href") == link.get_attribute("title") == "https://shop.example.com/tent"
        call = entries.get_by_role("link", name="Call us").first
        assert call.get_attribute("href") == "tel:+84241234567"
        link.focus()
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
        assert page.locator("#timeline").evaluate("box => box.scrollWidth <= box.clientWidth")

    holds()
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/inbox-rich-{look}.png")
    found = Axe().run(page, context="#entries")
    assert found.violations_count == 0, found.generate_report()
    # And drawn by the server.
    page.reload()
    wait_live(page)
    page.locator(".choice[data-picked]").wait_for()
    holds()
    assert not refused
