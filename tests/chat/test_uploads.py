"""Uploads straight to the storage: the same story in a folder and in an S3 bucket, and what must not get through."""

import io
import struct
import uuid
import zlib
from contextlib import nullcontext
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone
from PIL import Image

from chat.access import Actor
from chat.errors import Conflict, Ended, Invalid, NotFound
from chat.files import file_url
from chat.models import Attachment, Chat, Upload
from chat.services import lifecycle, starting, uploads
from chat.tasks import sweep_uploads
from tests import bucket as buckets

pytestmark = pytest.mark.django_db


def png(size=(2, 2)) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, "red").save(buffer, "PNG")
    return buffer.getvalue()


PNG = png()


@pytest.fixture(scope="module")
def bucket():
    with buckets.running() as bucket:
        yield bucket


@pytest.fixture(params=["folder", "bucket"])
def storage(request, bucket):
    """Where files are: each story is told twice."""
    with buckets.in_use(bucket) if request.param == "bucket" else nullcontext():
        yield request.param


@pytest.fixture
def chat(world) -> Chat:
    return starting.start(workspace=world.workspace, visitor=world.visitor, actor=Actor.of_visitor(world.visitor)).chat


@pytest.fixture
def team(world) -> Actor:
    return Actor.of_workspace(world.workspace)


def ask(world, content=PNG, name="screen.png", content_type="image/png", size=None):
    return uploads.request(
        world.workspace, name=name, content_type=content_type, size=len(content) if size is None else size
    )


def put(place, content=PNG, content_type="image/png") -> int:
    """As a client does, without knowing which of the two it speaks to."""
    if place.url.startswith("http"):
        return buckets.put(place.url, content, content_type)
    return Client().put(place.url, content, content_type=content_type).status_code


def sneak(place, content):
    """Bring bytes past what the address checks; moto checks nothing of it, and a bucket may be misconfigured."""
    default_storage.delete(place.upload.key)
    default_storage.save(place.upload.key, io.BytesIO(content))


def stored_names(storage, bucket):
    return bucket.names() if storage == "bucket" else []


def test_a_file_goes_straight_to_the_storage_and_is_a_file_of_the_chat(world, chat, team, storage, bucket):
    place = ask(world, name="../Ảnh màn hình.png")
    if storage == "bucket":
        assert place.url.startswith(f"{bucket.endpoint}/files/parley/uploads/")
        assert "X-Amz-Signature" in place.url and "content-length" in place.url
    assert put(place) == 200
    stored = uploads.confirm(world.workspace, team, chat, place.upload.uid)
    assert (stored.uid, stored.name, stored.size) == (place.upload.uid, "Ảnh màn hình.png", len(PNG))
    assert (stored.content_type, stored.chat, stored.message) == ("image/png", chat, None)
    assert not Upload.objects.exists()
    served = Client().get(file_url(stored))
    assert b"".join(served.streaming_content) == PNG
    assert served["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert (served["Content-Type"], served["X-Content-Type-Options"]) == ("image/png", "nosniff")
    if storage == "bucket":
        assert bucket.names() == [f"parley/{stored.file.name}"]


def test_confirming_twice_is_confirming_once(world, chat, team, storage):
    place = ask(world)
    put(place)
    first = uploads.confirm(world.workspace, team, chat, place.upload.uid)
    assert uploads.confirm(world.workspace, team, chat, place.upload.uid) == first
    assert Attachment.objects.count() == 1


def test_what_was_confirmed_cannot_be_changed_by_who_still_has_the_address(world, chat, team, storage):
    place = ask(world)
    put(place)
    stored = uploads.confirm(world.workspace, team, chat, place.upload.uid)
    assert put(place, png((2, 2))[::-1]) in (200, 404)
    assert stored.file.open("rb").read() == PNG


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "wrong_size"),
        (PNG[:-1], "wrong_size"),
        (PNG + b"<script>", "too_large"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>".ljust(len(PNG)), "unsupported_type"),
        (b"<!doctype html><script>alert(1)</script>".ljust(len(PNG)), "unsupported_type"),
        ((PNG[:8] + b"<script>alert(1)</script>").ljust(len(PNG)), "unsupported_type"),
        (b"%PDF-1.7 <script>alert(1)</script>".ljust(len(PNG)), "unsupported_type"),
        (b"GIF89a/*".ljust(len(PNG)), "unsupported_type"),
    ],
)
def test_what_is_there_must_be_what_was_announced(world, chat, team, storage, content, code):
    place = ask(world)
    if storage == "folder":
        assert put(place, content) in (400, 413, 415)
        with pytest.raises(uploads.NotUploaded):
            uploads.confirm(world.workspace, team, chat, place.upload.uid)
    sneak(place, content)
    with pytest.raises(Invalid) as refused:
        uploads.confirm(world.workspace, team, chat, place.upload.uid)
    assert refused.value.code == code
    assert not Attachment.objects.exists()


def bomb(width: int, height: int) -> bytes:
    """A picture of a few bytes that would be gigabytes when drawn."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 9)) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(10_000, 10_000), (60_000, 60_000)])
def test_a_picture_that_would_fill_everybodys_memory_is_refused(world, chat, team, storage, size):
    content = bomb(*size)
    place = ask(world, content)
    sneak(place, content)
    with pytest.raises(Invalid):
        uploads.confirm(world.workspace, team, chat, place.upload.uid)
    assert not Attachment.objects.exists()


def test_a_file_that_is_two_things_at_once_is_served_as_the_harmless_one(world, chat, team, storage):
    both = PNG + b"<script>alert(document.domain)</script>"
    place = ask(world, both)
    put(place, both)
    served = Client().get(file_url(uploads.confirm(world.workspace, team, chat, place.upload.uid)))
    assert (served["Content-Type"], served["X-Content-Type-Options"]) == ("image/png", "nosniff")
    assert "sandbox" in served["Content-Security-Policy"]


def test_a_document_is_a_download(world, chat, team, storage):
    pdf = b"%PDF-1.7\n<script>alert(1)</script>"
    place = ask(world, pdf, "a.pdf", "application/pdf")
    put(place, pdf, "application/pdf")
    served = Client().get(file_url(uploads.confirm(world.workspace, team, chat, place.upload.uid)))
    assert served["Content-Type"] == "application/octet-stream"
    assert served["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize(
    ("fields", "field", "code"),
    [
        ({"content_type": "image/svg+xml"}, "content_type", "unsupported_type"),
        ({"content_type": "text/html"}, "content_type", "unsupported_type"),
        ({"content_type": ""}, "content_type", "unsupported_type"),
        ({"content_type": "image/png\r\nX-A: b"}, "content_type", "unsupported_type"),
        ({"size": 0}, "size", "invalid"),
        ({"size": -5}, "size", "invalid"),
        ({"size": 10 * 1024 * 1024 + 1}, "size", "too_large"),
    ],
)
def test_what_would_be_refused_later_gets_no_place(world, fields, field, code):
    with pytest.raises(Invalid) as refused:
        ask(world, **fields)
    assert (refused.value.field, refused.value.code) == (field, code)
    assert not Upload.objects.exists()


def test_other_spellings_of_a_type_are_that_type(world, chat, team):
    csv = b"a,b\n1,2\n"
    place = ask(world, csv, "a.csv", "text/csv; charset=utf-8")
    assert put(place, csv, "text/csv; charset=utf-8") == 200
    assert uploads.confirm(world.workspace, team, chat, place.upload.uid).content_type == "text/csv"


def test_time_runs_out_for_the_address_and_for_the_confirmation(world, chat, team, storage):
    place = ask(world)
    put(place)
    Upload.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    if storage == "folder":
        assert put(place) == 403
    with pytest.raises(uploads.Expired):
        uploads.confirm(world.workspace, team, chat, place.upload.uid)


def test_what_nobody_confirmed_is_swept_with_its_bytes(world, chat, team, storage, bucket):
    late, empty, running = ask(world), ask(world), ask(world)
    put(late)
    put(running)
    Upload.objects.filter(pk__in=[late.upload.pk, empty.upload.pk]).update(
        expires_at=timezone.now() - timedelta(hours=1)
    )
    assert sweep_uploads() == 2
    assert sweep_uploads() == 0
    assert list(Upload.objects.all()) == [running.upload]
    assert not default_storage.exists(late.upload.key)
    assert default_storage.exists(running.upload.key)


def test_files_and_chats_of_elsewhere_do_not_exist(world, chat, team):
    place = ask(world)
    put(place)
    outsider = Actor.of_workspace(world.elsewhere)
    for uid in (place.upload.uid, uuid.uuid4(), None):
        with pytest.raises(NotFound):
            uploads.confirm(world.elsewhere, outsider, chat, uid)
    theirs = starting.start(
        workspace=world.elsewhere, visitor=world.stranger, actor=Actor.of_visitor(world.stranger)
    ).chat
    with pytest.raises(uploads.FileNotFound):
        uploads.confirm(world.elsewhere, outsider, theirs, place.upload.uid)
    with pytest.raises(NotFound):
        uploads.confirm(world.workspace, team, theirs, place.upload.uid)
    assert uploads.confirm(world.workspace, team, chat, place.upload.uid)


def test_a_file_goes_to_one_chat(world, chat, team):
    place = ask(world)
    put(place)
    other = starting.start(
        workspace=world.workspace, visitor=world.other_visitor, actor=Actor.of_visitor(world.other_visitor)
    ).chat
    uploads.confirm(world.workspace, team, chat, place.upload.uid)
    with pytest.raises(Conflict):
        uploads.confirm(world.workspace, team, other, place.upload.uid)


def test_an_ended_chat_takes_no_file(world, chat, team):
    place = ask(world)
    put(place)
    ended = lifecycle.close(chat, team)
    with pytest.raises(Ended):
        uploads.confirm(world.workspace, team, ended, place.upload.uid)
    assert Upload.objects.count() == 1


def test_a_workspace_has_so_many_places_and_no_more(world, monkeypatch):
    monkeypatch.setattr(uploads, "MOST_OPEN", 2)
    ask(world)
    ask(world)
    with pytest.raises(uploads.TooManyOpen):
        ask(world)
    Upload.objects.update(expires_at=timezone.now())
    assert ask(world)


def test_an_address_that_is_forged_or_used_otherwise_takes_nothing(world):
    place = ask(world)
    forged = place.url[:-4] + "AAAA"
    assert Client().put(forged, PNG, content_type="image/png").status_code == 404
    assert Client().put("/files/uploads/x", PNG, content_type="image/png").status_code == 404
    assert Client().post(place.url, PNG, content_type="image/png").status_code == 405
    assert Client().get(place.url).status_code == 405
    assert Client().put(place.url, PNG, content_type="text/html").status_code == 415
    assert not default_storage.exists(place.upload.key)


def test_a_page_of_any_site_may_put(world):
    place = ask(world)
    asked = Client().options(
        place.url, headers={"Origin": "https://shop.example.com", "Access-Control-Request-Method": "PUT"}
    )
    assert (asked.status_code, asked["Access-Control-Allow-Origin"]) == (204, "*")
    assert "Content-Type" in asked["Access-Control-Allow-Headers"]
    answer = Client(enforce_csrf_checks=True).put(
        place.url, PNG, content_type="image/png", headers={"Origin": "https://shop.example.com"}
    )
    assert (answer.status_code, answer["Access-Control-Allow-Origin"]) == (200, "*")
