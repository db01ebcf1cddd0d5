"""The agent's own things: which workspace, presence, language and look; and the files of chats that they may see."""

from __future__ import annotations

from typing import cast

from django.conf import settings
from django.contrib import messages as flash
from django.http import Http404, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from agents.errors import Invalid, TeamError
from agents.models import User
from agents.services import logins, pictures

from ..access import visible_chats
from ..files import file_url
from ..models import Attachment
from ..services import presence as presence_of
from . import rendering
from .forms import PreferencesForm, PresenceForm
from .seats import SESSION_KEY, SeatedRequest, choose, seated
from .verbs import by_form, failure

_YEAR = 365 * 24 * 60 * 60


@require_POST
@seated
def workspace(request: SeatedRequest) -> HttpResponse:
    """Work in another of one's workspaces from now on. 404 for one where this person has no seat."""
    uid = request.POST.get("workspace", "")
    seat = choose(request.seats, uid)
    if seat is None or seat.workspace.uid.hex != uid:
        raise Http404
    request.session[SESSION_KEY] = uid
    return HttpResponseRedirect(reverse("inbox:mine"))


@require_POST
@seated
def presence(request: SeatedRequest) -> HttpResponse:
    """Say whether one takes chats, and why not."""
    form = PresenceForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"error": "invalid", "message": _("Choose a status.")}, status=400)
    presence_of.set_status(request.seat, form.cleaned_data["status"], form.cleaned_data["message"])
    return _done(request)


@require_POST
@seated
def picture(request: SeatedRequest) -> HttpResponse:
    """Take a new picture of oneself, or take it away: visitors and colleagues see it."""
    upload = request.FILES.get("picture")
    try:
        if upload:
            pictures.put(request.seat, pictures.draw(upload))
        elif "remove" in request.POST:
            pictures.remove(request.seat)
        else:
            raise Invalid(_("Choose a PNG, JPEG, GIF or WebP picture."), field="picture")
    except TeamError as error:
        if not by_form(request):
            return failure(error)
        flash.error(request, str(error.message))
    return _done(request)


@require_POST
@seated
def preferences(request: SeatedRequest) -> HttpResponse:
    """Choose language and look."""
    form = PreferencesForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"error": "invalid", "message": _("Choose one of the list.")}, status=400)
    response = _done(request)
    if language := form.cleaned_data["language"]:
        logins.set_language(cast(User, request.user), language)
        # Pages that know no agent (signing in, the admin) follow too.
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, language, max_age=_YEAR, secure=request.is_secure(), samesite="Lax"
        )
    if theme := form.cleaned_data["theme"]:
        response.set_cookie("theme", theme, max_age=_YEAR, secure=request.is_secure(), samesite="Lax")
    return response


def _done(request: SeatedRequest) -> HttpResponse:
    return HttpResponseRedirect(reverse("inbox:mine")) if by_form(request) else HttpResponse(status=204)


@require_safe
@seated
def file(request: SeatedRequest, uid: str) -> HttpResponse:
    """Lead to a file of a chat that the agent may see; the signed address serves it."""
    wanted = rendering.parse_uid(uid)
    found = Attachment.objects.filter(uid=wanted, chat__in=visible_chats(request.actor)).first() if wanted else None
    if found is None:
        raise Http404
    return HttpResponseRedirect(file_url(found))
