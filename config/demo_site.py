"""The demo site: a page of another origin with the widget on it, served by this same process.

The product is at http://127.0.0.1:8000, so http://localhost:8000 is another host and, to a browser, another origin:
the widget is embedded as on any customer's site. It exists only where demo data was seeded.
"""

import json
from typing import Any
from urllib.parse import urlsplit

from csp.decorators import csp_exempt
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from .demo import kit


def demo_data() -> dict[str, Any] | None:
    """Return what `seed_demo` left in the data folder: ``{"publishableKey", "logins": [...]}``, or None."""
    try:
        return json.loads((settings.DATA_DIR / "demo.json").read_text())
    except FileNotFoundError:
        return None


def demo_url() -> str:
    """Return the demo site's address: ours, with a host name that is not ours."""
    ours = urlsplit(settings.PUBLIC_URL)
    other = "localhost" if ours.hostname != "localhost" else "127.0.0.1"
    return f"http://{other}:{ours.port or settings.PORT}/demo-site/"


@csp_exempt()  # a shop that has no policy of its own, as most have none
def page(request: HttpRequest) -> HttpResponse:
    """Show the demo shop, on a host that is not the product's own."""
    data = _data_here(request)
    context = {"publishable_key": data["publishableKey"], "parley_url": settings.PUBLIC_URL}
    return render(request, "demo/site.html", context)


def order(request: HttpRequest, number: str) -> JsonResponse:
    """Answer the shop's command with what it knows of an order (docs/commands.md)."""
    _data_here(request)
    found = kit.order(number)
    if found is None:
        raise Http404
    return JsonResponse(found)


def _data_here(request: HttpRequest) -> dict[str, Any]:
    """Return the demo's keys and logins. Raises Http404 where there are none, and on the product's own host."""
    data = demo_data()
    own_host = urlsplit(settings.PUBLIC_URL).hostname
    if data is None or request.get_host().split(":")[0] == own_host:
        raise Http404
    return data
