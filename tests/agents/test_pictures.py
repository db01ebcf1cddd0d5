"""Agents' pictures: drawn anew, kept small, shown to everybody at an address of their own; nothing hostile gets in."""

import struct
import zlib
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from agents.errors import Invalid
from agents.pictures import picture_url
from agents.services import pictures

pytestmark = pytest.mark.django_db


def picture(kind="PNG", size=(640, 400), mode="RGB", color=(200, 30, 30), **options) -> SimpleUploadedFile:
    out = BytesIO()
    Image.new(mode, size, color).save(out, kind, **options)
    return SimpleUploadedFile(f"me.{kind.lower()}", out.getvalue())


def drawn(content: bytes) -> Image.Image:
    return Image.open(BytesIO(content), formats=["JPEG"])


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
def test_every_usual_picture_becomes_a_small_square_jpeg(kind):
    shown = drawn(pictures.draw(picture(kind)))
    assert shown.size == (192, 192)
    red, green, blue = shown.convert("RGB").getpixel((96, 96))
    assert red > 150 and green < 80 and blue < 80


def test_it_is_cut_from_the_middle_upright_and_what_shines_through_becomes_white():
    wide = Image.new("RGBA", (300, 100), (0, 0, 0, 0))
    wide.paste((0, 0, 255, 255), (100, 0, 200, 50))
    out = BytesIO()
    wide.save(out, "PNG")
    shown = drawn(pictures.draw(SimpleUploadedFile("x.png", out.getvalue()))).convert("RGB")
    assert shown.getpixel((96, 20))[2] > 200 > 100 > shown.getpixel((96, 20))[0]
    assert min(shown.getpixel((96, 180))) > 240
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side
    exif[0x010E] = "taken at home"
    tall = Image.new("RGB", (100, 200), "white")
    tall.paste("red", (0, 0, 100, 100))
    out = BytesIO()
    tall.save(out, "JPEG", exif=exif)
    content = pictures.draw(SimpleUploadedFile("x.jpg", out.getvalue()))
    assert b"taken at home" not in content and not drawn(content).getexif()
    left, right = (drawn(content).convert("RGB").getpixel((x, 96)) for x in (20, 172))
    assert min(left) > 200 and right[1] < 80


def bomb() -> bytes:
    """A PNG of a few bytes that says it is 30,000 pixels wide and high."""

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    )


HOSTILE = {
    "markup": b"<html><script>alert(1)</script></html>",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "nothing": b"",
    "cut off": picture("JPEG").read()[:300],
    "another kind": b"BM" + b"\0" * 100,
    "bomb": bomb(),
    "script with a picture's head": b"GIF89a/*" + b"\0" * 20 + b"*/=1;alert(1)",
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_what_is_no_picture_is_refused(content):
    with pytest.raises(Invalid):
        pictures.draw(SimpleUploadedFile("me.png", content))


def test_what_hangs_on_a_picture_is_left_behind():
    told = picture("PNG").read() + b"<script>alert(1)</script>"
    assert b"script" not in pictures.draw(SimpleUploadedFile("me.png", told))


def test_a_file_beyond_the_limit_is_refused_unread(monkeypatch):
    monkeypatch.setattr(pictures, "MOST_BYTES", 10)
    with pytest.raises(Invalid, match="10 MB"):
        pictures.draw(picture())


def test_anybody_loads_it_and_keeps_it_until_there_is_another(client, world):
    pictures.put(world.operator, pictures.draw(picture()))
    address = picture_url(world.operator)
    answer = client.get(address)
    assert answer.status_code == 200 and answer["Content-Type"] == "image/jpeg"
    assert drawn(answer.content).size == (192, 192)
    assert "immutable" in answer["Cache-Control"] and answer["Access-Control-Allow-Origin"] == "*"
    assert answer["X-Content-Type-Options"] == "nosniff" and "sandbox" in answer["Content-Security-Policy"]
    pictures.put(world.operator, pictures.draw(picture(color=(0, 0, 250))))
    assert picture_url(world.operator) != address
    assert client.get(address).status_code == 404
    pictures.remove(world.operator)
    assert picture_url(world.operator) == ""


@pytest.mark.parametrize("path", ["/pictures/x/y.jpg", f"/pictures/{'0' * 32}/{'0' * 32}.jpg", "/pictures/%00/%00.jpg"])
def test_an_address_of_nothing(client, path):
    assert client.get(path).status_code == 404


def test_without_a_picture_an_empty_digest_finds_nothing(client, world):
    assert client.get(f"/pictures/{world.operator.uid.hex}/.jpg").status_code == 404
