"""What the embed script does to a page, and what it leaves alone."""

import gzip
import re
from pathlib import Path

import pytest
import rcssmin
import rjsmin

from .shop import until

ROOT = Path(__file__).resolve().parents[2]
WIDGET = ROOT / "static" / "widget"
# Loaded at need: when the site names who is talking already, with the first file, on scrolling up, at the end of a
# chat, when a key is refused, and where a widget is more than a plain one.
LATER = {
    *("identify.js", "cards.js", "faces.js", "files.js", "older.js", "rating.js", "refused.js", "rich.js", "loader.js"),
    *("later.js", "later-en.js", "later-vi.js", "later-uz.js"),
    *("extras.js", "brand.js", "prompts.js", "page.js"),
}

HOSTILE = """
* { display: none !important; }
html, head, body, parley-chat { display: block !important; line-height: 9 !important; font-size: 60px !important; }
button, div, iframe, svg { transform: rotate(9deg) !important; opacity: .1 !important; all: unset !important; }
:last-child { visibility: hidden !important; width: 3px !important; }
"""


def packed(path):
    """Return how many bytes of a file a browser gets: as config.storage and widget.views serve it."""
    brief = {".js": rjsmin.jsmin, ".css": rcssmin.cssmin}.get(path.suffix, str)
    return len(gzip.compress(brief(path.read_text()).encode(), 9))


def test_the_loader_weighs_at_most_3_kb():
    assert packed(WIDGET / "loader.js") <= 3 * 1024


def test_a_first_conversation_weighs_at_most_25_kb_in_any_language():
    modules = [path for path in WIDGET.glob("*.js") if path.name not in LATER]
    words = [path for path in modules if path.name.startswith("words-")]
    shared = [*set(modules) - set(words), WIDGET / "loader.js", WIDGET / "frame.css"]
    total = sum(map(packed, [*shared, ROOT / "templates/widget/frame.html"])) + max(map(packed, words))
    assert len(words) == 3
    assert total <= 25 * 1024, total


def test_every_language_has_the_same_words():
    for name in ("words-*.js", "later-*.js"):
        keys = [set(re.findall(r"(\w+): '", path.read_text())) for path in sorted(WIDGET.glob(name))]
        assert len(keys) == 3 and keys[0] == keys[1] == keys[2]


def test_no_markup_is_ever_made_of_text():
    for path in [*WIDGET.glob("*.js"), ROOT / "templates/widget/frame.html"]:
        text = path.read_text()
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", text), (
            path
        )
        assert not re.search(r"\sstyle=|\son\w+=\"|<script>", text), path


def test_the_page_gets_one_global_and_one_element(visit, shop, embed):
    bare = visit(shop.show("/bare", "<!doctype html><title>Shop</title><h1>Shop</h1><body>"))
    names = set(bare.page.evaluate("Object.getOwnPropertyNames(window)"))
    visitor = visit()
    visitor.launcher.wait_for()
    visitor.open()
    assert set(visitor.page.evaluate("Object.getOwnPropertyNames(window)")) - names == {"ChatWidget"}
    assert visitor.page.evaluate("[...document.documentElement.children].map((node) => node.localName)") == [
        "head",
        "body",
        "parley-chat",
    ]
    assert visitor.page.evaluate("Object.keys(localStorage).length + Object.keys(sessionStorage).length") == 0
    assert visitor.page.evaluate("document.cookie") == ""
    assert visitor.page.evaluate("/native code/.test(history.pushState)")


def test_a_hostile_style_sheet_cannot_touch_the_launcher(visit, embed):
    visitor = visit(embed("/hostile", style=HOSTILE))
    visitor.launcher.wait_for()
    box = visitor.launcher.bounding_box()
    assert (round(box["width"]), round(box["height"])) == (56, 56)
    assert (round(box["x"]), round(box["y"])) == (1200 - 76, 800 - 76)
    visitor.open()
    panel = visitor.page.locator("parley-chat iframe").bounding_box()
    assert (round(panel["width"]), round(panel["height"])) == (360, 520)
    assert visitor.launcher.evaluate("(node) => getComputedStyle(node).opacity") == "1"


def test_a_strict_policy_of_the_page_suffices(visit, shop, team):
    html = f"""<!doctype html><title>Strict</title><h1>Strict</h1>
        <script src="{team.product.url}/widget/chat-widget.js"></script>
        <script nonce="n">ChatWidget.init({{apiKey: '{team.key}', theme: {{primaryColor: '#ffd400'}}}})</script>"""
    policy = (
        f"default-src 'none'; script-src 'nonce-n' {team.product.url}/widget/; frame-src {team.product.url};"
        " require-trusted-types-for 'script'"
    )
    visitor = visit(shop.show("/strict", html, policy))
    visitor.open()
    visitor.sees("Hello! How can we help you?")
    # The site's colour is light: the picture on it is dark.
    assert visitor.launcher.evaluate("(node) => getComputedStyle(node).color") == "rgb(0, 0, 0)"


def test_a_secret_key_is_refused_and_goes_nowhere(visit, embed, team):
    lines, requests = [], []
    before = "<script>ChatWidget = [['on', 'error', (error) => { window.heard = error; }]];</script>"
    visitor = visit(embed("/plain"))
    visitor.page.on("console", lambda line: lines.append((line.type, line.text)))
    visitor.page.on("request", lambda request: requests.append(f"{request.url} {request.headers} {request.post_data}"))
    secret = team.workspace["secretKey"]
    visitor.page.goto(embed("/secret", apiKey=secret, before=before))
    error = until(lambda: visitor.page.evaluate("window.heard"))
    assert error["code"] == "api_key" and "pk_" in error["message"]
    assert [text for kind, text in lines if kind == "error" and "publishable key" in text and "revoke" in text]
    visitor.page.wait_for_timeout(500)
    assert visitor.page.locator("parley-chat").count() == 0
    assert not [text for text in requests if secret in text]
    assert not [text for _, text in lines if secret in text]


def test_calls_made_before_the_script_came_are_made_up_for(visit, shop, team):
    html = f"""<!doctype html><title>Early</title><script>
        window.ChatWidget = window.ChatWidget || [];
        ChatWidget.push(['init', {{apiKey: '{team.key}'}}]);
        ChatWidget.push(['on', 'ready', () => {{ window.wasReady = true; }}], ['open']);
        </script><script async src="{team.product.url}/widget/chat-widget.js"></script>"""
    visitor = visit(shop.show("/early", html))
    visitor.field.wait_for()
    until(lambda: visitor.page.evaluate("window.wasReady"))
    assert visitor.launcher.get_attribute("aria-expanded") == "true"


def test_starting_twice_is_harmless_and_destroying_leaves_nothing(visit, team):
    visitor = visit()
    visitor.launcher.wait_for()
    visitor.page.evaluate("(key) => { ChatWidget.init({apiKey: key}); ChatWidget.init({apiKey: key}); }", team.key)
    assert visitor.page.locator("parley-chat").count() == 1
    assert len(visitor.page.frames) == 2
    visitor.page.evaluate("ChatWidget.destroy(); ChatWidget.open(); ChatWidget.close(); ChatWidget.destroy()")
    assert visitor.page.locator("parley-chat").count() == 0


def test_the_page_hears_what_happens(visit, team):
    visitor = visit()
    visitor.page.evaluate("""() => {
        window.heard = [];
        for (const name of ['ready', 'open', 'close', 'message', 'unread']) {
            ChatWidget.on(name, (detail) => heard.push([name, detail]));
        }
    }""")
    until(lambda: visitor.page.evaluate("heard.some(([name]) => name === 'ready')"))
    visitor.page.evaluate("ChatWidget.open()")
    visitor.say("Good morning")
    visitor.sees_state("sent")
    session = visitor.session
    visitor.page.evaluate("ChatWidget.toggle()")
    team.say(session, "Good morning to you")
    until(lambda: visitor.page.evaluate("ChatWidget.unread === 1 && heard.length === 6"))
    names = [name for name, _ in visitor.page.evaluate("heard")]
    assert names[:4] == ["ready", "open", "message", "close"] and sorted(names[4:]) == ["message", "unread"]
    assert visitor.launcher.get_attribute("aria-label") == "Open chat, 1 unread"
    assert visitor.launcher.inner_text() == "1"
    visitor.page.evaluate("ChatWidget.open()")
    until(lambda: visitor.page.evaluate("ChatWidget.unread") == 0)


def test_a_frame_listens_to_the_page_that_embeds_it_and_to_nobody_else(visit):
    visitor = visit().open()
    # Another window of the visitor's speaks to the launcher and to the frame.
    visitor.page.evaluate("""() => {
        const other = document.body.appendChild(document.createElement('iframe'));
        other.contentWindow.parent.postMessage({parley: 'turn', detail: false}, '*');
        const script = "parent.postMessage({parley: 'turn', detail: false}, '*')";
        other.contentWindow.eval(script);
        const frame = document.querySelector('parley-chat').shadowRoot.querySelector('iframe');
        const forge = "(frame) => frame.postMessage({parley: 'state', open: false, options: '{}'}, '*')";
        other.contentWindow.eval(forge)(frame.contentWindow);
    }""")
    visitor.page.wait_for_timeout(500)
    assert visitor.launcher.get_attribute("aria-expanded") == "true"
    visitor.say("Still open")
    visitor.sees_state("sent")


@pytest.mark.parametrize(("size", "full"), [((390, 844), True), ((640, 400), True), ((820, 600), False)])
def test_small_screens_are_filled(visit, size, full):
    width, height = size
    visitor = visit(viewport={"width": width, "height": height})
    visitor.open()
    box = visitor.page.locator("parley-chat iframe").bounding_box()
    if full:
        assert (box["x"], box["y"], box["width"], box["height"]) == (0, 0, width, height)
        assert not visitor.launcher.is_visible()
    else:
        assert box["width"] == 360 and box["height"] == min(520, height - 108)
        assert box["y"] >= 0
