"""Attachments: whom they are given to, and how harmless they arrive."""

import time
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from chat import files
from chat.access import Actor
from chat.services import files as storing

pytestmark = pytest.mark.django_db


def picture() -> bytes:
    buffer = BytesIO()
    Image.new("RGB", (4, 4), "red").save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture
def attach(world, talk):
    def attach(name, content):
        return storing.store(
            talk(agent=world.operator), Actor.of_agent(world.operator), SimpleUploadedFile(name, content)
        )

    return attach


def body(answer) -> bytes:
    return b"".join(answer.streaming_content)


def test_a_picture_is_shown_and_sandboxed(client, attach):
    answer = client.get(files.file_url(attach("red.png", picture())))
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/png")
    assert answer["Content-Disposition"].startswith("inline")
    assert "sandbox" in answer["Content-Security-Policy"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert body(answer) == picture()


def test_anything_else_is_a_download_under_its_own_name(client, attach):
    answer = client.get(files.file_url(attach("Hóa đơn.txt", b"to pay")))
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment")
    assert "filename*=utf-8''H%C3%B3a%20%C4%91%C6%A1n.txt" in answer["Content-Disposition"]


def test_an_address_runs_out(client, attach, monkeypatch):
    address = files.file_url(attach("n.txt", b"x"))
    assert client.get(address).status_code == 200
    later = time.time() + 3 * 24 * 60 * 60
    monkeypatch.setattr("chat.files.time.time", lambda: later)
    assert client.get(address).status_code == 404


def test_a_forged_address_leads_nowhere(client, attach):
    address = files.file_url(attach("n.txt", b"x"))
    token = address.split("/")[2]
    assert client.get(address.replace(token, token[:-2] + "xx")).status_code == 404
    assert client.get("/files/nonsense/n.txt").status_code == 404


def test_a_name_with_slashes_stays_one_name(client, attach):
    attachment = attach("n.txt", b"x")
    attachment.name = "../../etc/passwd"
    assert files.file_url(attachment).count("/") == 3


def test_the_inbox_leads_only_to_files_of_chats_that_one_may_see(world, sit, attach):
    attachment = attach("n.txt", b"x")
    answer = sit(world.operator).get(f"/inbox/files/{attachment.uid.hex}")
    assert (answer.status_code, answer["Location"]) == (302, files.file_url(attachment))
    assert sit(world.outsider).get(f"/inbox/files/{attachment.uid.hex}").status_code == 404
    assert sit(world.operator).get("/inbox/files/nonsense").status_code == 404


def test_a_file_that_is_kept_elsewhere_is_linked_there(attach):
    attachment = attach("n.txt", b"x")
    attachment.external_url = "https://cdn.example.com/n.txt"
    assert files.file_url(attachment) == "https://cdn.example.com/n.txt"
