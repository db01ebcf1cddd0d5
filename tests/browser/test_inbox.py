"""The inbox in a real browser: live lists, notes, drafts, a lost connection, phones, the keyboard, names, contrast."""

import json
import re
from pathlib import Path

import pytest

from .inbox import DESKTOP, PHONE, bubbles, open_first, sign_in, until, wait_live


def test_the_list_follows_what_happens_without_a_reload(office):
    page = office.open()
    page.get_by_text("No chats of yours").wait_for()
    vera = office.visitor("Vera", "First")
    row = page.locator("a.row", has_text="Vera")
    row.get_by_text("First").wait_for()
    office.visitor("Victor", "Second")
    page.locator("a.row", has_text="Victor").wait_for()
    assert "Victor" in page.locator("a.row").first.inner_text()
    vera.say("Still me")
    row.get_by_text("Still me").wait_for()
    until(lambda: "Vera" in page.locator("a.row").first.inner_text())
    assert row.locator('[data-slot="unread"]').inner_text() == "2"
    until(lambda: page.title().startswith("(2)"))
    assert page.locator('[data-count="mine"]').inner_text() == "2"


def test_agent_and_visitor_talk_and_every_page_survives_a_reload(office):
    page = office.open()
    vera = office.visitor()
    open_first(page)
    page.fill("#body", "Hello Vera")
    page.keyboard.press("Enter")
    vera.waits_for("Hello Vera")
    vera.say("Thank you")
    bubbles(page, "Thank you").wait_for()
    page.reload()
    wait_live(page)
    texts = page.locator("#entries .words").all_inner_texts()
    assert texts == ["Hello there", "Hello Vera", "Thank you"]
    # Read by the agent who looks at it; the row has nothing unread any more.
    until(lambda: page.locator("a.row").first.get_attribute("data-unread") == "0")


def test_a_note_cannot_be_taken_for_a_reply_and_stays_in_the_team(office):
    page = office.open()
    vera = office.visitor()
    open_first(page)
    plain = page.locator("#composer").evaluate("e => getComputedStyle(e).backgroundColor")
    page.get_by_text("Note", exact=True).click()
    page.get_by_text("Only your team will see this").wait_for()
    assert page.locator("#send").inner_text().strip() == "Add note"
    until(lambda: page.locator("#composer").evaluate("e => getComputedStyle(e).backgroundColor") != plain)
    page.fill("#body", "She is a reseller")
    page.keyboard.press("Enter")
    note = page.locator("#entries .entry.note[data-seq]:not(.pending)", has_text="She is a reseller")
    note.get_by_text("Note, only for your team").wait_for()
    # The next one is a reply again.
    assert page.locator("#composer").get_attribute("data-mode") == "reply"
    page.fill("#body", "How can I help?")
    page.keyboard.press("Enter")
    vera.waits_for("How can I help?")
    assert not any("reseller" in text for text in vera.hears())


def test_a_draft_survives_another_chat_and_a_reload(office):
    page = office.open()
    office.visitor("Vera")
    office.visitor("Victor")
    page.locator("a.row", has_text="Victor").click()
    page.get_by_role("heading", name="Victor").first.wait_for()
    page.fill("#body", "Half a thought")
    page.locator("a.row", has_text="Vera").click()
    page.locator("#conversation[data-name='Vera']").wait_for()
    assert page.input_value("#body") == ""
    page.locator("a.row", has_text="Victor").click()
    page.locator("#conversation[data-name='Victor']").wait_for()
    assert page.input_value("#body") == "Half a thought"
    page.reload()
    wait_live(page)
    assert page.input_value("#body") == "Half a thought"


def test_what_is_written_offline_is_kept_and_sent_once_when_the_network_is_back(office):
    page = office.open()
    vera = office.visitor()
    open_first(page)
    page.context.set_offline(True)
    page.locator("#connection").get_by_text("You are offline").wait_for()
    for text in ("One", "Two"):
        page.fill("#body", text)
        page.keyboard.press("Enter")
    bubbles(page, "Two").locator("[data-state=queued]").wait_for()
    vera.say("Are you there?")
    page.context.set_offline(False)
    vera.waits_for("Two")
    bubbles(page, "Are you there?").wait_for()
    until(lambda: page.locator(".entry.pending").count() == 0)
    texts = page.locator("#entries .words").all_inner_texts()
    assert texts == [text for text in vera.hears() if text in texts]
    assert sorted(texts) == sorted(["Hello there", "Are you there?", "One", "Two"])
    page.locator("#connection").wait_for(state="hidden")


def test_a_message_that_is_refused_says_why_and_can_be_dropped(office):
    page = office.open()
    vera = office.visitor()
    open_first(page)
    page.context.set_offline(True)
    page.locator("#connection").get_by_text("You are offline").wait_for()
    page.fill("#body", "Too late")
    page.keyboard.press("Enter")
    vera.rates(2, "Slow")
    page.context.set_offline(False)
    failed = page.locator(".entry.failed", has_text="Too late")
    failed.get_by_text("This chat has ended.").wait_for()
    failed.get_by_text("Discard").click()
    until(lambda: failed.count() == 0)


def test_the_rating_is_seen_at_once(office):
    page = office.open()
    vera = office.visitor()
    open_first(page)
    vera.rates(5, "Quick and kind")
    page.locator(".entry.event").get_by_text("Quick and kind").wait_for()
    page.locator("#panel").get_by_role("img", name="5 stars of 5").wait_for()
    page.get_by_text("This chat has ended.").wait_for()


def test_the_agent_sees_that_the_visitor_writes(office):
    page = office.open()
    vera = office.visitor()
    open_first(page)
    page.locator("html[data-line=open]").wait_for(state="attached")
    for _ in range(20):
        vera.types()
        if page.locator("#typing").is_visible():
            break
        page.wait_for_timeout(250)
    assert "Vera is typing" in page.locator("#typing").inner_text()
    vera.say("Done")
    page.locator("#typing").wait_for(state="hidden")


def test_colleagues_pass_a_chat_to_each_other(office):
    mai = office.hire("Mai")
    mine, hers = office.open(), office.open(mai)
    office.visitor("Vera")
    until(lambda: mine.locator("a.row").count() + hers.locator("a.row").count() == 1)
    giver, taker, name = (mine, hers, "Mai") if mine.locator("a.row").count() else (hers, mine, "An")
    open_first(giver)
    giver.keyboard.press("Escape")
    giver.locator("body").press("a")
    person = giver.locator("[data-menu=assign] li", has_text=name)
    person.get_by_text("Available").wait_for()
    assert person.locator('[data-slot="load"]').inner_text() == "0/5"
    person.click()
    giver.locator("[data-menu=assign] button.primary").click()
    taker.locator("a.row", has_text="Vera").wait_for()
    giver.locator("#chat-head").get_by_text(f"With {name}").wait_for()
    until(lambda: giver.locator("a.row").count() == 0)


def test_presence_is_told_to_the_team_as_it_changes(office):
    mai = office.hire("Mai")
    mine, hers = office.open(), office.open(mai)
    mine.locator(".rail-team summary").click()
    person = mine.locator(".rail-team li", has_text="Mai")
    person.get_by_text("Available").wait_for()
    hers.locator("#me summary").click()
    hers.get_by_text("Away", exact=True).click()
    hers.fill("#status-message", "Lunch")
    hers.keyboard.press("Enter")
    person.get_by_text("Away").wait_for()
    person.get_by_text("Lunch").wait_for()


def test_chats_of_one_trigger_by_keyboard_and_as_they_come(office):
    page = office.open()
    office.visitor("Vera", trigger="Prices")
    office.visitor("Victor", trigger="Leaving")
    office.visitor("Wanda")
    page.locator("a.row", has_text="Wanda").wait_for()
    mark = page.locator("a.row", has_text="Vera").locator("[data-slot=trigger]")
    assert mark.is_visible()
    assert mark.get_attribute("title") == "Answered the trigger “Prices”"
    assert not page.locator("a.row", has_text="Wanda").locator("[data-slot=trigger]").is_visible()
    page.keyboard.press("f")
    page.locator(".menu-links a:focus", has_text="All chats").wait_for()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.locator(".list-filter", has_text="Prices").wait_for()
    until(lambda: page.locator("#rows a.row").count() == 1)
    assert re.search(r"/inbox/\?trigger=\w{32}$", page.url)
    # Only what belongs there comes in, and a reload, an open chat and the way back keep the filter.
    office.visitor("Xenia", trigger="Leaving")
    office.visitor("Yves", trigger="Prices")
    page.locator("a.row", has_text="Yves").wait_for()
    assert page.locator("#rows a.row").count() == 2
    page.locator("a.row", has_text="Vera").click()
    page.locator("#composer").wait_for()
    assert re.search(r"trigger=\w{32}", page.url)
    page.reload()
    wait_live(page)
    assert page.locator("#rows a.row").count() == 2
    page.locator(".list-filter [data-list]").click()
    page.locator("a.row", has_text="Wanda").wait_for()
    assert page.locator("#rows a.row").count() == 5


def test_a_whole_day_by_keyboard_alone(office):
    page = office.open()
    vera = office.visitor()
    page.locator("a.row", has_text="Vera").wait_for()
    page.keyboard.press("j")
    page.locator("#composer").wait_for()
    page.keyboard.press("c")
    page.keyboard.type("Typed ")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("in two lines")
    page.keyboard.press("Enter")
    vera.waits_for("Typed \nin two lines")
    page.keyboard.press("Alt+n")
    assert page.locator("#composer").get_attribute("data-mode") == "note"
    page.keyboard.press("Alt+n")
    page.keyboard.press("Escape")
    page.keyboard.press("l")
    page.keyboard.type("refund")
    page.keyboard.press("Enter")
    page.locator(".tags .chip", has_text="refund").wait_for()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    page.locator("dialog[open]").get_by_text("Keyboard shortcuts").wait_for()
    page.keyboard.press("Escape")
    page.keyboard.press("e")
    page.locator("#close-reason").fill("Solved")
    page.keyboard.press("Enter")
    page.get_by_text("An closed the chat: Solved").wait_for()
    page.locator(".composer.ended").wait_for()
    page.keyboard.press("Escape")
    page.keyboard.press("e")
    page.get_by_text("An reopened the chat").wait_for()
    # The composer that comes back takes the focus: out of the field, and then to the queue.
    page.locator("#body").wait_for()
    page.wait_for_timeout(500)
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("w")
    page.get_by_role("heading", name="Waiting", exact=True).wait_for()


def test_enter_in_the_middle_of_a_composed_character_sends_nothing(office):
    page = office.open()
    office.visitor()
    open_first(page)
    page.fill("#body", "Chao")
    page.locator("#body").evaluate(
        """e => e.dispatchEvent(new KeyboardEvent('keydown', {
          key: 'Enter', isComposing: true, bubbles: true, cancelable: true
        }))"""
    )
    assert page.input_value("#body") == "Chao"
    assert bubbles(page, "Chao").count() == 0


def test_a_picture_is_pasted_seen_and_arrives(office):
    page = office.open()
    vera = office.visitor()
    open_first(page)
    page.locator("#body").evaluate(
        """async (body) => {
          const canvas = new OffscreenCanvas(8, 8);
          canvas.getContext('2d').fillRect(0, 0, 8, 8);
          const data = new DataTransfer();
          data.items.add(new File([await canvas.convertToBlob()], 'shot.png', {type: 'image/png'}));
          body.dispatchEvent(new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true}));
        }"""
    )
    page.locator(".pending-file[data-state=done]", has_text="shot.png").wait_for()
    page.fill("#body", "Look at this")
    page.keyboard.press("Enter")
    vera.waits_for("Look at this")
    picture = page.locator("#entries .entry:not(.pending) .picture img")
    picture.wait_for()
    until(lambda: picture.evaluate("e => e.naturalWidth") == 8)


def test_the_visitor_is_corrected_in_place(office):
    page = office.open()
    office.visitor()
    open_first(page)
    page.fill("#visitor-name", "Vera Nguyen")
    page.locator("#details").get_by_role("button", name="Save").click()
    page.locator("#chat-head").get_by_text("Vera Nguyen").wait_for()
    page.locator("a.row", has_text="Vera Nguyen").wait_for()


def test_a_birthdate_brings_a_flashback_to_everybody_who_looks(office):
    page = office.open()
    binh = office.open(office.hire("Binh", "supervisor"))
    office.visitor()
    open_first(page)
    binh.goto(page.url)
    wait_live(binh)
    for desk in (page, binh):
        assert desk.locator(".flashback").count() == 0
    page.fill("#visitor-birthdate", "1990-01-15")
    page.locator("#details button.primary").click()
    for desk in (page, binh):
        desk.locator(".flashback", has_text="April 1994").get_by_text("Cheerful").wait_for()
    # Cleared again, it goes.
    page.fill("#visitor-birthdate", "")
    page.locator("#details button.primary").click()
    for desk in (page, binh):
        desk.locator(".flashback").wait_for(state="detached")


def test_on_a_phone_the_filter_is_a_sheet_to_touch(office):
    page = office.open(viewport=PHONE, has_touch=True)
    office.visitor("Wanda")
    office.visitor("Vera", trigger="Prices")
    page.locator("a.row", has_text="Vera").wait_for()
    page.locator("[data-menu=filter] > summary").tap()
    page.locator(".menu-links a", has_text="Prices").tap()
    page.locator(".list-filter", has_text="Prices").wait_for()
    until(lambda: page.locator("#rows a.row").count() == 1)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    small = page.evaluate(
        """() => [...document.querySelectorAll('.list-top summary, .list-filter a')]
          .filter((e) => Math.min(e.offsetHeight, e.offsetWidth) < 44).map((e) => e.outerHTML)"""
    )
    assert small == []
    page.locator("a.row", has_text="Vera").tap()
    page.locator("#composer").wait_for()
    page.locator("[data-back]").tap()
    page.locator("a.row", has_text="Vera").wait_for()
    assert re.search(r"trigger=\w{32}", page.url)


def test_on_a_phone_there_is_one_pane_at_a_time_and_a_way_back(office):
    page = office.open(viewport=PHONE, has_touch=True)
    office.visitor()
    page.locator("a.row", has_text="Vera").click()
    page.locator("#composer").wait_for()
    assert not page.locator("#list").is_visible()
    assert re.search(r"/inbox/chats/\w{32}", page.url)
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= PHONE["width"]
    small = page.evaluate(
        """() => [...document.querySelectorAll('.chat-head .button, .chat-head summary, #send, .mode')]
          .filter((e) => e.offsetParent && Math.min(e.offsetHeight, e.offsetWidth) < 44).map((e) => e.outerHTML)"""
    )
    assert small == []
    page.locator("#panel-toggle").click()
    page.locator("#visitor-email").wait_for()
    page.locator("[data-close-panel]").click()
    page.locator("[data-back]").click()
    page.locator("a.row", has_text="Vera").wait_for()
    assert page.url.endswith("/inbox/")
    page.locator("a.row", has_text="Vera").click()
    page.go_back()
    page.locator("a.row", has_text="Vera").wait_for()


HERE = Path(__file__).parent


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everything_has_a_name_and_can_be_read(office, scheme):
    page = office.open(color_scheme=scheme)
    office.visitor()
    open_first(page)
    page.fill("#body", "A reply")
    page.keyboard.press("Enter")
    page.keyboard.press("Alt+n")
    page.keyboard.type("A note")
    page.keyboard.press("Enter")
    page.locator(".entry.note:not(.pending)").wait_for()
    page.locator("#me summary").click()
    page.wait_for_timeout(400)
    assert page.evaluate((HERE / "nameless.js").read_text()) == []
    assert page.evaluate((HERE / "contrast.js").read_text()) == []


def test_the_look_is_a_choice_that_stays(office):
    page = office.open(color_scheme="light")
    page.locator("#me summary").click()
    page.select_option("#theme", "dark")
    until(lambda: page.evaluate("getComputedStyle(document.body).colorScheme") == "dark")
    until(lambda: any(cookie["name"] == "theme" for cookie in page.context.cookies()))
    page.reload()
    assert page.evaluate("getComputedStyle(document.body).colorScheme") == "dark"


def test_without_scripts_the_inbox_still_reads_and_answers(office):
    page = office.open()
    vera = office.visitor()
    page.locator("a.row", has_text="Vera").wait_for()
    state = page.context.storage_state()
    plain = office.new_context(java_script_enabled=False, storage_state=state, viewport=DESKTOP).new_page()
    plain.goto(f"{office.product.url}/inbox/")
    plain.locator("a.row", has_text="Vera").click()
    plain.fill("#body", "By a plain form")
    plain.locator("#send").click()
    plain.locator("#entries").get_by_text("By a plain form").wait_for()
    vera.waits_for("By a plain form")


def test_who_is_signed_out_elsewhere_is_told_so(office):
    page = office.open()
    page.context.clear_cookies()
    page.evaluate("dispatchEvent(new Event('offline'))")
    page.evaluate("dispatchEvent(new Event('online'))")
    page.locator("#connection").get_by_text("You have been signed out").wait_for()


NO_SOCKETS = """
const Real = WebSocket;
window.sockets = false;
window.WebSocket = class extends Real {
  constructor(address) {
    super(window.sockets ? address : address.replace(/socket.*/, 'no-socket-here'));
  }
};
"""


def test_where_no_socket_can_be_the_inbox_asks_and_a_socket_takes_over_when_there_is_one(office, new_context):
    context = new_context(viewport=DESKTOP, locale="en-US")
    context.add_init_script(NO_SOCKETS)
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url) if request.url.endswith("/frames") else None)
    page = sign_in(context.new_page(), office.product, office.an)
    page.evaluate("document.querySelector('html').dataset.kept = 'yes'")
    visitor = office.visitor(says="Is anybody there?")
    page.locator("a.row", has_text="Is anybody there?").wait_for()
    open_first(page)
    page.locator("#body").fill("Yes, by another way")
    page.locator("#body").press("Enter")
    visitor.waits_for("Yes, by another way")
    visitor.say("Good")
    bubbles(page, "Good").wait_for()
    assert bubbles(page, "Yes, by another way").count() == 1
    assert page.evaluate("document.querySelector('html').dataset.kept") == "yes"
    page.evaluate("window.sockets = true; window.dispatchEvent(new Event('online'))")
    page.wait_for_timeout(2_000)
    before = len(asked)
    visitor.say("Now by the socket")
    bubbles(page, "Now by the socket").wait_for(timeout=5_000)
    page.wait_for_timeout(6_000)
    assert before > 3
    assert len(asked) == before


def test_a_chat_that_could_not_be_followed_is_followed_with_the_next_heartbeat(office):
    page = office.open()
    vera = office.visitor()
    opened, lines = [], []

    def between(line):
        server = line.connect_to_server()
        lines.append(line)

        def from_page(text):
            frame = json.loads(text)
            if frame["type"] != "open":
                return server.send(text)
            opened.append(frame)
            if len(opened) > 1:
                return server.send(text)
            # What the server says while its database is away.
            return line.send(json.dumps({"type": "error", "code": "failed", "message": "-", "ref": frame["ref"]}))

        line.on_message(from_page)

    def opens():
        page.title()  # the handler above runs while something is asked of the page
        return len(opened)

    page.route_web_socket("**/inbox/socket*", between)
    page.reload()
    wait_live(page)
    open_first(page)
    until(lambda: opens() == 1)
    # A heartbeat names the chats that the server follows: none.
    lines[-1].send(json.dumps({"type": "heartbeat", "newest": None, "seqs": {}}))
    until(lambda: opens() == 2)
    vera.say("Are you there?")
    bubbles(page, "Are you there?").wait_for()
    # One that may not be seen any more is not asked for again and again.
    lines[-1].send(json.dumps({"type": "chat", "chat": {"uid": opened[0]["chat"], "gone": True, "changed": "9"}}))
    page.locator(".toast").first.wait_for()
    lines[-1].send(json.dumps({"type": "heartbeat", "newest": None, "seqs": {}}))
    page.wait_for_timeout(500)
    assert opens() == 2
