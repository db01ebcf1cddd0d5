"""Settings for both run modes: embedded when nothing is set, services when the three URLs are."""

import os
import secrets
from pathlib import Path
from urllib.parse import urlsplit

import environ

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env.str("PARLEY_DATA", default=str(BASE_DIR / "data")))
DATA_DIR.mkdir(parents=True, exist_ok=True)
PORT = env.int("PORT", default=8000)
# The address that people and widgets use. Its scheme decides cookies, HSTS and redirects.
PUBLIC_URL = env.str("PARLEY_URL", default=f"http://127.0.0.1:{PORT}").rstrip("/")
HTTPS = PUBLIC_URL.startswith("https://")

DATABASE_URL = env.str("DATABASE_URL", default="")
REDIS_URL = env.str("REDIS_URL", default="")
BROKER_URL = env.str("BROKER_URL", default="")
EMBEDDED = not (DATABASE_URL or REDIS_URL or BROKER_URL)


def _secret_key() -> str:
    """Return SECRET_KEY from the environment, or one made once and kept in the data folder."""
    if key := env.str("SECRET_KEY", default=""):
        return key
    path = DATA_DIR / "secret_key"
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(50))
    return path.read_text().strip()


SECRET_KEY = _secret_key()
DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS = env.list(
    "PARLEY_HOSTS", default=sorted({urlsplit(PUBLIC_URL).hostname or "", "localhost", "127.0.0.1", "[::1]"})
)

INSTALLED_APPS = [
    "daphne",
    "config",
    "integrations.keys",
    "integrations.webhooks",
    "integrations.bots",
    "integrations.live_chat",
    "widget",
    "chat",
    "agents",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "channels",
    "rest_framework",
    "django_filters",
    "django_structlog",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

if DATABASE_URL:
    DATABASES = {"default": env.db_url_config(DATABASE_URL)}
    # A pool, because persistent connections leak under ASGI and none at all costs a connect per call.
    DATABASES["default"]["CONN_MAX_AGE"] = 0
    DATABASES["default"].setdefault("OPTIONS", {})["pool"] = {
        "min_size": 2,
        "max_size": env.int("PARLEY_POOL_SIZE", default=20),
        "timeout": 10,
    }
else:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": DATA_DIR / "parley.sqlite3",
            "OPTIONS": {
                # Immediate: a deferred transaction that turns writer finds the database locked.
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
            },
            # A file also in tests, so that threads and sockets share it as they do in the product.
            "TEST": {"NAME": env.str("PARLEY_TEST_DB", default=str(DATA_DIR / "test.sqlite3"))},
        }
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

if REDIS_URL:
    CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            # Without socket_timeout=None redis-py 8 closes an idle subscription after 5 s (channels_redis#422).
            "CONFIG": {"hosts": [{"address": REDIS_URL, "socket_timeout": None}], "prefix": "parley"},
        }
    }
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
else:
    CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

AUTH_USER_MODEL = "agents.User"
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/inbox/"
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("vi", "Tiếng Việt"), ("uz", "Oʻzbekcha")]
LOCALE_PATHS = [BASE_DIR / "config" / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = DATA_DIR / "files"

# Where chat.events.record() hands each event, inside the transaction. The first is the outbox of integrations.
EVENT_SINKS = ["integrations.webhooks.outbox.record"]

# An open inbox socket renews its agent's lease with each heartbeat; it runs out this long after the last one.
PRESENCE_LEASE_SECONDS = 45
HEARTBEAT_SECONDS = 15
# A status set through an API without `availableUntil` holds this long after the agent's last request.
API_PRESENCE_SECONDS = env.int("PARLEY_API_PRESENCE_SECONDS", default=1800)
# How long an agent may be gone before their visitors are routed again.
ORPHAN_GRACE_SECONDS = env.int("PARLEY_ORPHAN_GRACE_SECONDS", default=60)
