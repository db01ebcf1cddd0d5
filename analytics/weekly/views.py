"""The page where one switches the weekly summary on and off, and the link in each mail that stops it."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from agents.models import Agent
from chat.inbox.seats import SeatedRequest, seated

from . import stopping


@require_POST
@seated
def choose(request: SeatedRequest) -> HttpResponse:
    """Switch one's own summary on (``wants=on``) or off."""
    if not request.seat.supervises:
        raise Http404
    if request.POST.get("wants") == "on":
        stopping.start(request.seat)
        messages.success(request, _("You get the summary every Monday."))
    else:
        stopping.stop(request.seat)
        messages.success(request, _("You get no summary any more."))
    return HttpResponseRedirect(reverse("analytics:overview"))


# Mail programs post here by themselves, without cookie or form: the signature in the address is the proof.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """Stop somebody's summaries by the link of their mail. A GET only asks: scanners of mail follow every link."""
    agent = stopping.agent_of(token)
    if agent is None:
        raise Http404
    with translation.override(_language(agent)):
        if request.method == "POST":
            stopping.stop(agent)
        done = request.method == "POST"
        return render(request, "analytics/weekly_stop.html", {"workspace": agent.workspace, "done": done})


def _language(agent: Agent) -> str:
    return (agent.user.language if agent.user else "") or agent.workspace.language
