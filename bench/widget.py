"""What a visitor's browser loads for a first conversation, and how long it takes on a slow line.

    CHROMIUM=/usr/bin/chromium .venv/bin/python bench/widget.py [--rounds 5]

The real product, a shop on another origin, a visitor who has never been there. Bytes are counted as they came over the
line (bodies, packed); the times are of Chromium on 1.6 Mbit/s with 150 ms each way added, and on no slower line than this
machine: until the launcher can be pressed, from the press until one can write, from the key until the message is stored.
"""

from __future__ import annotations

import argparse
import statistics
import time
from typing import Any

import browsing
import ground

LOADER_BAR, CONVERSATION_BAR = 3 * 1024, 25 * 1024
_NO_LINE = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}


def main() -> None:
    """Measure, print, write ``bench/widget.json``."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    with browsing.product() as product, browsing.chromium() as browser:
        shop, address = _shop(product)
        lines = {"slow line": browsing.SLOW_LINE, "this machine": _NO_LINE}
        visits = {name: [_visit(browser, address, line) for _ in range(rounds)] for name, line in lines.items()}
        shop.close()
    loaded = visits["slow line"][0]["loaded"]
    for size, url in sorted(((size, url) for url, size in loaded.items()), reverse=True):
        print(f"{size:8,}  {url}")
    code = {url: size for url, size in loaded.items() if not url.startswith("v1/") and size}
    loader = sum(size for url, size in code.items() if "chat-widget.js" in url or "/loader" in url)
    results: dict[str, Any] = {"loader": loader, "conversation": sum(code.values()), "loaded": loaded}
    print(
        f"loader {loader:,} bytes (bar {LOADER_BAR:,}); first conversation {results['conversation']:,} (bar {CONVERSATION_BAR:,}), {len(code)} files"
    )
    for name, made in visits.items():
        results[name] = {
            what: statistics.median(visit[what] for visit in made) for what in ("launcher", "open", "message")
        }
        print(f"{name}: " + ", ".join(f"{what} {1000 * seconds:.0f} ms" for what, seconds in results[name].items()))
    ground.write("widget", results)


def _shop(product: Any) -> tuple[Any, str]:
    import json

    from tests.browser.shop import PAGE, Shop, Team

    shop, team = Shop(), Team(product)
    options = json.dumps({"apiKey": team.key})
    return shop, shop.show("/", PAGE.format(lang="en", style="", before="", parley=product.url, options=options))


def _visit(browser: Any, address: str, line: dict[str, Any]) -> dict[str, Any]:
    """Return what one visitor loads, by address, and the seconds of each step."""
    from tests.browser.shop import Visitor

    context = browser.new_context(viewport={"width": 1200, "height": 800}, locale="en-US")
    context.set_default_timeout(60_000)
    page = context.new_page()
    tools = browsing.slow(page, line)
    urls: dict[str, str] = {}
    sizes: dict[str, float] = {}
    heads: dict[str, float] = {}
    bodies: dict[str, int] = {}

    def answered(event: dict[str, Any]) -> None:
        answer, name = event["response"], event["requestId"]
        urls[name], heads[name] = answer["url"], answer["encodedDataLength"]
        if length := {head.lower(): value for head, value in answer["headers"].items()}.get("content-length"):
            bodies[name] = int(length)

    tools.on("Network.responseReceived", answered)
    tools.on("Network.loadingFinished", lambda event: sizes.__setitem__(event["requestId"], event["encodedDataLength"]))
    began = time.perf_counter()
    visitor = Visitor(page, address)
    visitor.launcher.wait_for()
    steps = {"launcher": time.perf_counter() - began}
    began = time.perf_counter()
    visitor.open()
    steps["open"] = time.perf_counter() - began
    began = time.perf_counter()
    visitor.say("Hello")
    visitor.frame.locator(
        "#list .mine:is([data-state=sent], [data-state=delivered], [data-state=read])"
    ).last.wait_for()
    steps["message"] = time.perf_counter() - began
    page.wait_for_timeout(300)  # what is under way still
    loaded = {
        url.split("?")[0].split("/", 3)[3]: bodies.get(name, int(sizes[name] - heads[name]))
        for name, url in urls.items()
        if name in sizes and url != address and url.startswith("http")
    }
    context.close()
    return {**steps, "loaded": loaded}


if __name__ == "__main__":
    main()
