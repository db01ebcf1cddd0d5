"""What the environment says: read once, checked once, every mistake one clear sentence."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

env = environ.Env()

_DATABASES = {"postgres", "postgresql"}
_CACHES = {"redis", "rediss"}
_BROKERS = {"amqp", "amqps", *_CACHES}


@dataclass(frozen=True)
class Services:
    """The three addresses that choose the services mode; all empty in embedded mode."""

    database: str
    redis: str
    broker: str

    @property
    def embedded(self) -> bool:
        """Whether everything lives in one process and one folder."""
        return not self.database

    @property
    def namespace(self) -> str:
        """The database's name: it keeps installations apart that share a Redis or a broker.

        Redis' publish and subscribe knows no database numbers, so without it two installations would hear each other.
        """
        return urlsplit(self.database).path.strip("/") or "parley"


def services() -> Services:
    """Return the services that the environment names.

    Raises ImproperlyConfigured when only a part is named: PostgreSQL with channel layers in memory would
    start, and then two processes would not hear each other.
    """
    database, redis, broker = (env.str(name, default="") for name in ("DATABASE_URL", "REDIS_URL", "BROKER_URL"))
    if (redis or broker) and not database:
        raise ImproperlyConfigured("DATABASE_URL is missing: set it beside REDIS_URL, or unset all for embedded mode.")
    if database and not redis:
        raise ImproperlyConfigured("REDIS_URL is missing: set it beside DATABASE_URL, or unset all for embedded mode.")
    _demand_scheme("DATABASE_URL", database, _DATABASES)
    _demand_scheme("REDIS_URL", redis, _CACHES)
    _demand_scheme("BROKER_URL", broker, _BROKERS)
    return Services(database, redis, broker or redis)


def _demand_scheme(name: str, url: str, schemes: set[str]) -> None:
    if url and urlsplit(url).scheme not in schemes:
        raise ImproperlyConfigured(f"{name} must begin with one of: {', '.join(f'{s}://' for s in sorted(schemes))}.")


def public_url(port: int) -> str:
    """Return the address that people and widgets use, without a slash at its end. Its scheme decides much else."""
    url = env.str("PARLEY_URL", default="").rstrip("/") or f"http://127.0.0.1:{port}"
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query:
        raise ImproperlyConfigured(f"PARLEY_URL must look like https://support.example.com, not {url!r}.")
    return url


def port() -> int:
    """Return PORT, 8000 when it is not set."""
    text = env.str("PORT", default="") or "8000"
    if not text.isdecimal() or int(text) > 65535:
        raise ImproperlyConfigured(f"PORT must be a number up to 65535, not {text!r}.")
    return int(text)


def data_dir(base: Path) -> Path:
    """Return the data folder, made if it is not there."""
    folder = Path(env.str("PARLEY_DATA", default="") or base / "data").expanduser().resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(f"PARLEY_DATA: cannot make the folder {folder}: {error.strerror}.") from None
    return folder


def secret_key(folder: Path) -> str:
    """Return SECRET_KEY from the environment, or one made once and kept in the data folder."""
    if key := env.str("SECRET_KEY", default=""):
        return key
    path = folder / "secret_key"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    except OSError as error:
        raise ImproperlyConfigured(f"cannot write {path}: {error.strerror}.") from None
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(50))
    return path.read_text().strip()
