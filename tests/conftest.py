"""What every test may use: the world, the running product, a browser. No test may skip where CI runs."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from .product import Product, Template

IN_CI = os.environ.get("CI") == "true"


@pytest.fixture(scope="session", autouse=True)
def plain_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Cheap passwords, static files without a collectstatic, uploads in a folder that goes away."""
    from django.conf import settings
    from django.test import override_settings

    changed: dict[str, Any] = {
        "PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"],
        "STORAGES": {
            "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
            "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
        },
        "WHITENOISE_USE_FINDERS": True,
        "WHITENOISE_AUTOREFRESH": True,
        "STATIC_ROOT": tmp_path_factory.mktemp("static"),
        "MEDIA_ROOT": tmp_path_factory.mktemp("files"),
    }
    if redis := os.environ.get("REDIS_URL"):
        changed["CACHES"] = {"default": {**settings.CACHES["default"], "LOCATION": _cache_of_this_worker(redis)}}
    with override_settings(**changed):
        yield


def _cache_of_this_worker(redis: str) -> str:
    """Return a Redis database that no other test process clears: each test clears its own."""
    server, _, number = redis.rpartition("/")
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])
    return f"{server}/{(int(number) - 1 - worker) % 16}"


@pytest.fixture(autouse=True)
def fresh_cache() -> Iterator[None]:
    """Rate limits and the like do not travel from one test to the next."""
    from django.core.cache import cache

    yield
    cache.clear()


@pytest.fixture
def world(db: None) -> Any:
    """Return the shared world (tests/world.py). With threads or sockets, mark the test django_db(transaction=True)."""
    from .world import World

    return World()


# --- The running product ----------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Template]:
    """A migrated, empty database to copy."""
    template = Template(tmp_path_factory.mktemp("template"))
    yield template
    template.remove()


@pytest.fixture(scope="session")
def new_product(template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Product]]:
    """Return a maker of installations that are not started yet."""
    made: list[Product] = []

    def make() -> Product:
        made.append(Product(tmp_path_factory.mktemp("product"), template))
        return made[-1]

    yield make
    for product in made:
        product.remove()


@pytest.fixture(scope="module")
def product(new_product: Callable[[], Product]) -> Product:
    """The product, running, shared by the tests of a module; each makes its own workspace in it.

    ``product.manage_json("create_workspace", "Acme")`` and its like prepare it.
    """
    return new_product().start()


# --- The browser ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """Debian's Chromium, driven by Playwright. Browser tests run last: its sync API leaves a running loop."""
    from playwright.sync_api import sync_playwright

    quiet = ["gpu", "quic", "background-networking", "component-update", "sync", "dev-shm-usage"]
    arguments = ["--no-sandbox", "--no-first-run", *(f"--disable-{thing}" for thing in quiet)]
    path = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    if not Path(path).exists():
        pytest.skip(f"no Chromium at {path} (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, headless=True, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def new_context(chromium: Any) -> Iterator[Callable[..., Any]]:
    """Return a maker of browser contexts (a person each); script errors and refused policies fail the test."""
    contexts: list[Any] = []
    complaints: list[str] = []

    def listen(page: Any) -> None:
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console", lambda line: complaints.append(line.text) if "Content Security Policy" in line.text else None
        )

    def make(**options: Any) -> Any:
        context = chromium.new_context(**options)
        context.set_default_timeout(15_000)
        context.on("page", listen)
        contexts.append(context)
        return context

    yield make
    for context in contexts:
        context.close()
    assert not complaints, complaints


# --- Order and skips --------------------------------------------------------------------------------------------


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what uses the browser, and run it last."""
    for item in items:
        if "chromium" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Turn a skip or an expected failure into a failure in CI: there, every test can run."""
    report = yield
    if IN_CI and (report.skipped or hasattr(report, "wasxfail")):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} did not run in CI: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Iterator[None]:
    """The same for a whole module that skips itself."""
    report = yield
    if IN_CI and report.outcome == "skipped":
        report.outcome = "failed"
        report.longrepr = f"{collector.nodeid} was skipped in CI: {report.longrepr}"
    return report
