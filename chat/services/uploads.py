"""Uploads straight to the storage: a place is asked for, the client puts the bytes there, and confirms.

In S3 the place is S3's own presigned address, else a signed one of Parley's; the client does the same in both. What
comes there is believed nothing: only when it is confirmed is it read, checked as any upload, and stored for good under
another name, so that whoever still has the address can change nothing any more.
"""

from __future__ import annotations

import tempfile
import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import IO, Any, cast

from django.core import signing
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.models import Workspace

from ..access import Actor, demand
from ..errors import Conflict, Invalid, NotFound
from ..models import Attachment, Chat, Upload
from . import files

LIFETIME = timedelta(minutes=30)
# Places that a workspace may have open at once: each may become a stored file that nobody wants.
MOST_OPEN = 500
# After its time has run out, a confirmation may still be under way.
_SWEPT_AFTER = timedelta(minutes=10)
_SALT = "chat.uploads"
_CHUNK = 64 * 1024
_IN_MEMORY = 1024 * 1024


class FileNotFound(NotFound):
    """No such upload, or not of this workspace."""

    code = "file_not_found"
    default = _("There is no such file.")


class Expired(Conflict):
    """The upload's time has run out."""

    code = "upload_expired"
    default = _("The time for this upload is over; ask for a new address.")


class NotUploaded(Conflict):
    """Confirmed before the bytes were there."""

    code = "not_uploaded"
    default = _("The file has not been uploaded yet.")


class TooManyOpen(Conflict):
    """The workspace has more uploads open than it may."""

    code = "too_many_uploads"
    default = _("There are too many unfinished uploads; confirm them, or wait until they run out.")


@dataclass(frozen=True)
class Place:
    """Where to PUT the bytes: a whole address in S3, else a path of Parley's."""

    upload: Upload
    url: str


def request(workspace: Workspace, *, name: str, content_type: str, size: int) -> Place:
    """Promise a place for a file of this size and type, for :data:`LIFETIME`.

    Raises Invalid with the field, code ``too_large`` or ``unsupported_type``; TooManyOpen.
    """
    if size > workspace.max_file_bytes:
        raise Invalid(_("The file is too large."), field="size", code="too_large")
    if size < 1:
        raise Invalid(_("The file is empty."), field="size")
    kind = files.plain_type(content_type)
    if kind not in files.ACCEPTED:
        raise Invalid(_("Files of this type are not accepted."), field="content_type", code="unsupported_type")
    now = timezone.now()
    if workspace.uploads.filter(expires_at__gt=now).count() >= MOST_OPEN:
        raise TooManyOpen
    upload = Upload(
        workspace=workspace, name=files.safe_name(name), content_type=kind, size=size, expires_at=now + LIFETIME
    )
    upload.key = f"uploads/{workspace.pk}/{upload.uid.hex}"
    upload.save(force_insert=True)
    presign = getattr(default_storage, "presign_put", None)
    seconds = int(LIFETIME.total_seconds())
    url = presign(upload.key, content_type, size, seconds) if presign else f"/files/uploads/{_token(upload)}"
    return Place(upload, url)


def _token(upload: Upload) -> str:
    return signing.Signer(salt=_SALT).sign(upload.uid.hex)


def of_token(token: str) -> Upload:
    """Return the upload behind an address of Parley's. Raises FileNotFound (forged, or confirmed since) and Expired."""
    try:
        uid = signing.Signer(salt=_SALT).unsign(token)
    except signing.BadSignature:
        raise FileNotFound from None
    upload = Upload.objects.filter(uid=uuid.UUID(uid)).first()
    if upload is None:
        raise FileNotFound
    if upload.is_over:
        raise Expired
    return upload


def receive(upload: Upload, stream: Any) -> None:
    """Store what is put at Parley's own address: exactly as long as announced, and of the announced type.

    Raises Invalid, with code ``too_large`` or ``unsupported_type``; then nothing is kept. A second time replaces the
    first, as in S3.
    """
    with _spooled(stream, upload.size) as content:
        files.sniff(content, upload.name, expected=upload.content_type)
        default_storage.delete(upload.key)
        default_storage.save(upload.key, content)


def confirm(workspace: Workspace, actor: Actor, chat: Chat, uid: uuid.UUID | None) -> Attachment:
    """Make the uploaded file an attachment of the chat, for a later message, and return it; twice is once.

    Raises FileNotFound, Expired, NotUploaded, Conflict (confirmed for another chat), Invalid (``too_large``,
    ``unsupported_type``, or not the announced size), and what :func:`files.store` raises.
    """
    if stored := _confirmed(workspace, chat, uid):
        return stored
    demand(actor, "post", chat)
    upload = workspace.uploads.filter(uid=uid).first() if uid else None
    if upload is None:
        raise FileNotFound(field="file_id")
    if upload.is_over:
        raise Expired(field="file_id")
    try:
        source = default_storage.open(upload.key, "rb")
    except FileNotFoundError:
        raise NotUploaded(field="file_id") from None
    with source, _spooled(source, upload.size) as content:
        stored = _keep(upload, chat, actor, content)
    default_storage.delete(upload.key)
    return stored


def _confirmed(workspace: Workspace, chat: Chat, uid: uuid.UUID | None) -> Attachment | None:
    """Return what this upload has become. Raises Conflict when it went to another chat."""
    stored = Attachment.objects.filter(workspace=workspace, uid=uid).first() if uid else None
    if stored and stored.chat_id != chat.pk:
        raise Conflict(_("This file was confirmed for another chat."), field="chat_id")
    return stored


@transaction.atomic
def _keep(upload: Upload, chat: Chat, actor: Actor, content: UploadedFile) -> Attachment:
    """Turn the upload into an attachment, once, whoever asks at the same moment."""
    locked = Upload.objects.select_for_update().filter(pk=upload.pk).first()
    if locked is None:
        if stored := _confirmed(upload.workspace, chat, upload.uid):
            return stored
        raise FileNotFound(field="file_id")
    stored = files.store(chat, actor, content, uid=upload.uid, expected=upload.content_type, name=upload.name)
    locked.delete()
    return stored


class _spooled:
    """A copy of what the stream holds, as an uploaded file of exactly this size; raises Invalid for any other."""

    def __init__(self, stream: Any, size: int) -> None:
        self._stream, self._size = stream, size
        self._copy: IO[bytes] = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115  closed at the end

    def __enter__(self) -> UploadedFile:
        read = 0
        while chunk := self._stream.read(_CHUNK):
            read += len(chunk)
            if read > self._size:
                break
            self._copy.write(chunk)
        if read != self._size:
            self._copy.close()
            code = "too_large" if read > self._size else "wrong_size"
            raise Invalid(_("The file has not the announced size."), field="size", code=code)
        self._copy.seek(0)
        return cast(UploadedFile, File(self._copy, name="upload"))

    def __exit__(self, *_error: object) -> None:
        self._copy.close()


def sweep() -> int:
    """Remove uploads that ran out and were never confirmed, from the storage too; return how many there were."""
    swept = 0
    for upload in Upload.objects.filter(expires_at__lt=timezone.now() - _SWEPT_AFTER).order_by("id")[:500]:
        # Whoever deletes the row deletes the file: a confirmation at this moment keeps both or has none.
        if Upload.objects.filter(pk=upload.pk).delete()[0]:
            default_storage.delete(upload.key)
            swept += 1
    return swept
