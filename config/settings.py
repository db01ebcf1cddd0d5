"""Settings for both run modes: embedded when nothing is set, services when the three URLs are.

Flat, in sections. What the environment may say is read in ``config.environment``.
"""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import drf_spectacular_sidecar
from csp.constants import NONCE, NONE, SELF

from . import environment, logs, unfold
from .environment import env

# --- Where we are -----------------------------------------------------------------------------------------------

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = environment.data_dir(BASE_DIR)
PORT = environment.port()
# The address that people and widgets use. Its scheme decides cookies, HSTS and redirects.
PUBLIC_URL = environment.public_url(PORT)
HTTPS = PUBLIC_URL.startswith("https://")
SERVICES = environment.services()
EMBEDDED = SERVICES.embedded
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = environment.secret_key(DATA_DIR)

# --- Applications -----------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "config",
    "integrations.keys",
    "integrations.webhooks",
    "integrations.bots",
    "integrations.live_chat",
    "integrations.history",
    "integrations.chatbots",
    "integrations.chatflow",
    "integrations.partner",
    "integrations.lookups",
    "integrations.replies",
    "widget",
    "analytics",
    "chat.exports",
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
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "channels",
    "rest_framework",
    "django_filters",
]

MIDDLEWARE = [
    "config.requests.RequestMiddleware",
    "integrations.keys.limits.RateLimitMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "config.policies.PolicyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "agents.middleware.AgentLanguageMiddleware",
    "agents.middleware.AuditMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
WSGI_APPLICATION = "config.wsgi.application"
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
                "csp.context_processors.nonce",
                "integrations.developers.notices.paused_webhooks",
            ]
        },
    }
]

# --- Database ---------------------------------------------------------------------------------------------------

DATABASES: dict[str, Any]
if EMBEDDED:
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
            # A thread that serves keeps its connection for a minute: opening one for each poll is most of an idle
            # process's work. Sockets' and requests' threads are few, and each closes its own.
            "CONN_MAX_AGE": 60,
            # A file also in tests, so that threads and sockets share it as they do in the product.
            "TEST": {"NAME": env.str("PARLEY_TEST_DB", default=str(DATA_DIR / "test.sqlite3"))},
        }
    }
else:
    DATABASES = {"default": {**env.db_url_config(SERVICES.database), "ENGINE": "config.postgresql"}}
    # A pool, because persistent connections leak under ASGI and none at all costs a connect per call.
    DATABASES["default"]["CONN_MAX_AGE"] = 0
    # After a restart of PostgreSQL the pool would hand out dead connections, each a failed request. One round trip.
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    DATABASES["default"].setdefault("OPTIONS", {}).update(
        connect_timeout=5,
        pool={"min_size": 1, "max_size": env.int("PARLEY_POOL_SIZE", default=16), "timeout": 10},
    )
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Channel layer, cache, broker -------------------------------------------------------------------------------

CHANNEL_LAYERS: dict[str, Any]
CACHES: dict[str, Any]
if EMBEDDED:
    CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
else:
    CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            # Without socket_timeout=None redis-py 8 closes an idle subscription after 5 s (channels_redis#422).
            "CONFIG": {
                "hosts": [{"address": SERVICES.redis, "socket_timeout": None}],
                "prefix": f"{SERVICES.namespace}.layer",
            },
        }
    }
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": SERVICES.redis,
            "KEY_PREFIX": f"{SERVICES.namespace}.cache",
        }
    }

CELERY_BROKER_URL = SERVICES.broker or "memory://localhost"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_HEARTBEAT = 20
_TRANSPORT_OPTIONS: dict[str, dict[str, Any]] = {
    # The broker in memory looks for work once a second unless told otherwise.
    "memory": {"polling_interval": 0.05},
    "amqp": {"confirm_publish": True, "connect_timeout": 5},
    "redis": {"visibility_timeout": 3600, "socket_connect_timeout": 5},
}
CELERY_BROKER_TRANSPORT_OPTIONS = _TRANSPORT_OPTIONS.get(CELERY_BROKER_URL.split("://")[0].removesuffix("s"), {})
CELERY_TASK_DEFAULT_QUEUE = f"{SERVICES.namespace}.tasks"
CELERY_TASK_IGNORE_RESULT = True
# A task that is only known to have begun is done again: every task of ours can be, and a kill loses nothing.
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# Nobody commands our workers from afar; the queue for it is exclusive, and two of one name lock each other out.
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
# In memory, not a file: every job of ours is an interval, and a beat that starts anew just begins to count.
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"
CELERY_BEAT_SCHEDULE = {
    # No open chat is orphaned for longer than this. It expires, so that a slow worker meets one, not a hundred.
    "sweep": {"task": "chat.tasks.sweep", "schedule": 5.0, "options": {"expires": 5}},
    # Due on Mondays at eight, wherever the workspace is; a unique row sends each once.
    "weekly": {"task": "analytics.tasks.send_weekly", "schedule": 600.0, "options": {"expires": 600}},
    # A bot that misses its deadline is bypassed.
    "watch-bots": {"task": "integrations.bots.tasks.watch", "schedule": 2.0, "options": {"expires": 2}},
    # A card whose message names a command is filled within a second and the time that its address takes.
    "look-up": {"task": "integrations.lookups.tasks.look_up", "schedule": 1.0, "options": {"expires": 1}},
    "watch-assistants": {"task": "integrations.replies.tasks.watch", "schedule": 2.0, "options": {"expires": 2}},
    # Figures are never further behind than this and the time that it takes.
    "roll-up": {"task": "analytics.tasks.roll_up", "schedule": 15.0, "options": {"expires": 15}},
    "sweep-uploads": {"task": "chat.tasks.sweep_uploads", "schedule": 300.0, "options": {"expires": 300}},
    "settle-tallies": {"task": "chat.tasks.settle_tallies", "schedule": 60.0, "options": {"expires": 60}},
    # The search is never further behind than this and the time that it takes.
    "index-words": {"task": "chat.tasks.index_words", "schedule": 5.0, "options": {"expires": 5}},
    "write-exports": {"task": "chat.exports.tasks.write", "schedule": 2.0, "options": {"expires": 2}},
    "sweep-exports": {"task": "chat.exports.tasks.sweep", "schedule": 300.0, "options": {"expires": 300}},
    "invite-partners": {"task": "integrations.partner.tasks.invite", "schedule": 15.0, "options": {"expires": 15}},
    "tell-of-pauses": {
        "task": "integrations.webhooks.tasks.tell_of_pauses",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "clear-sessions": {"task": "config.tasks.clear_sessions", "schedule": 3600.0, "options": {"expires": 3600}},
}

# --- Security ---------------------------------------------------------------------------------------------------

ALLOWED_HOSTS = env.list(
    "PARLEY_HOSTS", default=sorted({urlsplit(PUBLIC_URL).hostname or "", "localhost", "127.0.0.1", "[::1]"})
)
# Whatever terminates TLS must set this header itself and drop what a client sent (docs/deployment.md).
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
# How many proxies of ours stand in front; each adds one address to X-Forwarded-For.
PROXIES = env.int("PARLEY_PROXIES", default=1 if HTTPS else 0)
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]  # asked over plain HTTP by machines beside us
SECURE_HSTS_SECONDS = env.int("PARLEY_HSTS_SECONDS", default=31536000) if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS and env.bool("PARLEY_HSTS_SUBDOMAINS", default=True)
SECURE_HSTS_PRELOAD = SECURE_HSTS_INCLUDE_SUBDOMAINS
SECURE_REFERRER_POLICY = "same-origin"
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_NAME = "parley_session"
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "parley_csrf"
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True  # scripts take the token from the page, not from the cookie
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
CSRF_FAILURE_VIEW = "config.errors.csrf_failed"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024  # a request body that is not a file
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
# What any request may be, files and all. A workspace's own limit for files is refused in a contract's words below it.
LARGEST_REQUEST_BYTES = env.int("PARLEY_LARGEST_REQUEST_BYTES", default=32 * 1024 * 1024)
# The widget's frame sets its own policy; the admin's is in config.policies.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:", "blob:", "https:"],  # agents see pictures that are held elsewhere
        "connect-src": [SELF, PUBLIC_URL.replace("http", "ws", 1)],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# --- People and login -------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "agents.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/inbox/"
ACCOUNT_ADAPTER = "config.accounts.InvitedOnly"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # an admin invites people by their address
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = "Parley: "
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "20/m/ip,5/300s/key"}
ALLAUTH_TRUSTED_PROXY_COUNT = 0  # config.proxies has set the caller's address already
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Parley"
UNFOLD = unfold.SETTINGS

# --- Languages and time -----------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("vi", "Tiếng Việt"), ("uz", "Oʻzbekcha")]
LOCALE_PATHS = [BASE_DIR / "config" / "locale"]
FORMAT_MODULE_PATH = ["config.formats"]
TIME_ZONE = "UTC"
USE_TZ = True

# --- Files ------------------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("PARLEY_STATIC", default="") or BASE_DIR / "staticfiles")
# Swagger UI for /docs/: only that folder of its package, which carries Redoc too, and that loads from outside.
_SWAGGER = Path(drf_spectacular_sidecar.__file__).parent / "static" / "drf_spectacular_sidecar" / "swagger-ui-dist"
STATICFILES_DIRS = [BASE_DIR / "static", ("swagger", _SWAGGER)]
MEDIA_ROOT = DATA_DIR / "files"
# Uploaded files: in an S3-compatible bucket when one is named, else in the data folder.
S3 = environment.s3()
STORAGES = {
    "default": {"BACKEND": "config.storage.S3Files", "OPTIONS": S3.options()}
    if S3
    else {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    # Names carry a hash of the content, so that a browser may keep them for ever; gzip made beside them.
    "staticfiles": {"BACKEND": "config.storage.HashedStatic"},
}

# --- E-mail -----------------------------------------------------------------------------------------------------

# Without EMAIL_URL each mail is a file in the data folder, so that a password reset can be tried at once.
_MAIL = env.email_url("EMAIL_URL", default=f"filemail:///{DATA_DIR / 'mail'}")
EMAIL_BACKEND = _MAIL["EMAIL_BACKEND"]
EMAIL_FILE_PATH = _MAIL["EMAIL_FILE_PATH"] or DATA_DIR / "mail"
EMAIL_HOST = _MAIL["EMAIL_HOST"] or "localhost"
EMAIL_PORT = _MAIL["EMAIL_PORT"] or 25
EMAIL_HOST_USER = _MAIL["EMAIL_HOST_USER"] or ""
EMAIL_HOST_PASSWORD = _MAIL["EMAIL_HOST_PASSWORD"] or ""
EMAIL_USE_TLS = _MAIL.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = _MAIL.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("PARLEY_MAIL_FROM", default=f"Parley <parley@{urlsplit(PUBLIC_URL).hostname}>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# --- REST -------------------------------------------------------------------------------------------------------

# JSON in and out, and closed: a view opens itself by naming who may call it. A login's cookie is never enough.
REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "UNICODE_JSON": True,
}

# Requests a minute and a second: of a secret key (a key may have numbers of its own), of an agent's token, of one
# visitor, of a page's key from one address, and of one address that proves nothing.
RATES = {
    "secret": (env.int("PARLEY_KEY_PER_MINUTE", default=100), env.int("PARLEY_KEY_PER_SECOND", default=20)),
    "agent": (300, 30),
    "visitor": (300, 30),
    "publishable": (300, 60),
    "anonymous": (300, 60),
    "bot": (env.int("PARLEY_BOTS_PER_MINUTE", default=3000), env.int("PARLEY_BOTS_PER_SECOND", default=100)),
}
# Frames a second of one socket; three seconds' worth at once.
SOCKET_FRAMES = env.int("PARLEY_SOCKET_FRAMES", default=20)
# Sessions that one address may start with a page's key, a minute.
STARTS_PER_MINUTE = env.int("PARLEY_STARTS_PER_MINUTE", default=30)
# Who may become a partner by themselves: anybody (open), anybody whom an operator then approves, or nobody (closed).
PARTNER_REGISTRATION = environment.one_of("PARLEY_PARTNER_REGISTRATION", "open", "approved", "closed")
# How many may, a minute and a day: of one address, and of all.
REGISTRATIONS_PER_MINUTE = (3, 20)
REGISTRATIONS_PER_ADDRESS = env.int("PARLEY_REGISTRATIONS_PER_ADDRESS", default=10)
REGISTRATIONS_PER_DAY = env.int("PARLEY_REGISTRATIONS_PER_DAY", default=500)

# --- Logging and measuring --------------------------------------------------------------------------------------

LOGGING = logs.configure(json=not EMBEDDED, level=env.str("PARLEY_LOG_LEVEL", default="INFO").upper())
# Who may read /metrics from elsewhere than this machine.
METRICS_TOKEN = env.str("PARLEY_METRICS_TOKEN", default="")

# --- The product ------------------------------------------------------------------------------------------------

# Where chat.events.record() hands what happened, inside the transaction. The first is the outbox of integrations.
EVENT_SINKS = [
    "integrations.webhooks.outbox.record",
    "integrations.bots.greeting.record",
    "integrations.replies.outbox.record",
    "integrations.chatbots.outbox.record",
]
# What sends the deliveries of the relay that are no webhooks.
DELIVERY_TRANSPORTS = {
    "bot_broker": "integrations.chatbots.transports.over_broker",
    "bot_http": "integrations.chatbots.transports.over_http",
}
# Whether webhooks, bots, lookups and providers may be at private addresses: for development and closed networks.
ALLOW_PRIVATE_WEBHOOKS = env.bool("PARLEY_ALLOW_PRIVATE_WEBHOOKS", default=False)
# How long one attempt may take. What a killed process had begun is tried again after twice as long.
# With Redis as the broker: when a bot's action comes again that a killed listener had in hand.
BOTS_REDELIVERY_SECONDS = env.int("PARLEY_BOTS_REDELIVERY_SECONDS", default=30)
WEBHOOK_TIMEOUT_SECONDS = env.float("PARLEY_WEBHOOK_TIMEOUT_SECONDS", default=15)

# An open inbox socket renews its agent's lease with each heartbeat; it runs out this long after the last one.
PRESENCE_LEASE_SECONDS = 45
HEARTBEAT_SECONDS = 15
# Threads in which the sockets of a process use the database. Keep them below PARLEY_POOL_SIZE.
SOCKET_THREADS = env.int("PARLEY_SOCKET_THREADS", default=8)
# A status set through an API without `availableUntil` holds this long after the agent's last request.
API_PRESENCE_SECONDS = env.int("PARLEY_API_PRESENCE_SECONDS", default=1800)
# How long an agent may be gone before their visitors are routed again.
ORPHAN_GRACE_SECONDS = env.int("PARLEY_ORPHAN_GRACE_SECONDS", default=60)
# Exports of the history that are written at the same moment, by all workers together.
EXPORTS_AT_ONCE = env.int("PARLEY_EXPORTS_AT_ONCE", default=2)
