"""The partner guide's own snippets on another origin; pages that tamper, tabs in step, and who the visitor is."""

import re
import time

import jwt

from .shop import until

# contracts/partner-integration-guide.md, "Basic Installation", letter by letter.
BASIC = """
<script src="https://your-domain.com/widget/chat-widget.js"></script>
<script>
  document.addEventListener('DOMContentLoaded', function() {
    ChatWidget.init({
      apiKey: 'your-api-key',
      customerId: 'unique-customer-id'  // Optional - will generate one if not provided
    });
  });
</script>
"""
# The same, "Widget Customization".
CUSTOM = """
ChatWidget.init({
  apiKey: 'your-api-key',
  customerId: 'unique-customer-id',
  baseUrl: 'https://your-custom-url.com', // Optional - defaults to window.location.origin
  theme: {
    primaryColor: '#3a7bd5',
    headerText: 'Customer Support',
    welcomeMessage: 'Hello! How can we help you today?'
  }
});
"""
# What old libraries did to pages: patched prototypes, a JSON of their own, names that everybody uses.
TAMPERED = """<script>
  Object.prototype.extra = function () { return 'extra'; };
  Array.prototype.first = function () { return this[0]; };
  Array.prototype.reduce = function () { return this.length > 1 ? this : this[0]; };
  for (const kind of [String, Number, Array]) kind.prototype.toJSON = function () { return '"' + this + '"'; };
  window.$ = window.h = window.name = window.api = window.options = null;
  Element.prototype.show = Element.prototype.hide = function () { this.style.display = 'none'; };
  document.getElementById = function () { return null; };
</script>"""


def own(text, team):
    """Put our own address and key where the guide has its placeholders."""
    for theirs in ("https://your-domain.com", "https://your-custom-url.com"):
        text = text.replace(theirs, team.product.url)
    return text.replace("your-api-key", team.key)


def test_the_guides_first_snippet_is_all_that_a_page_needs(visit, shop, team):
    visitor = visit(shop.show("/guide", f"<!doctype html><title>Shop</title><h1>Shop</h1>{own(BASIC, team)}")).open()
    visitor.say("Where is my order?")
    session = visitor.session
    until(lambda: team.texts(session) == ["Where is my order?"])
    team.say(session, "On its way")
    visitor.sees("On its way")
    assert team.call("GET", f"sessions/{session}")["visitor"]["verified"] is False


def test_the_guides_second_snippet_dresses_it(visit, shop, team):
    script = f'<script src="{team.product.url}/widget/chat-widget.js"></script><script>{own(CUSTOM, team)}</script>'
    visitor = visit(shop.show("/custom", f"<!doctype html><title>Shop</title><h1>Shop</h1>{script}")).open()
    visitor.sees("Hello! How can we help you today?")
    visitor.frame.get_by_text("Customer Support", exact=True).wait_for()
    assert visitor.launcher.evaluate("(node) => getComputedStyle(node).backgroundColor") == "rgb(58, 123, 213)"


def test_a_page_that_tampers_with_everything_has_a_whole_conversation(visit, embed, team):
    theme = {"primaryColor": "#ffd400", "headerText": "Desk", "welcomeMessage": "Hello there"}
    visitor = visit(embed("/tampered", before=TAMPERED, theme=theme, customerId="anna")).open()
    visitor.frame.get_by_text("Desk", exact=True).wait_for()
    assert visitor.launcher.evaluate("(node) => getComputedStyle(node).color") == "rgb(0, 0, 0)"
    visitor.say("Hello from the nineties")
    session = visitor.session
    until(lambda: team.texts(session) == ["Hello from the nineties"])
    assert visitor.kept("identity")["customerId"] == "anna"
    # And its own inventions are as they were.
    assert visitor.page.evaluate("[[5, 6].first(), ({}).extra(), document.getElementById('x')]") == [5, "extra", None]


def test_destroyed_it_can_begin_anew_and_knows_the_visitor(visit, team):
    visitor = visit().open()
    visitor.say("Before")
    session = visitor.session
    until(lambda: team.texts(session) == ["Before"])
    visitor.page.evaluate("ChatWidget.destroy()")
    assert visitor.page.locator("parley-chat").count() == 0
    visitor.page.evaluate("(apiKey) => ChatWidget.init({apiKey})", team.key)
    visitor.open()
    visitor.sees("Before")
    assert visitor.session == session


def token(team, customer):
    claims = {"sub": customer, "exp": int(time.time()) + 300, "name": "Anna Lind"}
    return jwt.encode(claims, team.workspace["identitySecret"], "HS256")


def visitor_of(team, session):
    return team.call("GET", f"sessions/{session}")["visitor"]


def test_who_logs_in_while_talking_goes_on_talking_as_themselves(visit, team):
    customer = f"anna-{time.monotonic_ns()}"
    visitor = visit().open()
    visitor.say("Anonymous so far")
    session = visitor.session
    until(lambda: team.texts(session) == ["Anonymous so far"])
    assert not visitor_of(team, session)["verified"]
    login = {"customerId": customer, "identityToken": token(team, customer)}
    visitor.page.evaluate("(who) => ChatWidget.setVisitor(who)", login)
    until(lambda: visitor_of(team, session)["verified"])
    assert visitor_of(team, session)["name"] == "Anna Lind"
    visitor.say("Still the same chat")
    until(lambda: team.texts(session) == ["Anonymous so far", "Still the same chat"])
    # On another device the same customer finds the same conversation.
    other = visit()
    other.open()
    other.page.evaluate("(who) => ChatWidget.setVisitor(who)", login)
    other.say("From my phone")
    until(lambda: other.session == session)
    visitor.sees("From my phone")
    # Who logs out leaves nothing behind.
    visitor.page.evaluate("ChatWidget.setVisitor()")
    until(lambda: visitor.texts() == [])
    visitor.say("Somebody else")
    until(lambda: visitor.session != session)
    until(lambda: team.texts(visitor.session) == ["Somebody else"])


def test_who_logs_in_while_the_chat_is_just_beginning_is_heard_too(visit, team):
    visitor = visit().open()
    page, held = visitor.page, []
    asked = re.compile(r"/v1/chat/sessions/session_\w+$")
    page.route(asked, lambda route: held.append(route))
    visitor.say("Quick")
    until(lambda: page.wait_for_timeout(50) or held)
    page.evaluate("ChatWidget.setVisitor({customerId: 'anna', customer: {name: 'Anna Lind'}})")
    page.wait_for_timeout(500)
    page.unroute(asked)  # what was held goes on
    session = visitor.session
    until(lambda: visitor_of(team, session)["name"] == "Anna Lind")
    assert visitor.session == session


def test_a_claim_while_talking_is_shown_as_one_and_a_forged_proof_opens_nothing(visit, team):
    visitor = visit().open()
    visitor.say("Hello")
    session = visitor.session
    until(lambda: team.texts(session) == ["Hello"])
    visitor.page.evaluate("ChatWidget.on('error', (error) => { window.heard = error; })")
    forged = jwt.encode({"sub": "boss", "exp": int(time.time()) + 300}, "not the secret of this workspace!!", "HS256")
    visitor.page.evaluate("(who) => ChatWidget.setVisitor(who)", {"customerId": "boss", "identityToken": forged})
    until(lambda: visitor.page.evaluate("window.heard"))
    assert not visitor_of(team, session)["verified"]
    visitor.page.evaluate("ChatWidget.setVisitor({customerId: 'boss', customer: {name: 'The boss'}})")
    until(lambda: visitor_of(team, session)["name"] == "The boss")
    assert not visitor_of(team, session)["verified"]
    assert visitor.session == session


def test_opened_and_closed_in_one_tab_it_is_so_in_the_other_and_on_the_next_page(visit, embed):
    visitor = visit(embed("/one"))
    other = visit(embed("/two"), context=visitor.page.context)
    other.launcher.wait_for()
    visitor.open()
    until(lambda: other.is_open)
    visitor.page.goto(embed("/three"))
    visitor.field.wait_for()
    # It came by itself, so it does not take the keyboard.
    assert visitor.page.evaluate("document.activeElement.localName") == "body"
    visitor.launcher.click()
    until(lambda: not other.is_open)
    visitor.page.reload()
    visitor.launcher.wait_for()
    visitor.page.wait_for_timeout(500)
    assert not visitor.is_open


NOT_LAID_OUT = """() => {
  const [root, field] = [document.documentElement, document.getElementById('field')];
  root.style.display = 'none';
  field.dispatchEvent(new Event('input'));
  root.style.display = '';
  return field.clientHeight;
}"""


def test_a_field_that_is_not_laid_out_yet_keeps_its_height(visit):
    # As when the chat opens by itself on the next page: the frame is told so before it has a size.
    assert visit().open().inside.evaluate(NOT_LAID_OUT) >= 36


def test_on_a_phone_no_page_is_covered_unasked(visit, embed):
    visitor = visit(embed("/phone"), viewport={"width": 390, "height": 800}).open()
    other = visit(embed("/other"), context=visitor.page.context)
    other.launcher.wait_for()
    visitor.page.reload()
    visitor.launcher.wait_for()
    visitor.page.wait_for_timeout(500)
    assert not visitor.is_open and not other.is_open


def test_a_line_that_breaks_again_and_again_still_carries_everything_once(visit, team):
    visitor = visit()
    lines = []

    def brief(route):
        lines.append(route)
        route.connect_to_server()

    visitor.page.route_web_socket("**/v1/chat/*", brief)
    visitor.page.reload()
    visitor.open()
    visitor.say("0")
    session = visitor.session
    for number in range(1, 12):
        team.say(session, f"{number} from the team")
        visitor.say(f"{number} from the shop")
        if number % 3 == 0 and lines:
            lines[-1].close(code=1011)
    until(lambda: sorted(visitor.texts()) == sorted(team.texts(session)) and len(visitor.texts()) == 23, 60)
    until(lambda: visitor.texts() == team.texts(session))
    assert len(lines) >= 2
