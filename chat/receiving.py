"""Takes the bytes of uploads where the storage has no address of its own (see ``services/uploads.py``)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from .errors import ChatError, Invalid
from .models import Upload
from .services import uploads
from .services.files import plain_type

_STATUS = {"file_not_found": 404, "upload_expired": 403, "too_large": 413, "unsupported_type": 415}


@csrf_exempt  # the address itself is the permission, and no cookie is looked at
@require_http_methods(["PUT", "OPTIONS"])
def receive(request: HttpRequest, token: str) -> HttpResponse:
    """Take the bytes of a file that somebody was promised a place for: what S3 does at its presigned addresses."""
    if request.method == "OPTIONS":
        return _shared(HttpResponse(status=204))
    try:
        upload = uploads.of_token(token)
        _demand_announced(request, upload)
        uploads.receive(upload, request)
    except ChatError as error:
        body = {"code": error.code, "message": str(error.message)}
        return _shared(JsonResponse(body, status=_STATUS.get(error.code, 400)))
    return _shared(HttpResponse())


def _demand_announced(request: HttpRequest, upload: Upload) -> None:
    """Refuse by the headers what need not be read. Raises Invalid."""
    length = request.headers.get("Content-Length", "")
    if length and length != str(upload.size):
        code = "too_large" if length.isdecimal() and int(length[:18]) > upload.size else "wrong_size"
        raise Invalid(_("The file has not the announced size."), code=code)
    if plain_type(request.headers.get("Content-Type", "")) != upload.content_type:
        raise Invalid(_("The file has not the announced type."), code="unsupported_type")


def _shared(response: HttpResponse) -> HttpResponse:
    """Let pages of any site use the address, as a bucket does."""
    response["Access-Control-Allow-Origin"] = "*"
    response["Access-Control-Allow-Methods"] = "PUT"
    response["Access-Control-Allow-Headers"] = "Content-Type"
    response["Access-Control-Max-Age"] = "600"
    response["Cache-Control"] = "no-store"
    return response


urlpatterns = [path("files/uploads/<str:token>", receive, name="upload")]
