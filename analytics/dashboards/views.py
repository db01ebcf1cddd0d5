"""The reports' pages and files. Each is one address: the period and the filters are in it, and nothing is kept."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_safe

from chat.inbox.seats import seated

from . import asking, behind, exporting, pages
from .asking import Asked, Unclear
from .pages import AskedRequest
from .reports import REPORTS, Report
from .reports import now as now_part
from .shapes import Table

View = Callable[..., HttpResponse]


def query_of(request: Any) -> dict[str, str]:
    """Return what the address says, without what no text of ours can hold."""
    return {name: value for name, value in request.GET.items() if "\x00" not in value}


def understood(view: View) -> View:
    """Read what the address asks for; lead from one that makes no sense to what is left of it, and say why."""

    @require_safe
    @seated
    @wraps(view)
    def reading(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        query = query_of(request)
        try:
            request.asked = asking.read(query, request.seat)
            return view(request, *args, **kwargs)
        except Unclear as problem:
            messages.warning(request, str(problem))
            left = f"?{urlencode(problem.query)}" if problem.query else ""
            return HttpResponseRedirect(request.path + left)

    return reading


@understood
def report(request: AskedRequest, name: str) -> HttpResponse:
    """A report. ``?part=now`` is the strip of live figures alone, which the page fetches again and again."""
    which = _find(name)
    if not _may_see(request, which):
        return _refused(request)
    if request.GET.get("part") == "now" and not request.asked.own:
        return render(request, "analytics/now.html", {"part": now_part.build(request.asked)})
    parts = which.build(request.asked, request.GET)
    return render(request, "analytics/report.html", pages.report(request, which, parts))


@understood
def chats(request: AskedRequest) -> HttpResponse:
    """The chats behind a figure; ``?cursor=`` is where the page before ended."""
    which = behind.narrowed(query_of(request), request.asked)
    found, cursor = behind.page(request.asked, which, request.GET.get("cursor", ""))
    return render(request, "analytics/chats.html", pages.chats(request, which, found, cursor))


@understood
def xlsx(request: AskedRequest, name: str) -> HttpResponse:
    """Every table of a report as a workbook."""
    which = _find(name)
    if not _may_see(request, which):
        return _refused(request)
    tables = _tables(request, which)
    content = exporting.as_xlsx(request.asked, str(which.title), tables)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return _file(content, kind, f"{_stem(request.asked, name)}.xlsx")


@understood
def csv(request: AskedRequest, name: str, table: str) -> HttpResponse:
    """One table of a report as CSV. 404 for one that the report does not have."""
    which = _find(name)
    if not _may_see(request, which):
        return _refused(request)
    found = next((each for each in _tables(request, which) if each.name == table), None)
    if found is None:
        raise Http404
    return _file(exporting.as_csv(found), "text/csv; charset=utf-8", f"{_stem(request.asked, f'{name}-{table}')}.csv")


def _find(name: str) -> Report:
    if name not in REPORTS:
        raise Http404
    return REPORTS[name]


def _may_see(request: AskedRequest, which: Report) -> bool:
    return which.own or request.seat.supervises


def _refused(request: AskedRequest) -> HttpResponse:
    return render(request, "analytics/refused.html", pages.refused(request), status=403)


def _tables(request: AskedRequest, which: Report) -> list[Table]:
    return [table for part in which.build(request.asked, request.GET) for table in part.tables()]


def _stem(asked: Asked, name: str) -> str:
    """Return a file's name without its ending: whose, what and which days, in letters that every system keeps."""
    return f"{asked.seat.workspace.slug}-{name}-{asked.span.first:%Y%m%d}-{asked.span.last:%Y%m%d}"


def _file(content: bytes, kind: str, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return HttpResponse(content, content_type=kind, headers=headers)
