"""Hostile files at every door that takes one: refused, or kept as bytes that no browser runs.

What is served is held to it wherever it came in: a picture is one that can be drawn, all else is a download, and both
are in a sandbox of their own, under a name that is only a name.
"""

import struct
import zlib
from io import BytesIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from chat.files import SHOWN_INLINE, file_url
from chat.models import Attachment

from .places import endpoints, pages

pytestmark = pytest.mark.django_db
SCRIPT = b"<script>alert(document.domain)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'


def picture(kind, size=(2, 2)):
    out = BytesIO()
    Image.new("RGB", size, "red").save(out, kind)
    return out.getvalue()


def bomb(side):
    """A PNG whose head promises so many pixels a side, of one colour, in a few hundred bytes."""

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * side)) + chunk(b"IEND", b"")


GIF, PNG = picture("GIF"), picture("PNG")
# Name, claimed type, bytes.
FILES = {
    "svg": ("a.svg", "image/svg+xml", SVG),
    "svg called a picture": ("a.png", "image/png", SVG),
    "svg with a declaration, called text": ("a.txt", "text/plain", b'<?xml version="1.0"?>' + SVG),
    "html": ("a.html", "text/html", b"<!doctype html>" + SCRIPT),
    "html called text": ("a.txt", "text/plain", b"  \n<html>" + SCRIPT),
    "html behind a mark of order": ("a.txt", "text/plain", b"\xef\xbb\xbf<html>" + SCRIPT),
    "text with a script further on": ("a.txt", "text/plain", b"Hello " + SCRIPT),
    "html called a picture": ("a.png", "image/png", b"<html>" + SCRIPT),
    "gif and script": ("a.gif", "image/gif", b"GIF89a/*" + GIF[8:] + b"*/=1;alert(1)//"),
    "gif with a script behind it": ("a.gif", "image/gif", GIF + SCRIPT),
    "gif called html": ("a.html", "text/html", GIF + SCRIPT),
    "png with markup in it": ("a.png.html", "image/png", PNG[:8] + PNG[8:] + SCRIPT),
    "pdf and html": ("a.pdf", "application/pdf", b"%PDF-1.4\n<html>" + SCRIPT + b"\n%%EOF"),
    "zip and html": ("a.zip", "application/zip", b"PK\x03\x04" + b"\0" * 30 + SCRIPT),
    "program": ("invoice.pdf.exe", "application/pdf", b"MZ" + b"\0" * 200),
    "shell script": ("a.sh", "text/plain", b"#!/bin/sh\nrm -rf /\n"),
    "script of a page": ("a.js", "text/javascript", b"alert(1)"),
    "picture bomb": ("a.png", "image/png", bomb(60_000)),
    "broken picture": ("a.png", "image/png", PNG[:20]),
    "nothing": ("a.txt", "text/plain", b""),
    "traversal": ("../../../../tmp/evil.txt", "text/plain", b"words"),
    "traversal as on Windows": ("..\\..\\evil.txt", "text/plain", b"words"),
    "only dots": ("...", "image/png", PNG),
    "a line break": ("a\r\nSet-Cookie: x=1\r\n\r\n.txt", "text/plain", b"words"),
    "a quote": ('a"; filename="evil.html.txt', "text/plain", b"words"),
    "a zero": ("a.html\x00.txt", "text/plain", b"words"),
    "turned around": ("a\u202etxt.exe.txt", "text/plain", b"words"),
    "markup": ("<img src=x onerror=alert(1)>.txt", "text/plain", b"words"),
    "endless": ("a" * 5000 + ".txt", "text/plain", b"words"),
}  # fmt: skip
TAKEN = {  # the others are refused, whatever the door
    "text with a script further on", "gif and script", "gif with a script behind it", "gif called html",
    "png with markup in it",
    "pdf and html", "zip and html", "traversal", "traversal as on Windows", "only dots", "a quote",
    "a zero", "turned around", "markup", "endless",
}  # fmt: skip


def session_upload(town, name, kind, content):
    path = f"/v1/chat/sessions/{town.own['session_id']}/upload"
    headers = {"Authorization": f"Bearer {town.tokens['visitor']}"}
    return Client().post(path, {"file": SimpleUploadedFile(name, content, kind)}, headers=headers)


def presigned(town, name, kind, content):
    client, headers = Client(), {"Authorization": f"Bearer {town.tokens['server']}"}
    asked = {"filename": name, "content_type": kind, "size_bytes": len(content)}
    place = client.post("/v1/files/upload-url", asked, content_type="application/json", headers=headers)
    if place.status_code >= 400:
        return place
    told = place.json()
    put = client.generic("PUT", "/" + told["upload_url"].split("/", 3)[3], content, content_type=kind)
    if put.status_code >= 400:
        return put
    confirmed = {"file_id": told["file_id"], "chat_id": town.own["chat_id"]}
    return client.post("/v1/files/confirm", confirmed, content_type="application/json", headers=headers)


def inbox(town, name, kind, content):
    client = Client()
    client.force_login(town.world.operator.user)
    return client.post(f"/inbox/chats/{town.own['uid']}/files", {"file": SimpleUploadedFile(name, content, kind)})


DOORS = {
    "POST /v1/chat/sessions/{session_id}/upload": session_upload,
    "POST /v1/files/confirm": presigned,
    "/inbox/chats/{uid}/files": inbox,
}
# What takes a file and keeps no attachment.
OTHERS = {"/inbox/picture": "drawn anew, below", "/files/uploads/{token}": "the middle of confirm"}


def test_no_door_is_forgotten():
    takes = {key for key in endpoints() if key.startswith("POST") and key.endswith(("/upload", "/confirm"))}
    takes |= {path for path in pages() if path.startswith("/inbox/") and path.endswith(("/files", "/picture"))}
    assert takes == (set(DOORS) | set(OTHERS)) - {"/files/uploads/{token}"}
    assert set(OTHERS) <= pages()


@pytest.mark.parametrize("what", FILES)
@pytest.mark.parametrize("door", DOORS)
def test_it_is_refused_or_kept_as_what_no_browser_runs(town, taken_back, door, what):
    with taken_back():
        before = set(Attachment.objects.values_list("pk", flat=True))
        answer = DOORS[door](town, *FILES[what])
        made = Attachment.objects.exclude(pk__in=before)
        assert answer.status_code < 500, answer.content
        if answer.status_code >= 400:
            assert not made
            assert answer["Content-Type"].startswith("application/json")
        else:
            demand_harmless(made.get())
    # A door may refuse more: the presigned one goes by the type that was announced.
    assert answer.status_code >= 400 or what in TAKEN
    assert answer.status_code < 400 or what not in TAKEN or (door.endswith("confirm") and announced_badly(what))


def announced_badly(what):
    name, kind, _content = FILES[what]
    return kind == "text/html" or not name.isprintable() or len(name) > 255


def demand_harmless(stored):
    """Fail if a browser could do anything with what is served but show a picture or save a file."""
    assert Path(stored.file.path).resolve().is_relative_to(Path(settings.MEDIA_ROOT).resolve())
    assert stored.name == Path(stored.name).name and stored.name.isprintable() and len(stored.name) <= 200
    served = Client().get(file_url(stored))
    assert served.status_code == 200
    assert served["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert served["X-Content-Type-Options"] == "nosniff"
    assert served["X-Frame-Options"] == "DENY"
    assert served["Content-Type"] in {*SHOWN_INLINE, "application/octet-stream"}
    shown = served.headers.get("Content-Disposition", "inline")
    assert "\r" not in shown and "\n" not in shown
    if served["Content-Type"] == "application/octet-stream":
        assert shown.startswith("attachment;")
        assert not served.cookies
    else:
        Image.open(BytesIO(b"".join(served.streaming_content))).verify()


@pytest.mark.parametrize("what", FILES)
def test_a_face_is_drawn_anew_or_refused(town, taken_back, what):
    client = Client()
    client.force_login(town.world.operator.user)
    with taken_back():
        answer = client.post("/inbox/picture", {"picture": SimpleUploadedFile(*(FILES[what][i] for i in (0, 2, 1)))})
        agent = town.world.operator
        agent.refresh_from_db()
        if answer.status_code == 204:
            drawn = bytes(agent.picture_bytes.content)
            assert drawn.startswith(b"\xff\xd8\xff")
            assert b"script" not in drawn
            served = client.get(f"/pictures/{agent.uid.hex}/{agent.picture}.jpg")
            assert served["Content-Type"] == "image/jpeg"
            assert served["Content-Security-Policy"] == "default-src 'none'; sandbox"
        else:
            assert answer.status_code == 400
            assert not agent.picture
