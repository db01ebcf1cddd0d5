"""Hostile text in every field, met in every view: nothing of it runs, is asked for, or becomes markup.

tests/poison.py writes it, past all validators. The pages are those of the URL conf (tests/access): one that is walked
by nobody fails.
"""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from analytics.dashboards.reports import REPORTS
from tests import poison
from tests.access import tables
from tests.access.places import ACCOUNTS, ADMIN, routes

from .inbox import Visitor as Caller
from .inbox import wait_live
from .shop import PAGE, Visitor

LOOK = Path(__file__).with_name("hostile.js").read_text()
# In every document, before its own scripts.
WATCH = """
window.refused = [];
window.hostile = () => window.refused.push("a script of somebody's text ran");
addEventListener("securitypolicyviolation", (event) => {
  window.refused.push(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
});
"""
# Routes that show nobody's words: files, pieces for programs, turns to another address.
NO_VIEW = {
    "/": "leads to the inbox", "/healthz": "JSON", "/readyz": "JSON", "/metrics": "plain text",
    "/docs/api/{name}/openapi.json": "JSON of ours", "/files/uploads/{token}": "takes a PUT only",
    "/files/{token}/{name}": "a file (tests/access/test_uploads.py)", "/pictures/{uid}/{digest}.jpg": "a picture",
    "/inbox/files/{uid}": "leads to a file", "/inbox/exports/{uid}/file": "a file",
    "/inbox/analytics/{name}.xlsx": "a file", "/inbox/analytics/{name}/{table}.csv": "a file",
    "/widget/chat-widget.js": "a script of ours", "/widget/page.js": "a script of ours",
    "/widget/frame/": "met inside the shop's page", "/demo-site/": "a page of ours, with another workspace's widget",
    "/demo-site/orders/{number}": "JSON",
    "/inbox/developers/website/domains/{uid}": "leads to the website's page",
}  # fmt: skip
# Pages of the admin that are one template for all models: met with these.
ONE_TEMPLATE, OF_THESE = ("/add/", "/delete/", "/history/"), ("/admin/chat/tag/", "/admin/agents/department/")
ADMIN_NO_VIEW = {"logout/", "login/", "jsi18n/", "autocomplete/", "r/", "password_change/done/", "(?P"}


# What agents read all day: were one of these not met, the walk would have walked past it.
ALWAYS_MET = {
    "agents.Agent.name", "agents.Workspace.name", "chat.ActionCard.answer", "chat.ActionCard.title",
    "chat.Attachment.name", "chat.Chat.close_reason", "chat.Chat.custom_fields", "chat.Chat.notes",
    "chat.Chat.rating_comment", "chat.Chat.trigger_name", "chat.Message.body", "chat.Message.payload", "chat.Tag.name",
    "chat.Visitor.custom_fields", "chat.Visitor.email", "chat.Visitor.name", "chat.Visitor.phone",
}  # fmt: skip


@dataclass
class Walk:
    """What was met: findings by where, and the numbers of the fields whose text was shown."""

    product: Any
    filled: dict[str, Any]
    context: Any
    findings: dict[str, list[str]] = field(default_factory=dict)
    shown: set[int] = field(default_factory=set)

    def look(self, page: Any, where: str) -> None:
        """Look at every document of a page."""
        for frame in page.frames:
            seen = frame.evaluate(LOOK, poison.ELEMENT)
            self.shown |= set(seen["shown"])
            self.note(where, seen["found"])

    def note(self, where: str, found: list[str]) -> None:
        if found:
            self.findings.setdefault(where, []).extend(found)

    def page(self) -> Any:
        """Open a tab that is listened to."""
        page = self.context.new_page()
        page.set_default_timeout(60_000)
        page.on("dialog", lambda dialog: (self.note(page.url, [f"a dialog: {dialog.message}"]), dialog.dismiss()))
        page.on("request", lambda request: request.url.startswith(poison.CANARY) and self.note(page.url, [request.url]))
        return page

    def go(self, page: Any, path: str, statuses: tuple[int, ...] = (200,)) -> None:
        """Open this path of the product, and look."""
        answer = page.goto(self.product.url + path)
        assert answer.status in statuses, f"{path}: {answer.status}"
        self.look(page, path)


@pytest.fixture(scope="module")
def filled(product):
    """A company in whose every field something hostile stands, and a visitor who talks to it."""
    made = product.manage_json("create_workspace", "Acme", "--domain", "localhost")
    product.manage_json("create_agent", made["slug"], "an@example.com", "--name", "An", "--role", "owner")
    caller = Caller.begin(product, made["publishableKey"], "Vera", "Hello")
    fill = f"poison.fill({made['slug']!r}, {caller.session!r})"
    told = product.manage("shell", "-v", "0", "-c", f"import json; from tests import poison; print(json.dumps({fill}))")
    about = {"key": made["publishableKey"], "token": caller.token, "session": caller.session}
    return {**json.loads(told.stdout), **about}


@pytest.fixture
def walk(product, filled, new_context):
    """Return a maker of walks, by who is logged in."""

    def make(who: str = "", **options: Any) -> Walk:
        context = new_context(**{"viewport": {"width": 1440, "height": 900}, "locale": "en-US", **options})
        context.add_init_script(WATCH)
        if who:
            context.add_cookies([{"name": "parley_session", "value": filled["cookies"][who], "url": product.url}])
        return Walk(product, filled, context)

    return make


def team_paths(filled: dict[str, Any]) -> list[str]:
    """Every page of the team and every public one, with ids of what was filled."""
    table = tables.read(tables.PAGES)
    found = [key.split(" ")[1] for key in table if key.startswith("GET ")] + sorted(tables.PUBLIC)
    paths = [path for pattern in found if pattern not in NO_VIEW for path in addresses(pattern, filled)]
    return [*paths, f"/inbox/chats/{filled['other chat']}"]


def addresses(pattern: str, filled: dict[str, Any]) -> list[str]:
    """Return what a route's pattern stands for; KeyError for a parameter that nobody told us about."""
    if "/weekly/stop/" in pattern:
        return [filled["stop"]]
    if pattern.startswith("/invitations/"):
        return [filled["invitation"]]
    if pattern.startswith("/inbox/analytics/{name}"):
        return [pattern.format(name=name) for name in REPORTS]
    if pattern.startswith("/docs/"):
        return [pattern.format(name="live-chat" if "/api/" in pattern else "widget")]
    uids = filled["uids"]
    own = next((uid for place, uid in uids.items() if pattern.startswith(place)), "")
    return [pattern.format(uid=own, delivery_uid=uids["deliveries"], kind="secret")]


def admin_paths(filled: dict[str, Any]) -> list[str]:
    """Every page of Django admin, of the row that was filled."""
    found = []
    for path, _view in routes():
        if path.endswith(ONE_TEMPLATE) and not path.startswith(OF_THESE):
            continue
        if not path.startswith(ADMIN) or path.removeprefix(ADMIN).startswith(tuple(ADMIN_NO_VIEW)):
            continue
        if "/admin/^(?P" in path:
            found += [f"{ADMIN}{label}/" for label in ("agents", "chat")]
        elif model := re.match(r"/admin/(\w+)/(\w+)/", path):
            rows = {label.lower(): pk for label, pk in filled["rows"].items()}
            path = re.sub(r"\{(object_)?id\}", str(rows[".".join(model.groups())]), path)
            found.append(path)
        else:
            found.append(path)
    return found


def embedded(shop: Any, steps: Walk) -> str:
    """Return a page of the shop with the company's widget."""
    options = json.dumps({"apiKey": steps.filled["key"]})
    return shop.show("/", PAGE.format(lang="en", style="", before="", parley=steps.product.url, options=options))


def test_no_page_of_the_team_takes_it_for_more_than_text(walk, filled):
    steps = walk("owner")
    page = steps.page()
    for path in team_paths(filled):
        steps.go(page, path)
    # What comes over the line.
    page.goto(f"{steps.product.url}/inbox/chats/{filled['uids']['/inbox/chats/']}")
    page.locator("#suggestion:visible").wait_for()
    steps.look(page, "a suggestion")
    assert {filled["numbers"][name] for name in ALWAYS_MET} <= steps.shown
    assert not steps.findings


def test_no_page_of_the_admin_takes_it_for_more_than_text(walk, filled):
    steps = walk("root")
    page = steps.page()
    for path in admin_paths(filled):
        steps.go(page, path)
    assert not steps.findings


def test_no_page_of_the_login_takes_it_for_more_than_text(walk, filled):
    steps = walk("root")
    page = steps.page()
    for path, _view in routes():
        if path.startswith(ACCOUNTS) and "{" not in path and "(?P" not in path and "download" not in path:
            # Who is logged in is led to an inbox, where root has no seat; and there is no second step to end.
            steps.go(page, path, (200, 403, 404))
    assert not steps.findings


def test_neither_the_mail_nor_the_widget_takes_it_for_more_than_text(walk, filled, shop):
    """Both on pages that have no policy: whatever got through would run."""
    steps = walk()
    page = steps.page()
    page.goto(shop.show("/mail", filled["mail"]))
    steps.look(page, "the weekly mail")
    visitor = Visitor(page, embedded(shop, steps))
    page.locator("parley-chat aside .say").wait_for()
    steps.look(page, "a proactive message")
    visitor.open()
    visitor.keep("identity", {"token": filled["token"], "sessionId": filled["session"]})
    page.reload()
    visitor.open()
    visitor.frame.locator(".cards .card").first.wait_for()
    steps.look(page, "the widget's window")
    assert not steps.findings


def test_what_is_said_live_is_only_text(walk, filled, shop):
    """By the visitor in the widget, by the agent in the inbox, each shown by the other's scripts."""
    desk, steps = walk("owner"), walk()
    inbox, page = desk.page(), steps.page()
    visitor = Visitor(page, embedded(shop, steps)).open()
    visitor.say("Hello")
    inbox.goto(f"{desk.product.url}/inbox/chats/{visitor.session.removeprefix('session_')}")
    wait_live(inbox)
    inbox.locator("#composer").wait_for()
    said = [poison.hostile(number, room=room) for number, room in ((900, None), (901, 60))]
    visitor.say(said[0])
    visitor.frame.locator("#picker").set_input_files(
        {"name": f"{said[1].replace('/', '')}.txt", "mimeType": "text/plain", "buffer": b"words"}
    )
    inbox.locator("#entries .entry").filter(has_text="id=p900-").wait_for()
    inbox.locator("#entries .entry").filter(has_text="id=p901-").wait_for()
    inbox.locator("#body").fill(poison.hostile(902))
    inbox.locator("#body").press("Enter")
    visitor.frame.locator("#list .bubble").filter(has_text="id=p902-").wait_for()
    desk.look(inbox, "the inbox")
    steps.look(page, "the widget's window")
    assert desk.shown >= {900, 901, 902} and steps.shown >= {900, 901, 902}
    assert not desk.findings and not steps.findings
