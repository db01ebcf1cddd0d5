"""Uploads: the bytes decide, the name is only shown."""

import io
import zipfile

import pytest
import time_machine
from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from chat.access import Actor
from chat.errors import Ended, Invalid, NotFound
from chat.files import file_url
from chat.models import Attachment, Chat
from chat.services import files, lifecycle, starting

PDF = b"%PDF-1.7\n1 0 obj\n"


def png() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (2, 2), "red").save(buffer, "PNG")
    return buffer.getvalue()


def a_zip() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.txt", "a")
    return buffer.getvalue()


@pytest.fixture
def chat(world) -> Chat:
    return starting.start(workspace=world.workspace, visitor=world.visitor, actor=Actor.of_visitor(world.visitor)).chat


def upload(name: str, content: bytes, claimed: str = "application/octet-stream") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type=claimed)


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        ("a.png", png(), "image/png"),
        ("a.exe", png(), "image/png"),
        ("contract.pdf", PDF, "application/pdf"),
        ("notes.txt", "Xin chào".encode(), "text/plain"),
        ("table.csv", b"a,b\n1,2\n", "text/csv"),
        ("a.zip", a_zip(), "application/zip"),
    ],
)
def test_the_type_is_what_the_bytes_show(world, chat, name, content, found):
    stored = files.store(chat, Actor.of_visitor(world.visitor), upload(name, content, "text/html"))
    assert (stored.content_type, stored.size, stored.message) == (found, len(content), None)
    assert stored.file.read() == content


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("page.html", b"<!doctype html><script>alert(1)</script>"),
        ("image.png", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        ("note.txt", b"  <script>alert(1)</script>"),
        ("note.txt", b"MZ\x00\x00"),
        ("tool.exe", b"MZ\x90\x00" + b"\x00" * 200),
        ("note", b"text without an ending"),
        ("note.txt", b"\xff\xfe\xfa"),
    ],
)
def test_what_could_run_somewhere_is_refused(world, chat, name, content):
    with pytest.raises(Invalid) as refused:
        files.store(chat, Actor.of_visitor(world.visitor), upload(name, content, "image/png"))
    assert refused.value.code == "unsupported_type"
    assert not Attachment.objects.exists()


def test_the_workspace_says_how_large(world, chat):
    chat.workspace.max_file_bytes = 10
    with pytest.raises(Invalid) as refused:
        files.store(chat, Actor.of_visitor(world.visitor), upload("a.pdf", PDF))
    assert refused.value.code == "too_large"


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\vera\\photo.png", "photo.png"),
        ("invoice\u202egnp.exe", "invoicegnp.exe"),
        ("a\r\nSet-Cookie: b.png", "aSet-Cookie: b.png"),
        ("...", "file"),
        ("Hóa đơn.pdf", "Hóa đơn.pdf"),
        ("x" * 300 + ".png", "x" * 196 + ".png"),
    ],
)
def test_names_are_shown_without_tricks(given, shown):
    assert files.safe_name(given) == shown


def test_the_stored_name_cannot_be_guessed_from_the_shown_one(world, chat):
    stored = files.store(chat, Actor.of_visitor(world.visitor), upload("passport.png", png()))
    assert "passport" not in stored.file.name


def test_strangers_and_the_late_store_nothing(world, chat):
    with pytest.raises(NotFound):
        files.store(chat, Actor.of_visitor(world.other_visitor), upload("a.png", png()))
    chat = lifecycle.close(chat, Actor.of_visitor(world.visitor))
    with pytest.raises(Ended):
        files.store(chat, Actor.of_visitor(world.visitor), upload("a.png", png()))
    assert not Attachment.objects.exists()


def test_an_address_is_good_for_its_file_and_its_days(world, chat, client):
    """Whoever has it may load it, so nobody makes one: not for another file, for longer, or with another signature."""
    mine, other = (files.store(chat, Actor.of_visitor(world.visitor), upload(f"{n}.png", png())) for n in "ab")
    address = file_url(mine)
    assert client.get(address).status_code == 200
    token, name = address.split("/")[2:]
    said, _colon, signature = token.rpartition(":")
    uid, until = signing.Signer(salt="chat.files").unsign_object(token)
    forged = [
        signing.Signer(salt="chat.files").sign_object(content).rpartition(":")[0]
        for content in ([other.uid.hex, until], [uid, until + 10**6])
    ]
    tokens = [f"{claim}:{signature}" for claim in forged]
    tokens += [said, f"{said}:", f"{said}:{signature[:-1]}", f"{said}:{signature.swapcase()}", signature]
    tokens += [signing.Signer(salt="chat.uploads").sign_object([uid, until])]
    assert {client.get(f"/files/{wrong}/{name}").status_code for wrong in tokens} == {404}
    with time_machine.travel(until + 1, tick=False):
        assert client.get(address).status_code == 404
