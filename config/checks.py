"""What the product stands on, asked one by one: /readyz, `serve` before it starts, and `doctor` share these."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

import psycopg
import redis
from celery import current_app
from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor


@dataclass(frozen=True)
class Finding:
    """One answer. ``trouble`` is empty when all is well; ``advice`` says what to do about it."""

    name: str
    detail: str = ""
    trouble: str = ""
    advice: str = ""

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.trouble


class Trouble(Exception):
    """A check failed: what is wrong, and what to do about it."""

    def __init__(self, what: str, advice: str = "") -> None:
        super().__init__(what)
        self.advice = advice


Check = Callable[[], str]


def run(name: str, check: Check) -> Finding:
    """Run one check; whatever it raises becomes a finding of one line."""
    try:
        return Finding(name, detail=check())
    except Trouble as trouble:
        return Finding(name, trouble=one_line(trouble), advice=trouble.advice)
    except Exception as error:  # a health check answers, whatever is broken
        return Finding(name, trouble=one_line(error))


def one_line(error: BaseException) -> str:
    """Return the first line of an error's text, or its type when it says nothing."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__


def database() -> str:
    """Ask the database one thing."""
    where = _address(settings.SERVICES.database) or str(settings.DATABASES["default"]["NAME"])
    try:
        _ask_database()
    except Exception as error:
        raise Trouble(f"{where}: {one_line(error)}", "start it, or correct DATABASE_URL") from error
    return where


def _ask_database() -> None:
    if settings.EMBEDDED:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return
    # Past the pool: while PostgreSQL is away the pool waits, and then says only that it has waited.
    parameters = {key: value for key, value in connection.get_connection_params().items() if key != "pool"}
    with psycopg.connect(**{**parameters, "connect_timeout": 3}) as direct:
        direct.execute("SELECT 1")


def migrations() -> str:
    """Compare the applied migrations with those of the code."""
    _ask_database()
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        raise Trouble(f"{len(missing)} not applied", "run: python manage.py migrate")
    return "all applied"


def channel_layer() -> str:
    """Ask the Redis behind the channel layer; one in memory is always there."""
    if settings.EMBEDDED:
        return "in memory"
    where = _address(settings.SERVICES.redis)
    try:
        with redis.Redis.from_url(settings.SERVICES.redis, socket_connect_timeout=3, socket_timeout=3) as client:
            client.ping()
    except Exception as error:
        raise Trouble(f"{where}: {one_line(error)}", "start it, or correct REDIS_URL") from error
    return where


def broker() -> str:
    """Open a connection to the broker, and close it."""
    if settings.EMBEDDED:
        return "in memory"
    where = _address(settings.SERVICES.broker)
    try:
        with current_app.connection_for_write(connect_timeout=3) as broker_connection:
            broker_connection.connect()
    except Exception as error:
        raise Trouble(f"{where}: {one_line(error)}", "start it, or correct BROKER_URL") from error
    return where


SERVICES: dict[str, Check] = {"database": database, "channel_layer": channel_layer, "broker": broker}
READY: dict[str, Check] = {
    "database": database,
    "migrations": migrations,
    "broker": broker,
    "channel_layer": channel_layer,
}


def _address(url: str) -> str:
    """Return a URL without its password, for people to read."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname}:{parts.port}{parts.path}" if url else ""
