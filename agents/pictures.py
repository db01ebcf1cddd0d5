"""Where the pictures of agents are loaded: by anybody, as visitors are shown them on any site.

The address has the picture's own digest in it: another picture has another address, so copies are kept for good.
"""

from __future__ import annotations

import re
import uuid

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_safe

from .models import Agent, AgentPicture

_YEAR = 365 * 24 * 60 * 60


def picture_url(agent: Agent) -> str:
    """Return the path of the agent's picture, empty when there is none."""
    return f"/pictures/{agent.uid.hex}/{agent.picture}.jpg" if agent.picture else ""


@require_safe
def serve(request: HttpRequest, uid: str, digest: str) -> HttpResponse:
    """Answer the JPEG. 404 for a picture that is not the agent's any more."""
    if not re.fullmatch("[0-9a-f]{32}", uid):
        raise Http404
    found = AgentPicture.objects.filter(agent__uid=uuid.UUID(uid), agent__picture=digest).first()
    if found is None:
        raise Http404
    response = HttpResponse(bytes(found.content), content_type="image/jpeg")
    response["Cache-Control"] = f"public, max-age={_YEAR}, immutable"
    response["Access-Control-Allow-Origin"] = "*"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    return response


urlpatterns = [path("pictures/<str:uid>/<str:digest>.jpg", serve, name="picture")]
