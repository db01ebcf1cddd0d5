"""POST /v1/chat/sessions/{id}/upload (3.3), and the message that carries the file."""

import base64

import pytest
from django.test import Client

from chat.models import Attachment, Message

from .conftest import start_chat

pytestmark = pytest.mark.django_db
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def test_an_upload_is_answered_as_an_attachment_that_can_be_loaded(vera, session):
    answer = vera.upload(f"{session}/upload", "ảnh.png", PNG)
    assert (answer.status, answer.code) == (201, 1001)
    file = answer.data
    assert (file["type"], file["contentType"], file["name"], file["size"]) == (
        "image",
        "image/png",
        "ảnh.png",
        len(PNG),
    )
    assert file["url"].startswith("http://testserver/files/")
    assert b"".join(Client().get(file["url"].removeprefix("http://testserver")).streaming_content) == PNG


@pytest.mark.parametrize("by", ["id", "url"])
def test_a_message_carries_what_was_uploaded(vera, session, by):
    file = vera.upload(f"{session}/upload", "a.png", PNG).data
    reference = {"id": file["id"]} if by == "id" else {n: file[n] for n in ("type", "url", "name", "size")}
    body = {"type": "image", "attachments": [reference], "clientMessageId": "c-1"}
    sent = vera.post(f"{session}/messages", body)
    assert sent.data["attachments"] == [file]
    assert (sent.data["type"], sent.data["content"]) == ("image", "")
    assert vera.post(f"{session}/messages", body).data == sent.data, "a resend is the same message with the same file"
    assert vera.post(f"{session}/messages", {**body, "clientMessageId": "c-2"}).code == 4000, "a file is sent once"
    assert Attachment.objects.count() == 1


def test_a_file_of_another_session_cannot_be_sent(vera, victor, session, world):
    theirs = f"sessions/session_{start_chat(world.other_visitor).uid.hex}"
    file = victor.upload(f"{theirs}/upload", "a.png", PNG).data
    for reference in ({"id": file["id"]}, {"url": file["url"]}, {"id": "file_" + "0" * 32}, {"id": 7}):
        answer = vera.post(f"{session}/messages", {"content": "x", "attachments": [reference]})
        assert (answer.status, answer.code) == (400, 4000)
    assert Message.objects.filter(attachments__isnull=False).count() == 0


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        ("a.html", b"<!doctype html><script>alert(1)</script>"),
        ("a.png", b"<!doctype html><script>alert(1)</script>"),
        ("a.exe", b"MZ" + b"\0" * 100),
        ("a", b"\x7fELF" + b"\0" * 100),
    ],
)
def test_what_a_browser_could_run_is_not_taken(vera, session, name, content):
    answer = vera.upload(f"{session}/upload", name, content)
    assert (answer.status, answer.code) == (415, 4007)
    assert not Attachment.objects.exists()


def test_a_file_above_the_workspaces_limit_is_too_large(vera, session, world):
    type(world.workspace).objects.update(max_file_bytes=10)
    for content in (PNG, PNG + b"\0" * 200_000):
        answer = vera.upload(f"{session}/upload", "a.png", content)
        assert (answer.status, answer.code) == (413, 4006)


def test_a_form_without_a_file_or_no_form_at_all_is_refused(vera, session):
    assert vera.upload(f"{session}/upload", "a.txt", b"").code == 4000
    wrong = vera.post(f"{session}/upload", {"file": "x"})
    assert (wrong.status, wrong.code) == (415, 4000)


def test_a_broken_form_is_no_server_error(vera, session):
    for body in (b"", b"--x\r\n", b"\0" * 100):
        response = Client(raise_request_exception=False).generic(
            "POST",
            f"/v1/chat/{session}/upload",
            body,
            content_type="multipart/form-data; boundary=x",
            headers={"Authorization": f"Bearer {vera.token}"},
        )
        assert response.status_code == 400
        assert response.json()["code"] == 4000


def test_names_are_only_names(vera, session):
    answer = vera.upload(f"{session}/upload", "../../etc/pass\u202ewd.png", PNG)
    assert answer.data["name"] == "passwd.png"
