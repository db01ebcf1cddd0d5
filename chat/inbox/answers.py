"""Saved answers: what the composer finds after a slash, and the page where supervisors keep them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages as flash
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from .. import answers
from ..errors import ChatError
from ..models import SavedAnswer
from ..services import answers as keeping
from . import contexts, rendering
from .forms import AnswerForm
from .seats import SeatedRequest, seated

_LISTED = 200


@require_safe
@seated
def find(request: SeatedRequest) -> JsonResponse:
    """The saved answers that fit ``?q=``, at most eight: ``{"answers": [{shortcut, title, text}]}``."""
    found = answers.find(request.seat.workspace_id, _typed(request))
    told = [{"shortcut": a.shortcut, "title": a.title, "text": a.text} for a in found]
    return JsonResponse({"answers": told})


@require_safe
@seated
def home(request: SeatedRequest) -> HttpResponse:
    """All saved answers, or those that fit ``?q=``. Everybody of the team reads them."""
    rows = answers.find(request.seat.workspace_id, _typed(request), _LISTED)
    return _page(request, "answers", _("Saved answers"), rows=rows, query=_typed(request))


@require_http_methods(["GET", "HEAD", "POST"])
@seated
def edit(request: SeatedRequest, uid: str = "") -> HttpResponse:
    """Write a saved answer, a new one without ``uid``."""
    _demand_keeper(request)
    answer = _named(request, uid) if uid else None
    form = AnswerForm(request.POST or None, instance=answer)
    if request.method == "POST" and form.is_valid():
        try:
            keeping.keep(request.seat, answer=answer and _named(request, uid), **form.cleaned_data)
        except ChatError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error.message))
        else:
            flash.success(request, _("Saved."))
            return HttpResponseRedirect(reverse("inbox:answers"))
    return _page(request, "answer", _("Saved answer") if answer else _("New saved answer"), form=form, answer=answer)


@require_POST
@seated
def delete(request: SeatedRequest, uid: str) -> HttpResponse:
    """Delete a saved answer."""
    _demand_keeper(request)
    keeping.delete(request.seat, _named(request, uid))
    flash.success(request, _("Deleted."))
    return HttpResponseRedirect(reverse("inbox:answers"))


def _typed(request: SeatedRequest) -> str:
    return request.GET.get("q", "").replace("\x00", "").strip()[:100]


def _named(request: SeatedRequest, uid: str) -> SavedAnswer:
    """Return the workspace's saved answer. Http404 for one of elsewhere, as if there were none."""
    wanted = rendering.parse_uid(uid)
    answer = request.seat.workspace.saved_answers.filter(uid=wanted).first() if wanted else None
    if answer is None:
        raise Http404
    return answer


def _demand_keeper(request: SeatedRequest) -> None:
    if not keeping.may_keep(request.seat):
        raise PermissionDenied


def _page(request: SeatedRequest, template: str, title: str, **context: Any) -> HttpResponse:
    shown = {
        **contexts.frame(request, "answers"),
        "page_title": title,
        "may_keep": keeping.may_keep(request.seat),
        **context,
    }
    return render(request, f"inbox/{template}.html", shown)
