"""What a site's page loads: the script, and the frame that holds the conversation."""

from __future__ import annotations

import gzip
import hashlib
from functools import lru_cache
from pathlib import Path

import rjsmin
from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import render
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from agents import languages
from agents.models import Workspace

from . import policy
from .models import PublishableKey

# What runs in the page itself: the script that sites embed, and what it loads where the widget is no plain one.
_LOADER = "widget/loader.js"
_PAGE = "widget/page.js"
# Sites link to one address for ever, so a new loader must get to them soon.
_LOADER_MAX_AGE = 300


@require_safe
def loader(request: HttpRequest) -> HttpResponse:
    """The script that a site embeds: the same for all, so that any cache may keep it for a few minutes."""
    return _script(request, _LOADER)


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The module that the loader adds to a page at need. Beside it, so that a site's policy need allow one folder."""
    return _script(request, _PAGE)


def _script(request: HttpRequest, name: str) -> HttpResponse:
    path = finders.find(name)
    if path is None:
        raise Http404
    script, packed, etag = _packed(path, Path(path).stat().st_mtime_ns)
    gzipped = "gzip" in request.headers.get("Accept-Encoding", "")
    etag = f'"{etag}-gzip"' if gzipped else f'"{etag}"'
    if etag in request.headers.get("If-None-Match", ""):
        response: HttpResponse = HttpResponseNotModified()
    else:
        response = HttpResponse(packed if gzipped else script, content_type="text/javascript; charset=utf-8")
        if gzipped:
            response["Content-Encoding"] = "gzip"
    response["ETag"] = etag
    response["Cache-Control"] = f"public, max-age={_LOADER_MAX_AGE}"
    response["Access-Control-Allow-Origin"] = "*"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    response["Vary"] = "Accept-Encoding"
    return response


@lru_cache(maxsize=4)
def _packed(path: str, changed_ns: int) -> tuple[bytes, bytes, str]:
    """Return the script without its comments, the same gzipped, and its hash."""
    script = rjsmin.jsmin(Path(path).read_text(encoding="utf-8")).encode()
    return script, gzip.compress(script, 9, mtime=0), hashlib.sha256(script).hexdigest()[:32]


@require_safe
def frame(request: HttpRequest) -> HttpResponse:
    """The page in the site's iframe. Only the sites of the key's workspace may embed it; it sets no cookie."""
    secret = request.GET.get("key", "")
    key = PublishableKey.find(secret) if secret.startswith(f"{PublishableKey.PREFIX}_") else None
    language = _language(request, key.workspace if key else None)
    with translation.override(language):
        if key is None:
            context = {"lang": language, "refusal": {"message": _refusal(secret)}}
            response = render(request, "widget/refused.html", context, status=403)
        else:
            response = render(request, "widget/frame.html", {"lang": language})
    response["Content-Language"] = language
    return _framed(request, response, key.workspace if key else None)


def _framed(request: HttpRequest, response: HttpResponse, workspace: Workspace | None) -> HttpResponse:
    response["Content-Security-Policy"] = policy.frame_policy(request.get_host(), workspace)
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "private, no-cache"
    response["X-Robots-Tag"] = "noindex"
    # frame-ancestors says who may embed it; X-Frame-Options could only say "nobody".
    response.xframe_options_exempt = True
    patch_vary_headers(response, ["Accept-Language"])
    return response


def _language(request: HttpRequest, workspace: Workspace | None) -> str:
    """The page's wish, then the browser's, then the workspace's."""
    wish = languages.supported(request.GET.get("lang", "")[:35])
    otherwise = workspace.language if workspace else "en"
    return wish or languages.accepted(request.headers.get("Accept-Language", ""), otherwise)


def _refusal(secret: str) -> str:
    if secret.startswith("sk_"):
        return _(
            "This is a secret key. It must never be in a web page: revoke it, and give the widget"
            " a publishable key (pk_...) instead."
        )
    return _("This publishable key does not exist or was revoked. Look it up in Parley's admin, under Widgets.")
