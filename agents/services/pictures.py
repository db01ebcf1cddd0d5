"""An agent's picture: whatever was uploaded is drawn anew, small and square, so that nothing but pixels is kept."""

from __future__ import annotations

import hashlib
import struct
import warnings
import zlib
from io import BytesIO

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps

from ..errors import Invalid
from ..models import Agent, AgentPicture

SIDE = 192  # pixels: twice the largest place where it is shown
MOST_BYTES = 10 * 1024 * 1024
# A JPEG is read at a fraction of its size; of all others every pixel is held, four bytes each.
MOST_PIXELS, MOST_PIXELS_OF_JPEG = 16_000_000, 100_000_000
FORMATS = ("PNG", "JPEG", "GIF", "WEBP")
_BROKEN = (
    *(OSError, ValueError, SyntaxError, EOFError, ArithmeticError, LookupError, TypeError),
    *(struct.error, zlib.error, Image.DecompressionBombError),
)


def draw(upload: UploadedFile) -> bytes:
    """Return the uploaded picture as a JPEG of SIDE times SIDE pixels, cut from its middle, without metadata.

    Raises Invalid for a file that is too large, and for what is no PNG, JPEG, GIF or WebP picture.
    """
    if (upload.size or 0) > MOST_BYTES:
        raise Invalid(_("The picture is larger than 10 MB."), field="picture")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(upload, formats=FORMATS) as picture:
                most = MOST_PIXELS_OF_JPEG if picture.format == "JPEG" else MOST_PIXELS
                if picture.width * picture.height > most:
                    raise Invalid(_("The picture has too many pixels."), field="picture")
                picture.draft("RGB", (SIDE * 2, SIDE * 2))  # a large JPEG is read at a fraction of its size
                return _square(picture)
    except _BROKEN:
        raise Invalid(_("Choose a PNG, JPEG, GIF or WebP picture."), field="picture") from None


def _square(picture: Image.Image) -> bytes:
    upright = ImageOps.exif_transpose(picture).convert("RGBA")
    square = ImageOps.fit(upright, (SIDE, SIDE), Image.Resampling.LANCZOS)
    ground = Image.new("RGB", square.size, "white")
    ground.paste(square, mask=square.getchannel("A"))
    out = BytesIO()
    ground.save(out, "JPEG", quality=86, optimize=True)
    return out.getvalue()


@transaction.atomic
def put(agent: Agent, content: bytes) -> None:
    """Make these bytes, as :func:`draw` returned them, the agent's picture."""
    AgentPicture.objects.update_or_create(agent=agent, defaults={"content": content})
    _name(agent, hashlib.sha256(content).hexdigest()[:32])


@transaction.atomic
def remove(agent: Agent) -> None:
    """Take the agent's picture away, if there is one."""
    AgentPicture.objects.filter(agent=agent).delete()
    _name(agent, "")


def _name(agent: Agent, digest: str) -> None:
    agent.picture = digest
    agent.save(update_fields=["picture"])
