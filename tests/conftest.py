"""What every test may use: the world, the running product, a browser. No test may skip where CI runs."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from .product import Product, Template
from .webhooks.receiver import Receiver

IN_CI = os.environ.get("CI") == "true"
# The test's own, those of the sockets' threads and of what loops leave behind: no more than this at a module's end.
_CONNECTIONS = 8
# So many tests of a run may need a second try (.ci/run gives one): more is a fault, not a busy machine.
_SECOND_TRIES = 6


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run in which too much needed its second try; what did is in pytest's summary (-rR)."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    again = {report.nodeid for report in reporter.stats.get("rerun", ())} if reporter else set()
    if len(again) > _SECOND_TRIES and session.exitstatus == pytest.ExitCode.OK:
        print(f"\n{len(again)} tests needed a second try; no more than {_SECOND_TRIES} may.")
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


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


@pytest.fixture(scope="session", autouse=True)
def true_schemas(plain_settings: None) -> Iterator[None]:
    """Every answer that a test gets from a contract's endpoint must be as its OpenAPI document says."""
    from .contracts import watch_clients

    with watch_clients():
        yield


def _cache_of_this_worker(redis: str) -> str:
    """Return a Redis database that no other test process clears: each test clears its own."""
    server, _, number = redis.rpartition("/")
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])
    return f"{server}/{(int(number) - 1 - worker) % 16}"


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> None:
    """Let Django's own permissions and content types stand when a test with real transactions empties the tables.

    Making them anew took a third of such a test's time.
    """
    from django.contrib.contenttypes.management import create_contenttypes
    from django.db import connection
    from django.db.models.signals import post_migrate

    listed = connection.introspection.django_table_names
    kept = {"auth_permission", "django_content_type"}

    def emptied(*arguments: Any, **options: Any) -> list[str]:
        return [table for table in listed(*arguments, **options) if table not in kept]

    connection.introspection.django_table_names = emptied  # type: ignore[method-assign]
    assert post_migrate.disconnect(dispatch_uid="django.contrib.auth.management.create_permissions")
    assert post_migrate.disconnect(create_contenttypes)


@pytest.fixture(autouse=True)
def fresh_cache() -> Iterator[None]:
    """Rate limits and the like do not travel from one test to the next."""
    from django.core.cache import cache

    from integrations.keys.limits import counter

    yield
    cache.clear()
    counter().clear()


@pytest.fixture(scope="module", autouse=True)
def no_connection_left_behind() -> Iterator[None]:
    """Fail the module whose threads ended with their connections: the pool of the whole run would run dry."""
    yield
    from django.db import connection

    if pool := getattr(connection, "pool", None):
        numbers = pool.get_stats()
        in_use = numbers.get("pool_size", 0) - numbers.get("pool_available", 0)
        assert in_use <= _CONNECTIONS, f"{in_use} connections are in use: a thread of this module kept its own"


@pytest.fixture
def world(db: None) -> Any:
    """Return the shared world (tests/world.py). With threads or sockets, mark the test django_db(transaction=True)."""
    from .world import World

    return World()


@pytest.fixture
def begin(world: Any) -> Callable[..., Any]:
    """Return a starter of the world's chats: what the visitor says first, who they are, and what `start` takes."""
    from chat.access import Actor
    from chat.services import messages, starting

    def start(text: str = "", visitor: Any = None, **options: Any) -> Any:
        visitor = visitor or world.visitor
        actor = Actor.of_visitor(visitor)
        chat = starting.start(workspace=world.workspace, visitor=visitor, actor=actor, **options).chat
        if text:
            messages.post(chat, actor, body=text)
        return chat

    return start


# --- The running product ----------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Template]:
    """A migrated, empty database to copy, shared with the other processes of this test run."""
    base = tmp_path_factory.getbasetemp()
    template = Template((base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "template")
    yield template
    template.remove()


@pytest.fixture(scope="module")
def new_product(template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Product]]:
    """Return a maker of installations that are not started yet. They go with the module: each holds connections."""
    made: list[Product] = []

    def make() -> Product:
        made.append(Product(tmp_path_factory.mktemp("product"), template))
        return made[-1]

    yield make
    for product in made:
        product.remove()


@pytest.fixture(scope="module")
def product(new_product: Callable[[], Product]) -> Iterator[Product]:
    """The product, running, shared by the tests of a module; each makes its own workspace in it.

    ``product.manage_json("create_workspace", "Acme")`` and its like prepare it.
    """
    running = new_product().start()
    yield running
    running.kill()  # a server with its worker costs the next module's tests time


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


@pytest.fixture
def private_allowed(settings: Any) -> None:
    """The operator's switch: receivers on this machine may be reached."""
    settings.ALLOW_PRIVATE_WEBHOOKS = True


@pytest.fixture
def new_receiver() -> Iterator[Callable[..., Receiver]]:
    """Return a maker of receivers; each takes what it answers."""
    made: list[Receiver] = []

    def make(*arguments: Any) -> Receiver:
        made.append(Receiver(*arguments))
        return made[-1]

    yield make
    for receiver in made:
        receiver.close()


@pytest.fixture
def receiver(new_receiver: Callable[..., Receiver], private_allowed: None) -> Receiver:
    return new_receiver()


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
