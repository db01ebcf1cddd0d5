"""Secret keys and publishable keys: listed, made, changed, rotated, revoked."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from agents.errors import Taken
from agents.services import keys
from chat.inbox.rendering import parse_uid
from chat.inbox.seats import SeatedRequest
from widget.models import PublishableKey

from ..keys.limits import usual_rate
from ..keys.models import SecretKey
from ..keys.scopes import SCOPES
from .forms import KeyForm, NewKeyForm, NewPageKeyForm, RotateForm
from .guard import administering, confirm, once, page

KINDS: dict[str, type[SecretKey] | type[PublishableKey]] = {"secret": SecretKey, "page": PublishableKey}
_TABS = {"secret": "keys", "page": "website"}
_LISTS = {"secret": "developers:home", "page": "developers:website"}
# Revoked keys stay for the record; a page shows so many in all.
MOST_SHOWN = 200
read_or_send = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@administering
def home(request: SeatedRequest) -> HttpResponse:
    """The secret keys, those that work first."""
    rows = list(SecretKey.objects.filter(workspace=request.seat.workspace)[:MOST_SHOWN])
    for key in rows:
        _describe(key)
    rows.sort(key=lambda key: not key.works)
    return page(request, "keys", "keys", title=_("API keys"), keys=rows, limit=usual_rate())


def _describe(key: Any) -> None:
    usual = usual_rate()
    key.shown_scopes = [(name, SCOPES[name]) for name in key.scopes if name in SCOPES]
    key.shown_minute = key.per_minute or usual.per_minute
    key.shown_second = key.per_second or usual.per_second


@read_or_send
@administering
def new_secret(request: SeatedRequest) -> HttpResponse:
    """Make a secret key, and show it once."""
    form = NewKeyForm(request.POST or None, usual=_usual())
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        fields = {name: data[name] for name in ("scopes", "per_minute", "per_second", "uid")}
        return _made(request, "secret", data["name"], expires_at=form.expires_at(), **fields)
    return page(request, "key_form", "keys", title=_("New API key"), form=form, back=reverse("developers:home"))


@read_or_send
@administering
def new_page(request: SeatedRequest) -> HttpResponse:
    """Make a publishable key, and show it once, in the snippet too."""
    form = NewPageKeyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _made(request, "page", form.cleaned_data["name"], uid=form.cleaned_data["uid"])
    back = reverse("developers:website")
    return page(request, "key_form", "website", title=_("New publishable key"), form=form, back=back)


def _usual() -> tuple[int, int]:
    usual = usual_rate()
    return usual.per_minute, usual.per_second


def _made(request: SeatedRequest, kind: str, name: str, **fields: Any) -> HttpResponse:
    try:
        key, secret = keys.create(KINDS[kind], request.seat.workspace, name, **fields)
    except Taken as error:
        return _back(request, kind, error.message, failed=True)
    return _shown(request, kind, key, secret, _("The key is ready"))


def _shown(request: SeatedRequest, kind: str, key: Any, secret: str, title: str) -> HttpResponse:
    return once(
        request,
        _TABS[kind],
        title=title,
        secrets={key.name: secret},
        snippet=secret if kind == "page" else "",
        base=settings.PUBLIC_URL,
        back=reverse(_LISTS[kind]),
    )


def _back(request: SeatedRequest, kind: str, message: object, *, failed: bool = False) -> HttpResponse:
    (messages.error if failed else messages.success)(request, str(message))
    return HttpResponseRedirect(reverse(_LISTS[kind]))


def find(request: SeatedRequest, kind: str, uid: str) -> Any:
    """Return a key of the workspace. Http404 for one of elsewhere, as if there were none."""
    wanted = parse_uid(uid)
    model: Any = KINDS.get(kind)
    key = model.objects.filter(workspace=request.seat.workspace, uid=wanted).first() if model and wanted else None
    if key is None:
        raise Http404
    return key


@read_or_send
@administering
def change(request: SeatedRequest, uid: str) -> HttpResponse:
    """Give a secret key another name, other scopes or other limits."""
    key = find(request, "secret", uid)
    held = {name: getattr(key, name) for name in ("name", "scopes", "per_minute", "per_second")}
    form = KeyForm(request.POST or None, initial=held, usual=_usual())
    if request.method == "POST" and form.is_valid():
        keys.change(key, **form.cleaned_data)
        return _back(request, "secret", _("The key was changed."))
    _describe(key)
    return page(request, "key", "keys", title=key.name, form=form, key=key, back=reverse("developers:home"))


@read_or_send
@administering
def rotate(request: SeatedRequest, kind: str, uid: str) -> HttpResponse:
    """Replace a key; the old one goes on for as long as is chosen."""
    key = find(request, kind, uid)
    form = RotateForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            new, secret = keys.rotate(key, form.hours(), uid=form.cleaned_data["uid"])
        except Taken as error:
            return _back(request, kind, error.message, failed=True)
        return _shown(request, kind, new, secret, _("The new key is ready"))
    return confirm(
        request,
        _TABS[kind],
        title=_("Rotate “%(name)s”") % {"name": key.name},
        text=_("You get a new key with the same rights. Put it in place before the old one ends."),
        verb=_("Make the new key"),
        back=reverse(_LISTS[kind]),
        form=form,
    )


@read_or_send
@administering
def revoke(request: SeatedRequest, kind: str, uid: str) -> HttpResponse:
    """End a key, after asking."""
    key = find(request, kind, uid)
    if request.method == "POST":
        keys.revoke(key)
        return _back(request, kind, _("Revoked."))
    return confirm(
        request,
        _TABS[kind],
        title=_("Revoke “%(name)s”?") % {"name": key.name},
        text=_("Whatever uses this key stops working at once. This cannot be undone."),
        verb=_("Revoke"),
        back=reverse(_LISTS[kind]),
        danger=True,
    )
