"""Serves attachments: by a signed address that runs out, so that a widget without a cookie can load them too.

Only message objects carry these addresses, and only those who may see a message are given its object. What a
stranger uploaded is never trusted to be what it says: raster images are shown, all else is a download, and both in a
sandbox.
"""

from __future__ import annotations

import re
import time
import uuid
from urllib.parse import quote

from django.core import signing
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.urls import path
from django.views.decorators.http import require_safe

from .models import Attachment

# Types that a browser can only draw. SVG is a document with scripts and is not among them.
SHOWN_INLINE = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
_DAY = 24 * 60 * 60
_SALT = "chat.files"
_POLICY = "default-src 'none'; sandbox"


def file_url(attachment: Attachment) -> str:
    """Return where the attachment can be loaded: a path of Parley's, or the address elsewhere.

    The path works for one to two days. It changes once a day only, so that browsers keep their copy.
    """
    if attachment.external_url:
        # Checked where it was linked, and again here, where it becomes a link in somebody's browser.
        return attachment.external_url if attachment.external_url.startswith(("http://", "https://")) else ""
    until = (int(time.time()) // _DAY + 2) * _DAY
    token = signing.Signer(salt=_SALT).sign_object([attachment.uid.hex, until])
    return f"/files/{token}/{quote(_file_name(attachment), safe='')}"


def is_image(attachment: Attachment) -> bool:
    """Tell whether a browser may show the attachment as a picture."""
    return attachment.content_type in SHOWN_INLINE


def _file_name(attachment: Attachment) -> str:
    """The name without what would change the path; never empty."""
    return attachment.name.replace("/", "_").replace("\\", "_").strip(". ") or "file"


def _read_token(token: str) -> uuid.UUID:
    """Return the attachment's uid. Raises Http404 for a token that is forged or has run out."""
    try:
        uid, until = signing.Signer(salt=_SALT).unsign_object(token)
    except signing.BadSignature as error:
        raise Http404 from error
    if until < time.time():
        raise Http404
    return uuid.UUID(uid)


def uid_of_path(path: str) -> uuid.UUID | None:
    """Return the attachment whose address (see :func:`file_url`) this path is, or None."""
    match = re.fullmatch(r"/files/([^/]+)/[^/]+", path)
    try:
        return _read_token(match.group(1)) if match else None
    except Http404:
        return None


@require_safe
def serve(request: HttpRequest, token: str, name: str) -> HttpResponseBase:
    """Answer the stored bytes. ``name`` is for people; the token alone says which file."""
    attachment = Attachment.objects.filter(uid=_read_token(token)).exclude(file="").first()
    if attachment is None:
        raise Http404
    return respond(attachment)


def respond(attachment: Attachment) -> FileResponse:
    """Return the response that shows or downloads a stored attachment, sandboxed.

    From S3 too it comes through Parley: an address of the bucket would have none of these headers.
    """
    inline = is_image(attachment)
    try:
        content = attachment.file.open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    response = FileResponse(
        content,
        as_attachment=not inline,
        filename=_file_name(attachment),
        content_type=attachment.content_type if inline else "application/octet-stream",
    )
    response["Content-Security-Policy"] = _POLICY
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    response["Cache-Control"] = f"private, max-age={_DAY}"
    return response


urlpatterns = [path("files/<str:token>/<str:name>", serve, name="file")]
