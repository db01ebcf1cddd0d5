"""Storing what people attach. The type is sniffed from the bytes; what the client says of it is not believed."""

from __future__ import annotations

import mimetypes
import re
import unicodedata
import uuid
import warnings

import filetype
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import URLValidator
from django.utils.translation import gettext_lazy as _
from PIL import Image

from agents.ids import new_uid

from ..access import Actor, demand
from ..errors import Ended, Invalid
from ..models import Attachment, Chat
from .messages import clean

# What browsers show without running anything; all else is only ever downloaded.
IMAGES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
ALLOWED = IMAGES | {
    "application/pdf",
    "application/zip",
    "application/msword",
    "application/vnd.ms-excel",
    "application/vnd.ms-powerpoint",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "audio/mpeg",
    "audio/ogg",
    "audio/x-wav",
    "video/mp4",
    "video/webm",
    "video/quicktime",
}
# As some clients write them.
_SPELLINGS = {
    "image/jpg": "image/jpeg",
    "audio/mp3": "audio/mpeg",
    "audio/wav": "audio/x-wav",
    "audio/wave": "audio/x-wav",
    "application/x-zip-compressed": "application/zip",
}
# One format of which the bytes alone do not tell the members apart: a zip, old Office files, plain text.
_ALIKE = (
    {kind for kind in ALLOWED if "openxmlformats" in kind} | {"application/zip"},
    {"application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint"},
    {"text/plain", "text/csv", "application/json"},
    {"video/mp4", "video/quicktime"},
)
# A picture of more is no picture for a chat: drawn, it takes 200 MB of everybody's memory.
MOST_PIXELS = 50_000_000
_TEXT_TYPES = {".txt": "text/plain", ".log": "text/plain", ".csv": "text/csv", ".json": "application/json"}
ACCEPTED = ALLOWED | set(_TEXT_TYPES.values())
_HEAD = 8192


def store(
    chat: Chat, actor: Actor, upload: UploadedFile, *, uid: uuid.UUID | None = None, expected: str = "", name: str = ""
) -> Attachment:
    """Store an upload for a later message of this chat; with ``expected``, only if it is of that type.

    Raises Invalid with code ``too_large`` (the workspace's limit) or ``unsupported_type``, Ended, NotAllowed.
    """
    demand(actor, "post", chat)
    if not chat.is_open:
        raise Ended
    limit = chat.workspace.max_file_bytes
    if upload.size is None or upload.size > limit:
        raise Invalid(_("The file is too large."), field="file", code="too_large")
    if upload.size == 0:
        raise Invalid(_("The file is empty."), field="file")
    name = safe_name(name or upload.name or "")
    attachment = Attachment(
        workspace_id=chat.workspace_id,
        chat=chat,
        uid=uid or new_uid(),
        name=name,
        content_type=sniff(upload, name, expected),
        size=upload.size,
    )
    # The stored name says nothing: neither the visitor's nor one that could be guessed.
    attachment.file.save(f"{chat.workspace_id}/{new_uid().hex}", upload, save=False)
    attachment.save()
    return attachment


def link(chat: Chat, actor: Actor, *, url: str, name: str = "", size: int = 0, is_image: bool = False) -> Attachment:
    """Note a file that an integrator keeps elsewhere, for a later message of this chat. The team only.

    Raises Invalid (no http or https address), Ended, NotAllowed, NotFound.
    """
    demand(actor, "note", chat)
    if not chat.is_open:
        raise Ended
    try:
        URLValidator(schemes=["http", "https"])(url)
    except ValidationError:
        raise Invalid(_("This is not a web address."), field="attachments.url") from None
    name = safe_name(name or url.split("?")[0])
    guessed = mimetypes.guess_type(name)[0] or "application/octet-stream"
    content_type = "image/*" if is_image and not guessed.startswith("image/") else guessed
    return Attachment.objects.create(
        workspace_id=chat.workspace_id, chat=chat, external_url=url, name=name, content_type=content_type, size=size
    )


def plain_type(content_type: str) -> str:
    """Return a type as we spell it, without parameters."""
    kind = content_type.partition(";")[0].strip().lower()
    return _SPELLINGS.get(kind, kind)


def sniff(upload: UploadedFile, name: str, expected: str = "") -> str:
    """Return the type that the bytes show.

    Raises Invalid unless it is one that Parley takes, ``expected`` if that is given, and for a picture one that can
    be drawn.
    """
    upload.seek(0)
    head = upload.read(_HEAD)
    upload.seek(0)
    kind = filetype.guess(head)
    found = str(kind.mime) if kind else _text_type(head, name)
    if found not in ACCEPTED or not _is_as(found, expected):
        raise Invalid(_("Files of this type are not accepted."), field="file", code="unsupported_type")
    if found in IMAGES:
        _demand_drawable(upload)
    return found


def _is_as(found: str, expected: str) -> bool:
    return not expected or found == expected or any({found, expected} <= alike for alike in _ALIKE)


def _demand_drawable(upload: UploadedFile) -> None:
    """Read a picture's head, and no more. Raises Invalid when there is none, or when it would be far too large."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(upload, formats=["PNG", "JPEG", "GIF", "WEBP"]) as picture:
                width, height = picture.size
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise Invalid(_("Files of this type are not accepted."), field="file", code="unsupported_type") from None
    finally:
        upload.seek(0)
    if width * height > MOST_PIXELS:
        raise Invalid(_("The picture has too many pixels."), field="file", code="too_large")


def _text_type(head: bytes, name: str) -> str | None:
    """Plain text is known by its name's ending, and only if it is text and no markup."""
    ending = re.search(r"\.[a-z]+\Z", name.lower())
    found = _TEXT_TYPES.get(ending.group()) if ending else None
    if found is None or b"\x00" in head:
        return None
    try:
        text = head.decode("utf-8-sig", errors="strict" if len(head) < _HEAD else "ignore")
    except UnicodeDecodeError:
        return None
    return None if re.match(r"\s*<(!|\?|[a-z])", text, re.IGNORECASE) else found


def safe_name(name: str) -> str:
    """Return a file name to show: no path, no control or direction characters, at most 200 characters."""
    name = re.split(r"[\\/]", name)[-1]
    if not clean(name):
        name = ""
    name = "".join(c for c in unicodedata.normalize("NFC", name) if unicodedata.category(c) not in ("Cc", "Cf"))
    return name.strip(" .")[-200:] or "file"
