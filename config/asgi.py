"""ASGI: HTTP to Django, sockets to their consumers, the server's start and end to the hub."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django_application = get_asgi_application()  # before anything that imports models

from channels.routing import ProtocolTypeRouter  # noqa: E402
from django.conf import settings  # noqa: E402

from .lifespan import lifespan  # noqa: E402
from .proxies import BehindProxies  # noqa: E402
from .sockets import router  # noqa: E402

protocols = ProtocolTypeRouter({"http": django_application, "websocket": router(), "lifespan": lifespan})
application = BehindProxies(protocols, settings.PROXIES)
