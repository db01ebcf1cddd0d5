"""The Files API."""

from __future__ import annotations

from dataclasses import dataclass

from ...rest.fields import Fields

_LARGEST = 2**53


@dataclass(frozen=True)
class UploadRequest:
    """``POST /files/upload-url``."""

    filename: str
    content_type: str
    size_bytes: int


@dataclass(frozen=True)
class ConfirmRequest:
    """``POST /files/confirm``."""

    file_id: str
    chat_id: str


def parse_upload(data: object) -> UploadRequest:
    """Read what is to be uploaded. Raises Malformed."""
    body = Fields(data)
    request = UploadRequest(
        filename=body.line("filename", 255, required=True),
        content_type=body.line("content_type", 120, required=True),
        size_bytes=body.integer("size_bytes", 1, _LARGEST, required=True) or 0,
    )
    body.check()
    return request


def parse_confirmation(data: object) -> ConfirmRequest:
    """Read which upload is there, and for which chat. Raises Malformed."""
    body = Fields(data)
    request = ConfirmRequest(body.line("file_id", 100, required=True), body.line("chat_id", 100, required=True))
    body.check()
    return request
