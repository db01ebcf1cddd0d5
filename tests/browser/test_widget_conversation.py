"""A visitor and an agent talk; the network, the browser and the visitor do what they will."""

import time

import pytest
from PIL import Image

from .shop import until

SCRIPT = """<img src=x onerror="window.hacked=1"><script>window.hacked=1</script> javascript:alert(1) & "quotes" </p>"""


@pytest.fixture
def visitor(visit):
    return visit().open()


def begin(visitor, text="Where is my order?"):
    visitor.say(text)
    visitor.sees(text)
    session = visitor.session
    visitor.sees_state("sent")
    return session


def test_both_write_and_see_what_became_of_it(visitor, team):
    session = begin(visitor)
    visitor.sees("Nguyễn An joined · " + visitor.frame.locator(".line time").first.inner_text())
    message = team.say(session, "On its way, see https://example.com/track?id=7.")
    visitor.sees("Nguyễn An")
    link = visitor.frame.locator(".theirs a")
    assert link.get_attribute("href") == "https://example.com/track?id=7"
    assert link.get_attribute("rel") == "noopener noreferrer nofollow"
    # the window is open and in front: read at once; and the other way round
    until(lambda: team.call("GET", f"sessions/{session}/messages")[-1]["readAt"])
    first = team.call("GET", f"sessions/{session}/messages")[0]
    team.call("PUT", f"sessions/{session}/messages/{first['id']}/read")
    visitor.sees_state("read")
    assert message["id"]


def test_typing_is_shown_and_goes_away(visitor, team):
    session = begin(visitor)
    team.call("POST", f"sessions/{session}/typing", {"isTyping": True})
    visitor.frame.get_by_text("Nguyễn An is typing…").wait_for()
    team.call("POST", f"sessions/{session}/typing", {"isTyping": False})
    until(lambda: not visitor.frame.locator("#typing").inner_text())


def test_who_opens_the_window_later_learns_whether_the_team_is_there(visit, team):
    """A page may stay open for hours; what was true when it loaded is asked for again after a minute."""
    later = visit()
    later.launcher.wait_for()
    until(lambda: later.inside.evaluate("document.getElementById('about').textContent"))
    away = {"status": "offline"}
    team.call("PUT", f"agents/{team.agent['agentId']}/status", away)
    try:
        later.open()
        later.page.wait_for_timeout(500)
        assert "We are here" in later.frame.locator("#about").inner_text(), "asked for a moment ago"
        later.launcher.click()
        later.page.clock.set_system_time(time.time() + 61)
        later.launcher.click()
        later.frame.locator("#about", has_text="We are away").wait_for()
    finally:
        team.call("PUT", f"agents/{team.agent['agentId']}/status", {"status": "available"})


def test_what_is_written_without_a_network_arrives_once_and_in_order(visitor, team):
    session = begin(visitor, "one")
    visitor.page.context.set_offline(True)
    visitor.page.wait_for_timeout(300)
    for text in ("two", "three", "four"):
        visitor.say(text)
    visitor.frame.locator("#list .mine[data-state=waiting]").last.wait_for()
    visitor.page.context.set_offline(False)
    until(lambda: visitor.texts() == team.texts(session) == ["one", "two", "three", "four"])
    until(lambda: visitor.kept("outbox") == [])
    assert visitor.texts() == ["one", "two", "three", "four"]


def test_what_was_not_sent_survives_a_reload(visitor, team):
    session = begin(visitor, "one")
    visitor.page.route("**/v1/chat/sessions/*/messages", lambda route: route.abort())
    visitor.page.route_web_socket("**/v1/chat/*", lambda socket: None)
    visitor.page.reload()
    visitor.open()
    visitor.say("two")
    visitor.say("three")
    until(lambda: len(visitor.kept("outbox")) == 2)
    visitor.page.unroute_all()
    visitor.page.goto("about:blank")
    visitor.page.goto(visitor.url)
    visitor.open()
    until(lambda: visitor.texts() == team.texts(session) == ["one", "two", "three"])


def test_what_one_tab_waits_to_send_is_not_lost_when_another_overwrites_it(visitor, team):
    session = begin(visitor, "one")
    tries = []

    def refuse(route):
        tries.append(route)
        route.abort()

    visitor.page.route("**/v1/chat/sessions/*/messages", refuse)
    visitor.page.route_web_socket("**/v1/chat/*", lambda socket: socket.close())
    visitor.page.goto(visitor.url)
    visitor.open()
    visitor.say("two")
    until(lambda: visitor.kept("outbox") and len(tries) == 3)  # now it waits for some seconds
    visitor.keep("outbox", [])  # as a tab does that read it a moment before
    visitor.page.unroute_all()
    visitor.say("three")
    until(lambda: visitor.texts() == team.texts(session) == ["one", "two", "three"], shown=visitor.texts)


def test_a_start_whose_answer_is_lost_starts_one_session(visitor, team):
    lost = []

    def lose(route):
        if route.request.method == "POST" and not lost:
            lost.append(route.fetch().json()["data"]["sessionId"])
            return route.abort()
        return route.continue_()

    visitor.page.route("**/v1/chat/sessions", lose)
    visitor.say("Only once")
    assert visitor.session == until(lambda: lost)[0]
    until(lambda: team.texts(visitor.session) == ["Only once"] == visitor.texts())


def test_without_sockets_everything_goes_by_polling(visit, team):
    visitor = visit()
    visitor.page.route_web_socket("**/v1/chat/*", lambda socket: socket.close())
    visitor.page.reload()
    visitor.open()
    visitor.say("one")
    session = visitor.session
    team.say(session, "two")
    visitor.say("three")
    until(lambda: sorted(visitor.texts()) == ["one", "three", "two"] and visitor.texts() == team.texts(session), 40)


def test_history_is_there_after_a_reload_and_earlier_chats_are_above_it(visitor, team):
    session = begin(visitor, "message 0")
    for number in range(1, 45):
        team.say(session, f"message {number}")
    visitor.sees("message 44")
    visitor.page.reload()
    visitor.open()
    visitor.sees("message 44")
    assert "message 0" not in visitor.texts()
    visitor.frame.locator("#log").evaluate("(node) => { node.scrollTop = 0; }")
    visitor.sees("message 0")
    # the end, and a new chat chained to the old one
    team.call("POST", f"sessions/{session}/end", {"reason": "resolved"})
    visitor.frame.get_by_text("Nguyễn An ended the chat").wait_for()
    visitor.say("One more thing")
    until(lambda: visitor.session != session)
    until(lambda: team.texts(visitor.session) == ["One more thing"])
    assert visitor.texts()[-2:] == ["message 44", "One more thing"]
    visitor.page.reload()
    visitor.open()
    visitor.sees("One more thing")
    visitor.frame.locator("#older").click()
    visitor.sees("message 44")


def test_the_end_is_rated_by_keyboard(visitor, team):
    session = begin(visitor)
    team.call("POST", f"sessions/{session}/end", {"reason": "resolved"})
    group = visitor.frame.get_by_role("group", name="How was this chat?")
    group.get_by_role("radio", name="1 of 5 stars").focus()
    for _ in range(3):
        visitor.page.keyboard.press("ArrowRight")
    visitor.frame.get_by_role("textbox", name="Would you like to add something?").fill("Quick and kind")
    visitor.frame.get_by_role("button", name="Send rating").click()
    visitor.sees("Thank you for your rating!")
    rated = team.call("GET", f"sessions/{session}")["satisfaction"]
    assert rated == {"rating": 4, "feedback": "Quick and kind"}
    visitor.page.reload()
    visitor.open()
    visitor.sees("Thank you for your rating!")


def test_markup_is_shown_as_it_was_typed(visitor, team):
    session = begin(visitor, SCRIPT)
    team.say(session, SCRIPT)
    until(lambda: visitor.texts() == [SCRIPT, SCRIPT])
    assert visitor.inside.evaluate("window.hacked") is None
    assert visitor.page.evaluate("window.hacked") is None
    assert visitor.frame.locator("#list .bubble :is(img, script, a)").count() == 0


def test_files_go_with_a_preview_and_bad_ones_say_why(visitor, team, tmp_path):
    session = begin(visitor)
    picture = tmp_path / "broken zip.png"
    Image.new("RGB", (1, 1), "red").save(picture)
    script = tmp_path / "page.exe"
    script.write_bytes(b"MZ" + b"\0" * 200)
    visitor.frame.locator("#picker").set_input_files([picture])
    image = visitor.frame.locator(".picture img")
    image.wait_for()
    assert image.get_attribute("alt") == "broken zip.png"
    until(lambda: image.evaluate("(node) => node.naturalWidth") == 1)
    sent = team.call("GET", f"sessions/{session}/messages")[-1]
    assert sent["type"] == "image" and sent["attachments"][0]["name"] == "broken zip.png"
    visitor.frame.locator("#picker").set_input_files([script])
    visitor.frame.get_by_text("page.exe: this type of file cannot be sent.").wait_for()
    visitor.frame.locator(".entry").last.get_by_role("button", name="Delete").click()
    until(lambda: visitor.frame.get_by_text("page.exe").count() == 0)


def test_two_tabs_are_one_visitor(visit, visitor, team):
    other = visit(visitor.url, context=visitor.page.context).open()
    session = begin(visitor, "from the first tab")
    other.sees("from the first tab")
    assert other.session == session
    other.say("from the second tab")
    visitor.sees("from the second tab")
    until(lambda: team.texts(session)[1:] == ["from the second tab"])  # seen before it is stored: tabs share what waits
    team.say(session, "to both")
    for tab in (visitor, other):
        tab.sees("to both")
        until(lambda tab=tab: tab.texts() == ["from the first tab", "from the second tab", "to both"], shown=tab.texts)


def test_another_customer_on_the_same_browser_sees_nothing_of_the_last_one(visit, embed, team):
    visitor = visit(embed("/anna", customerId="anna")).open()
    session = begin(visitor, "This is Anna's secret")
    visitor.page.goto(embed("/bert", customerId="bert"))
    visitor.open()
    visitor.page.wait_for_timeout(500)
    assert visitor.texts() == []
    visitor.say("Bert here")
    until(lambda: visitor.session != session)
    until(lambda: team.texts(visitor.session) == ["Bert here"])


def test_a_wrong_option_of_the_page_does_not_cost_the_message(visit, embed, team):
    visitor = visit(
        embed("/wrong", department="no-such", identityToken="not.a.token", customer={"email": "nonsense"})
    ).open()
    begin(visitor, "Hello all the same")
    assert team.texts(visitor.session) == ["Hello all the same"]


def test_everything_can_be_done_by_keyboard(visit):
    visitor = visit()
    visitor.launcher.wait_for()
    visitor.page.locator("#before").focus()
    visitor.page.keyboard.press("Tab")
    visitor.page.keyboard.press("Enter")
    until(lambda: visitor.inside.evaluate("document.activeElement.id") == "field")
    keyboard = visitor.page.keyboard
    keyboard.type("first line")
    keyboard.press("Shift+Enter")
    keyboard.type("second line")
    keyboard.press("Enter")
    until(lambda: visitor.texts() == ["first line\nsecond line"])
    # an input method's Enter chooses a word and sends nothing
    visitor.field.evaluate("""(field) => {
        field.value = 'tiếng';
        const options = {key: 'Enter', isComposing: true, bubbles: true, cancelable: true};
        field.dispatchEvent(new KeyboardEvent('keydown', options));
    }""")
    assert visitor.texts() == ["first line\nsecond line"]
    keyboard.press("Escape")
    assert visitor.page.evaluate("document.activeElement.shadowRoot.activeElement.localName") == "button"
    assert visitor.launcher.get_attribute("aria-expanded") == "false"
    assert visitor.frame.get_by_role("log").get_attribute("aria-live") == "polite"


def test_enter_before_the_scripts_are_there_sends_once_they_are(visit, embed, new_context):
    """On a slow line the field can be written in before anything listens to it."""
    held = []
    context = new_context(locale="en-US")
    context.route("**/widget/outbox*.js", lambda route: held.append(route))
    visitor = visit(embed("/slow", theme={"primaryColor": "#1f5c46"}), context=context).open()
    visitor.field.press_sequentially("Do you ship abroad?")
    visitor.field.press("Enter")
    held[0].continue_()
    until(lambda: visitor.texts() == ["Do you ship abroad?"])
    assert visitor.field.input_value() == ""
    visitor.sees_state("sent")


@pytest.mark.parametrize(("lang", "hello", "placeholder"), [
    ("vi-VN", "Xin chào! Chúng tôi có thể giúp gì cho bạn?", "Nhập tin nhắn…"),
    ("uz", "Assalomu alaykum! Sizga qanday yordam bera olamiz?", "Xabar yozing…"),
    ("fr", "Hello! How can we help you?", "Write a message…"),
])  # fmt: skip
def test_the_widget_speaks_the_language_of_the_page(visit, embed, lang, hello, placeholder):
    visitor = visit(embed(f"/{lang}", lang=lang)).open()
    visitor.sees(hello)
    assert visitor.field.get_attribute("placeholder") == placeholder
