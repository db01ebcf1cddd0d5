"""The page where a supervisor asks for files of the history, sees how far they are, and fetches them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from functools import wraps
from typing import Any

from asgiref.sync import sync_to_async
from django.contrib import messages as flash
from django.core.files.storage import default_storage
from django.core.handlers.asgi import ASGIRequest
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ..errors import ChatError
from ..inbox import contexts, rendering
from ..inbox.seats import SeatedRequest, seated
from . import services
from .asking import Wanted
from .forms import ExportForm
from .models import Export, State
from .words import PROBLEMS

# Not only HttpResponse: a file is streamed.
View = Callable[..., Any]
SHOWN = 50
_CHUNK = 256 * 1024
_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def supervising(view: View) -> View:
    """Let only supervisors and above in; others read why not."""

    @seated
    @wraps(view)
    def guarded(request: Any, *args: Any, **kwargs: Any) -> Any:
        if not request.seat.supervises:
            context = {**contexts.frame(request, "exports"), "page_title": _("For supervisors only")}
            return render(request, "exports/refused.html", context, status=403)
        return view(request, *args, **kwargs)

    return guarded


@require_http_methods(["GET", "HEAD", "POST"])
@supervising
def home(request: SeatedRequest) -> HttpResponse:
    """One's exports and the form for another one. ``?part=list`` is the list alone, which the page fetches again."""
    if request.method == "GET" and request.GET.get("part") == "list":
        return render(request, "exports/list.html", {"exports": _mine(request)})
    form = ExportForm(request.seat, request.POST) if request.method == "POST" else ExportForm(request.seat)
    if request.method == "POST" and form.is_valid():
        try:
            services.ask(request.seat, form.wanted(), form.cleaned_data["kind"], uid=form.cleaned_data["uid"])
        except ChatError as error:
            form.add_error(None, str(error.message))
        else:
            return _home()
    context = {"page_title": _("Exports"), "form": form, "exports": _mine(request)}
    status = 400 if form.errors else 200
    return render(request, "exports/home.html", {**contexts.frame(request, "exports"), **context}, status=status)


@require_POST
@supervising
def cancel(request: SeatedRequest, uid: str) -> HttpResponse:
    """Stop one."""
    services.cancel(_find(request, uid))
    return _home()


@require_POST
@supervising
def retry(request: SeatedRequest, uid: str) -> HttpResponse:
    """Write one again that has no file."""
    try:
        services.retry(_find(request, uid))
    except ChatError as error:
        flash.error(request, str(error.message))
    return _home()


@require_POST
@supervising
def remove(request: SeatedRequest, uid: str) -> HttpResponse:
    """Delete one with its file."""
    services.remove(_find(request, uid))
    return _home()


@require_GET
@supervising
def file(request: SeatedRequest, uid: str) -> HttpResponseBase:
    """Answer the file, to who asked for it. 404 for one that is not there, or not any more."""
    export = _find(request, uid)
    if export.state != State.DONE:
        raise Http404
    try:
        content = default_storage.open(export.file, "rb")
    except FileNotFoundError as error:
        raise Http404 from error
    answer = _streamed(request, content)
    answer["Content-Type"] = _TYPES[export.kind]
    answer["Content-Length"] = str(export.size)
    answer["Content-Disposition"] = f'attachment; filename="{_name(export)}"'
    answer["Cache-Control"] = "private, no-store"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def _streamed(request: HttpRequest, content: Any) -> StreamingHttpResponse:
    """Return an answer that never holds the whole file: under ASGI Django would read a plain one to its end first."""
    return StreamingHttpResponse(_chunks(content)) if isinstance(request, ASGIRequest) else FileResponse(content)


async def _chunks(content: Any) -> AsyncIterator[bytes]:
    read = sync_to_async(content.read, thread_sensitive=False)
    try:
        while chunk := await read(_CHUNK):
            yield chunk
    finally:
        content.close()


def _name(export: Export) -> str:
    """Return a file's name in letters that every system keeps: whose, what and which days."""
    wanted = Wanted.of(export.wanted)
    days = "-".join(day.replace("-", "") for day in (wanted.first, wanted.last) if day)
    return "-".join(filter(None, [export.workspace.slug, "chats", days])) + f".{export.kind}"


def _home() -> HttpResponse:
    return HttpResponseRedirect(reverse("exports:home"))


def _find(request: SeatedRequest, uid: str) -> Export:
    """Return one's own export. Raises Http404 for anybody else's as for none."""
    wanted = rendering.parse_uid(uid)
    found = request.seat.exports.select_related("agent", "workspace").filter(uid=wanted).first() if wanted else None
    if found is None:
        raise Http404
    return found


def _mine(request: SeatedRequest) -> list[dict[str, Any]]:
    """Return one's exports as the list draws them, the newest first."""
    return [_shown(export) for export in request.seat.exports.all()[:SHOWN]]


def _shown(export: Export) -> dict[str, Any]:
    wanted = Wanted.of(export.wanted)
    return {
        "export": export,
        "uid": export.uid.hex,
        "days": wanted.days(),
        "filters": [value for _name, value in wanted.filters()],
        "problem": PROBLEMS.get(export.problem, ""),
        "written": number_format(export.written, force_grouping=True),
        "total": number_format(export.total, force_grouping=True),
        "state": export.state,
    }
