"""Every failure in the contract's own format, with the id that the header and the log have."""

import logging

import pytest

from integrations.chatflow.errors import CODES

pytestmark = pytest.mark.django_db


def test_who_sends_no_token_or_a_wrong_one_is_told_so(strangers):
    answers = {name: caller.get("chats") for name, caller in strangers.items()}
    found = {name: (answer.status, answer.code) for name, answer in answers.items()}
    assert found == {
        "nobody": (401, "AUTH-002"),
        "a forger": (401, "AUTH-001"),
        "the visitor": (403, "AUTH-003"),
        "a page": (403, "AUTH-003"),
    }
    assert answers["nobody"].headers["WWW-Authenticate"].startswith("Bearer")


def test_the_message_is_in_the_workspaces_language_and_in_english(world, server):
    world.workspace.language = "uz"
    world.workspace.save()
    error = server.get("chats?limit=1000").body["error"]
    assert (error["code"], error["message"], error["message_en"]) == (
        "VAL-001",
        "Soʻrov notoʻgʻri.",
        "The request is not valid.",
    )
    assert "100" in error["details"]["limit"]
    assert server.get("chats?limit=1000", Accept_Language="vi").body["error"]["message"] == "Yêu cầu không hợp lệ."


def test_the_requests_id_is_the_callers_own_when_it_sends_one_and_stands_in_the_log(server, caplog):
    with caplog.at_level(logging.INFO, logger="parley.request"):
        answer = server.get("nothing", X_Request_Id="req_mine")
    assert answer.body["error"]["request_id"] == "req_mine"
    assert any(r.msg.get("request_id") == "req_mine" for r in caplog.records if isinstance(r.msg, dict))
    assert server.get("nothing").body["error"]["request_id"].startswith("req_")


@pytest.mark.parametrize(
    ("method", "path", "body", "expected"),
    [
        ("GET", "", None, (404, "VAL-004")),
        ("GET", "nothing/at/all", None, (404, "VAL-004")),
        ("POST", "chat", {}, (404, "VAL-004")),
        ("GET", "chats/", None, (404, "VAL-004")),
        ("DELETE", "chats", None, (405, "VAL-005")),
        ("POST", "chats", {}, (405, "VAL-005")),
    ],
)
def test_unknown_addresses_and_methods_answer_in_the_same_format(server, method, path, body, expected):
    answer = server.call(method, path, body)
    assert (answer.status, answer.code) == expected


def test_a_secret_key_in_a_browser_is_refused_with_the_reason(server):
    answer = server.get("chats", Origin="https://shop.example.com", Accept_Language="vi")
    assert (answer.status, answer.code) == (403, "AUTH-003")
    assert "pk_" in answer.body["error"]["message_en"]
    assert answer.body["error"]["message"] != answer.body["error"]["message_en"]


def test_what_nobody_expected_tells_nothing(server, monkeypatch):
    def fail(*_args):
        raise ZeroDivisionError("the secret is open sesame")

    monkeypatch.setattr("integrations.chatflow.views.chats.read_page", fail)
    answer = server.get("chats")
    assert (answer.status, answer.code) == (500, "SRV-001")
    assert "sesame" not in str(answer.body)


def test_codes_are_of_the_documents_families():
    families = {code.partition("-")[0] for _status, code, _words in CODES.values()}
    assert families <= {"AUTH", "VAL", "CHAT", "AGENT", "WEBHOOK", "FILE", "RATE", "SRV"}
    assert all(len(code.partition("-")[2]) == 3 for _status, code, _words in CODES.values())
