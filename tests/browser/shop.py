"""A shop on another origin with the widget on it, the visitor in front of it, and an agent who answers over REST."""

import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.product import Product

PAGE = """<!doctype html><html lang="{lang}"><head><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Shop</title><style>{style}</style></head><body>
<h1>Shop</h1><a href="#things" id="before">Things</a>
{before}
<script src="{parley}/widget/chat-widget.js"></script>
<script>
  document.addEventListener('DOMContentLoaded', function() {{
    ChatWidget.init({options});
  }});
</script></body></html>"""


KEPT = """(key) => {
  try { return localStorage.getItem(key); } catch {
    const pair = document.cookie.split('; ').find((text) => text.startsWith(key + '='));
    return pair && decodeURIComponent(pair.slice(key.length + 1));
  }
}"""
KEEP = """([key, text]) => {
  try { localStorage.setItem(key, text); } catch {
    const rights = 'Path=/widget/frame/; Max-Age=60; Secure; SameSite=None; Partitioned';
    document.cookie = `${key}=${encodeURIComponent(text)}; ${rights}`;
  }
}"""


class Shop:
    """The shop's own web server. ``show`` puts a page at an address, with a policy of the shop's choice."""

    def __init__(self) -> None:
        pages: dict[str, tuple[bytes, str]] = {}

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body, policy = pages.get(self.path.split("?")[0], (b"", ""))
                self.send_response(200 if body else 404)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                if policy:
                    self.send_header("Content-Security-Policy", policy)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_args: object) -> None:
                """Say nothing."""

        self.pages = pages
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.origin = f"http://localhost:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def show(self, path: str, html: str, policy: str = "") -> str:
        """Serve this page; return its address."""
        self.pages[path] = html.encode(), policy
        return self.origin + path

    def close(self) -> None:
        """End it."""
        self.server.shutdown()
        self.server.server_close()


class Team:
    """A workspace of the product with one agent who is available, acting with their own token."""

    def __init__(self, product: Product) -> None:
        self.product = product
        name = f"Acme {time.monotonic_ns()}"
        self.workspace = product.manage_json("create_workspace", name, "--domain", "localhost")
        email = f"an{time.monotonic_ns()}@example.com"
        who = [self.workspace["slug"], email, "--name", "Nguyễn An", "--max-chats", "200"]
        self.agent = product.manage_json("create_agent", *who)
        self.key = self.workspace["publishableKey"]
        self.call("PUT", f"agents/{self.agent['agentId']}/status", {"status": "available"})

    def call(self, method: str, path: str, body: object = None, token: str = "") -> Any:
        """Call the live-chat contract as the agent; return the answer's data."""
        headers = {"Authorization": f"Bearer {token or self.agent['token']}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.product.url}/v1/chat/{path}", data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=15) as answer:
                return json.loads(answer.read())["data"]
        except urllib.error.HTTPError as error:
            if error.code == 429:  # a quick machine says more in a second than an agent may
                time.sleep(int(error.headers["Retry-After"]))
                return self.call(method, path, body, token)
            raise AssertionError(f"{method} {path}: {error.code} {error.read().decode()}") from None

    def say(self, session: str, text: str) -> Any:
        """Answer the visitor."""
        return self.call("POST", f"sessions/{session}/messages", {"content": text, "type": "text"})

    def texts(self, session: str) -> list[str]:
        """What was said in the session, in its order, without the system's lines."""
        entries = self.call("GET", f"sessions/{session}/messages?perPage=100")
        return [entry["content"] for entry in entries if entry["type"] != "system"]


class Visitor:
    """A browser tab on the shop's page."""

    def __init__(self, page: Any, url: str) -> None:
        self.page = page
        self.url = url
        page.goto(url)

    @property
    def launcher(self) -> Any:
        return self.page.locator("parley-chat button[aria-expanded]")

    @property
    def frame(self) -> Any:
        """The conversation, to look at."""
        return self.page.frame_locator("parley-chat iframe")

    @property
    def inside(self) -> Any:
        """The conversation's document, to evaluate in."""
        return next(frame for frame in self.page.frames if "/widget/frame/" in frame.url)

    @property
    def is_open(self) -> bool:
        return self.launcher.get_attribute("aria-expanded") == "true"

    @property
    def field(self) -> Any:
        return self.frame.locator("#field")

    def open(self) -> "Visitor":
        """Open the chat, unless it stands open already: it was left so on the page before."""
        self.launcher.wait_for()
        if not self.is_open:
            self.launcher.click()
        self.field.wait_for()
        return self

    def say(self, text: str) -> None:
        self.field.fill(text)
        self.field.press("Enter")

    def sees(self, text: str) -> None:
        self.frame.locator("#log").get_by_text(text, exact=True).first.wait_for()

    def sees_state(self, state: str) -> None:
        self.frame.locator(f"#list .mine[data-state={state}]").last.wait_for()

    def texts(self) -> list[str]:
        return self.frame.locator("#list .bubble").all_inner_texts()

    def _storage_key(self, name: str) -> str:
        return f"parley.{self.inside.url.split('key=')[1].split('&')[0]}.{name}"

    def kept(self, name: str) -> Any:
        """What the widget keeps under this name: in its storage, or where the browser blocks that, in its cookie."""
        return json.loads(self.inside.evaluate(KEPT, self._storage_key(name)) or "null")

    def keep(self, name: str, value: Any) -> None:
        """Put this under that name into the widget's storage, past the widget: as another tab would."""
        key = self._storage_key(name)
        self.inside.evaluate(KEEP, [key, json.dumps(value)])

    @property
    def session(self) -> str:
        return until(lambda: (self.kept("identity") or {}).get("sessionId"))


def until(look: Callable[[], Any], seconds: float = 20, shown: Callable[[], Any] = str) -> Any:
    """Return what ``look`` finds, as soon as it is true. ``shown`` tells what there was instead, when it never is."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, f"this did not come to be: {shown()}"
        time.sleep(0.1)
    return found
