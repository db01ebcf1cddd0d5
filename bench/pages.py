"""When the inbox can be used, on the demo data: Chromium's own clock, and how many queries each page is.

    CHROMIUM=/usr/bin/chromium .venv/bin/python bench/pages.py [--rounds 7]

The real product with the demo workspace in it. A page can be used when its list is drawn, its scripts have started and its
socket is open. The first visit has an empty cache; the others are reloads, as every morning has them.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from typing import Any

import browsing
import ground

BAR_SECONDS = 1.0
PAGES = {
    "mine": "/inbox/",
    "waiting": "/inbox/waiting",
    "all": "/inbox/all",
    "closed": "/inbox/closed",
    "reports": "/inbox/analytics/",
}


def main() -> None:
    """Measure, print, write ``bench/pages.json``."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    results: dict[str, Any] = {}
    with browsing.product() as product, browsing.chromium() as browser:
        product.manage("seed_demo")
        demo = json.loads((product.folder / "demo.json").read_text())
        page = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-US").new_page()
        page.set_default_timeout(60_000)
        _log_in(page, product.url, demo)
        for name, path in PAGES.items():
            times = [_usable(page, product.url + path, socket="analytics" not in path) for _ in range(rounds + 1)]
            results[name] = {"first": times[0], "again": statistics.median(times[1:]), "worst": max(times[1:])}
            print(
                f"{name:10} first {1000 * times[0]:.0f} ms, again {1000 * results[name]['again']:.0f} ms, worst {1000 * results[name]['worst']:.0f} ms"
            )
        links = page.goto(product.url + "/inbox/all") and page.locator("#rows a.row").first.get_attribute("href")
        times = [_usable(page, product.url + str(links)) for _ in range(rounds)]
        results["chat"] = {"first": times[0], "again": statistics.median(times[1:]), "worst": max(times[1:])}
        print(
            f"{'chat':10} first {1000 * times[0]:.0f} ms, again {1000 * results['chat']['again']:.0f} ms, worst {1000 * results['chat']['worst']:.0f} ms"
        )
    ground.write("pages", results)


def _log_in(page: Any, url: str, demo: dict[str, Any]) -> None:
    people = demo.get("logins") or demo.get("people") or demo["agents"]
    who = people[0]
    page.goto(f"{url}/accounts/login/")
    page.locator("[name=login]").fill(who["email"])
    page.locator("[name=password]").fill(who["password"])
    page.locator("[name=password]").press("Enter")
    page.wait_for_function("location.pathname.startsWith('/inbox')")


def _usable(page: Any, address: str, *, socket: bool = True) -> float:
    """Return the seconds until the page can be used."""
    opened: list[float] = []
    page.once("websocket", lambda line: line.once("framereceived", lambda _frame: opened.append(time.perf_counter())))
    began = time.perf_counter()
    page.goto(address, wait_until="load")
    ready = time.perf_counter()
    while socket and not opened and time.perf_counter() - began < 30:
        page.wait_for_timeout(5)
    return max([ready, *opened]) - began


if __name__ == "__main__":
    main()
