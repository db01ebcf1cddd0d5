"""The product in a process of its own and Chromium in front of it, for what is measured as a person sees it."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
# A telephone on a bad line: what Chromium's own tools call "Fast 3G".
SLOW_LINE = {"offline": False, "latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 750e3 / 8}


@contextmanager
def product() -> Iterator[Any]:
    """Have the product running, in the mode that the environment names, with data of its own."""
    from tests.product import Product, Template

    with tempfile.TemporaryDirectory() as folder:
        template = Template(Path(folder) / "template")
        made = Product(Path(folder) / "product", template)
        try:
            yield made.start()
        finally:
            made.remove()
            template.remove()


@contextmanager
def chromium() -> Iterator[Any]:
    """Have Chromium. A page and what is framed in it share a process, so that one slow line holds for both."""
    from playwright.sync_api import sync_playwright

    path = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    arguments = ["--no-sandbox", "--no-first-run", "--disable-gpu", "--disable-dev-shm-usage"]
    arguments += ["--disable-site-isolation-trials", "--disable-features=IsolateOrigins,site-per-process"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, headless=True, args=arguments)
        yield browser
        browser.close()


def slow(page: Any, line: dict[str, Any] = SLOW_LINE) -> Any:
    """Put a page on a slow line; return the session with the browser's own tools."""
    tools = page.context.new_cdp_session(page)
    tools.send("Network.enable")
    tools.send("Network.emulateNetworkConditions", line)
    return tools
