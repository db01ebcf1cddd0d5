"""Where files are: static ones under names that carry a hash of their content, uploaded ones perhaps in S3."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import rcssmin
import rjsmin
from botocore.config import Config
from django.conf import settings
from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, Storage
from storages.backends.s3 import S3Storage
from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStatic(CompressedManifestStaticFilesStorage):
    """Our own scripts and style sheets come without comments and needless spaces, as they were written to be read.

    Also rewrites the `import "./x.js"` of modules, so that a release never mixes old and new scripts.
    """

    support_js_module_import_aggregation = True

    def post_process(self, paths: dict[str, tuple[Storage, str]], *args: Any, **options: Any) -> Iterator[Any]:
        """Give every file its hashed name, our own ones by what is left of them."""
        brief = {name: (_brief(storage, path), path) for name, (storage, path) in paths.items()}
        yield from super().post_process(brief, *args, **options)


def _brief(storage: Storage, path: str) -> Storage:
    """Return what a static file is read from: what we wrote ourselves, and can be read briefly, from a _Brief."""
    ours = Path(settings.BASE_DIR, "static")
    written_here = isinstance(storage, FileSystemStorage) and Path(storage.location) == ours
    return _Brief(ours) if written_here and path[:7] != "vendor/" and Path(path).suffix in _BRIEFLY else storage


_BRIEFLY = {".js": rjsmin.jsmin, ".css": rcssmin.cssmin}


class _Brief(FileSystemStorage):
    """A folder whose scripts and style sheets are read without what only people need."""

    def _open(self, name: str, mode: str = "rb") -> File:
        text = Path(self.path(name)).read_text(encoding="utf-8")
        return ContentFile(_BRIEFLY[Path(name).suffix](text).encode(), name)


class S3Files(S3Storage):
    """Uploaded files in an S3-compatible bucket that nobody but Parley may read. Downloads come through Parley."""

    def __init__(self, *, public_endpoint_url: str | None = None, **options: Any) -> None:
        self._public_endpoint_url = public_endpoint_url
        config = Config(
            signature_version="s3v4",
            # Servers other than Amazon's rarely have a name for each bucket, nor know its newer checksums.
            s3={"addressing_style": "path" if options.get("endpoint_url") else "auto"},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            connect_timeout=5,
            read_timeout=30,
            retries={"max_attempts": 3, "mode": "standard"},
        )
        super().__init__(client_config=config, file_overwrite=False, max_memory_size=1024 * 1024, **options)

    def presign_put(self, name: str, content_type: str, size: int, seconds: int) -> str:
        """Return an address where exactly so many bytes of this type can be PUT, for so many seconds."""
        client = boto3.client(
            "s3",
            endpoint_url=self._public_endpoint_url or self.endpoint_url,
            region_name=self.region_name,
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
            config=self.client_config,
        )
        wanted = {
            "Bucket": self.bucket_name,
            "Key": self._normalize_name(name),
            "ContentType": content_type,
            "ContentLength": size,
        }
        return str(client.generate_presigned_url("put_object", Params=wanted, ExpiresIn=seconds))
