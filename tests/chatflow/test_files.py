"""POST /v1/files/upload-url and /v1/files/confirm: the document's story, and what strangers get."""

import base64
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from agents.ids import encode
from chat.access import Actor
from chat.models import Attachment, Upload
from chat.services import starting
from config.demo.factories import SecretKeyFactory
from tests import bucket as buckets

from .conftest import Caller

pytestmark = pytest.mark.django_db
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
ASKED = {"filename": "screenshot.png", "content_type": "image/png", "size_bytes": len(PNG)}


@pytest.fixture
def server(world):
    return Caller(SecretKeyFactory(workspace=world.workspace).secret)


@pytest.fixture
def elsewhere(world):
    return Caller(SecretKeyFactory(workspace=world.elsewhere).secret)


@pytest.fixture
def chat_id(world):
    chat = starting.start(workspace=world.workspace, visitor=world.visitor, actor=Actor.of_visitor(world.visitor)).chat
    return encode("chat", chat.uid)


def put(url, content=PNG):
    path = url.removeprefix("http://testserver")
    return Client().put(path, content, content_type="image/png").status_code


def test_the_documents_story_in_the_data_folder(server, chat_id):
    place = server.post("files/upload-url", ASKED).body
    assert set(place) == {"upload_url", "file_id", "expires_at"}
    assert place["upload_url"].startswith("http://testserver/files/uploads/")
    early = server.post("files/confirm", {"file_id": place["file_id"], "chat_id": chat_id})
    assert (early.status, early.code) == (409, "FILE-005")
    assert put(place["upload_url"]) == 200
    confirmed = server.post("files/confirm", {"file_id": place["file_id"], "chat_id": chat_id})
    assert (confirmed.status, confirmed.body["filename"]) == (200, "screenshot.png")
    assert (confirmed.body["id"], confirmed.body["size_bytes"]) == (place["file_id"], len(PNG))
    assert confirmed.body["content_type"] == "image/png"
    assert server.post("files/confirm", {"file_id": place["file_id"], "chat_id": chat_id}).body == confirmed.body
    attachments = [{"type": "image", "url": confirmed.body["url"]}]
    sent = server.post(f"chats/{chat_id}/messages", {"text": "Look", "attachments": attachments})
    assert sent.status == 201
    assert Attachment.objects.get().message is not None


def test_the_same_story_in_a_bucket(server, chat_id):
    with buckets.running() as bucket, buckets.in_use(bucket):
        place = server.post("files/upload-url", ASKED).body
        assert place["upload_url"].startswith(bucket.endpoint)
        assert buckets.put(place["upload_url"], PNG, "image/png") == 200
        confirmed = server.post("files/confirm", {"file_id": place["file_id"], "chat_id": chat_id}).body
        served = Client().get(confirmed["url"].removeprefix("http://testserver"))
        assert b"".join(served.streaming_content) == PNG


@pytest.mark.parametrize(
    ("change", "status", "code", "field"),
    [
        ({"size_bytes": 99_000_000_000}, 413, "FILE-002", "size_bytes"),
        ({"size_bytes": 0}, 400, "VAL-001", "size_bytes"),
        ({"size_bytes": "9"}, 400, "VAL-001", "size_bytes"),
        ({"content_type": "text/html"}, 415, "FILE-003", "content_type"),
        ({"content_type": "image/svg+xml"}, 415, "FILE-003", "content_type"),
        ({"filename": ""}, 400, "VAL-001", "filename"),
        ({"filename": None}, 400, "VAL-001", "filename"),
    ],
)
def test_what_cannot_be_taken_gets_no_place(server, change, status, code, field):
    answer = server.post("files/upload-url", ASKED | change)
    assert (answer.status, answer.code, list(answer.details)) == (status, code, [field])
    assert not Upload.objects.exists()


def test_files_and_chats_of_elsewhere_do_not_exist(server, elsewhere, chat_id):
    place = server.post("files/upload-url", ASKED).body
    put(place["upload_url"])
    body = {"file_id": place["file_id"], "chat_id": chat_id}
    assert elsewhere.post("files/confirm", body).code == "CHAT-001"
    unknown = server.post("files/confirm", body | {"file_id": "file_" + "0" * 32})
    assert (unknown.status, unknown.code) == (404, "FILE-001")
    assert server.post("files/confirm", body | {"file_id": "nonsense"}).code == "FILE-001"
    assert server.post("files/confirm", body | {"chat_id": "chat_" + "0" * 32}).code == "CHAT-001"
    assert not Attachment.objects.exists()


def test_too_late_is_said(server, chat_id):
    place = server.post("files/upload-url", ASKED).body
    put(place["upload_url"])
    Upload.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    answer = server.post("files/confirm", {"file_id": place["file_id"], "chat_id": chat_id})
    assert (answer.status, answer.code) == (409, "FILE-004")


def test_a_key_needs_the_scope(world):
    reader = Caller(SecretKeyFactory(workspace=world.workspace, scopes=["chats:read"]).secret)
    assert reader.post("files/upload-url", ASKED).status == 403
    assert Caller().post("files/upload-url", ASKED).status == 401
