"""What the environment says: read once, checked once, every mistake one clear sentence."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any
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


@dataclass(frozen=True)
class S3:
    """An S3-compatible bucket for uploaded files. ``endpoint`` is empty for Amazon itself.

    ``public_endpoint`` is where browsers reach it, when that is another address than the one that servers use.
    """

    bucket: str
    endpoint: str
    public_endpoint: str
    region: str
    access_key: str
    secret_key: str
    prefix: str

    def options(self) -> dict[str, Any]:
        """Return the options of ``config.storage.S3Files``."""
        return {
            "bucket_name": self.bucket,
            "endpoint_url": self.endpoint or None,
            "public_endpoint_url": self.public_endpoint or None,
            "region_name": self.region,
            "access_key": self.access_key or None,
            "secret_key": self.secret_key or None,
            "location": self.prefix,
        }


def s3() -> S3 | None:
    """Return the bucket that the environment names, or None. Raises ImproperlyConfigured when a part is wrong."""
    bucket = env.str("S3_BUCKET", default="")
    endpoint, public = (env.str(f"S3_{name}", default="").rstrip("/") for name in ("ENDPOINT_URL", "PUBLIC_URL"))
    access_key, secret_key = (env.str(f"S3_{name}", default="") for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY"))
    if not bucket:
        if endpoint or access_key or secret_key:
            raise ImproperlyConfigured(
                "S3_BUCKET is missing: set it beside the other S3_ variables, or unset them all."
            )
        return None
    if bool(access_key) != bool(secret_key):
        raise ImproperlyConfigured("S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY belong together: set both, or neither.")
    _demand_scheme("S3_ENDPOINT_URL", endpoint, {"http", "https"})
    _demand_scheme("S3_PUBLIC_URL", public, {"http", "https"})
    region = env.str("S3_REGION", default="us-east-1")
    return S3(bucket, endpoint, public, region, access_key, secret_key, env.str("S3_PREFIX", default="").strip("/"))


def one_of(name: str, *words: str) -> str:
    """Return the word that this variable chooses, the first one when it is not set. Raises ImproperlyConfigured."""
    word = env.str(name, default="").strip().lower() or words[0]
    if word not in words:
        raise ImproperlyConfigured(f"{name} must be one of: {', '.join(words)}.")
    return word


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
