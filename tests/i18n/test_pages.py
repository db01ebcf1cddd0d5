"""What people read when they ask in their language: pages, mails, answers of the API."""

import re

import pytest
from django.core import mail
from django.test import Client

from agents.models import User
from config.demo.factories import SecretKeyFactory, UserFactory

pytestmark = pytest.mark.django_db

LOGIN = {"vi": ["Đăng nhập", "Mật khẩu", "Quên mật khẩu?"], "uz": ["Kirish", "Parol", "Parolni unutdingizmi?"]}
INBOX = {"vi": ["Của tôi", "Đang chờ", "Đã đóng", "Nhóm"], "uz": ["Meniki", "Kutmoqda", "Yopilgan", "Jamoa"]}
ADMIN = {"vi": ["Nhân viên", "Bộ phận", "Khóa bí mật"], "uz": ["Xodimlar", "Boʻlimlar", "Maxfiy kalitlar"]}
REQUIRED = {"vi": "Trường này là bắt buộc.", "uz": "Bu maydon majburiy."}
NOTHING = {"vi": "Không tìm thấy chat session", "uz": "Seans topilmadi"}
WRONG = {
    "vi": "Địa chỉ email hoặc mật khẩu chưa đúng.",
    "uz": "Email manzili yoki parol notoʻgʻri.",
}
NEW_PASSWORD = {"vi": "Đặt mật khẩu mới", "uz": "Yangi parol tanlang"}
# The most visible English: none of it may stand on a page in another language.
ENGLISH = {
    *("Sign in", "Sign out", "Password", "Email", "Mine", "Waiting", "All", "Closed", "Search", "Write a reply…"),
    *("Transfer", "Assign", "Take", "Send", "Your team", "Agents", "Departments", "Home", "Add", "Change", "Delete"),
    *("Save", "Save and continue editing", "Run", "Apply Filters", "Filters", "Type to search", "Workspace", "Name"),
    *(
        "Owner",
        "Operator",
        "Available",
        "Offline",
        "Active",
        "Low",
        "Medium",
        "Settings",
        "Chats",
        "Log out",
        "History",
    ),
}
SAME = {"vi": {"Email"}, "uz": {"Email", "Operator"}}
UNSEEN = re.compile(r"<(script|style)\b.*?</\1>", re.DOTALL)
SPOKEN = re.compile(r'>([^<>]+)<|(?:placeholder|title|aria-label|value|alt)="([^"]+)"')
LANGUAGES = ["vi", "uz"]


def reads(user: User, language: str) -> Client:
    """Return the browser of somebody who chose a language."""
    user.language = language
    user.save()
    browser = Client()
    browser.force_login(user)
    return browser


def text(answer) -> str:
    """Return a page that came, without English on it."""
    assert answer.status_code == 200
    page = answer.content.decode()
    spoken = {said.strip() for pair in SPOKEN.findall(UNSEEN.sub("", page)) for said in pair}
    assert sorted(spoken & ENGLISH - SAME[answer["Content-Language"]]) == []
    return page


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_login_follows_the_browser(client, language):
    page = text(client.get("/accounts/login/", headers={"Accept-Language": f"{language},en;q=0.5"}))
    assert [words for words in LOGIN[language] if words not in page] == []
    assert f'lang="{language}"' in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_refused_login_says_so(client, language):
    typed = {"login": "nobody@example.com", "password": "wrong"}
    answer = client.post("/accounts/login/", typed, headers={"Accept-Language": language})
    assert WRONG[language] in text(answer)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_form_says_what_it_lacks(client, language):
    assert REQUIRED[language] in text(client.post("/accounts/login/", headers={"Accept-Language": language}))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_mail_for_a_new_password_is_in_the_language_of_who_asked(client, language):
    user = UserFactory(email="otto@example.com")
    client.post("/accounts/password/reset/", {"email": user.email}, headers={"Accept-Language": language})
    (sent,) = mail.outbox
    assert sent.subject == f"Parley: {NEW_PASSWORD[language]}"
    assert "Hello" not in sent.body


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("page", ["/inbox/", "/inbox/waiting", "/inbox/all", "/inbox/closed"])
def test_the_inbox_follows_its_agent(world, language, page):
    shown = text(reads(world.operator.user, language).get(page))
    assert [words for words in INBOX[language] if words not in shown] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("page", ["password/change/", "2fa/", "logout/"])
def test_account_pages_follow_their_person(world, language, page):
    text(reads(world.operator.user, language).get(f"/accounts/{page}", headers={"Accept-Language": "en"}))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("page", ["", "agents/agent/", "chat/chat/", "agents/department/add/"])
def test_the_admin_follows_its_person(world, language, page):
    shown = text(reads(world.owner.user, language).get(f"/admin/{page}"))
    assert [words for words in ADMIN[language] if words not in shown] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_badge_of_the_admin_is_in_words(world, language):
    shown = text(reads(world.owner.user, language).get("/admin/agents/agent/"))
    assert {"vi": "Tư vấn viên", "uz": "Operator"}[language] in shown
    assert {"vi": "Sẵn sàng", "uz": "Aloqada"}[language] in shown


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_api_answers_in_the_language_that_was_asked_for(client, world, language):
    secret = SecretKeyFactory(workspace=world.workspace).secret
    answer = client.get(
        f"/v1/chat/sessions/session_{'0' * 32}",
        headers={"Accept-Language": language, "Authorization": f"Bearer {secret}"},
    )
    assert answer.status_code == 404
    assert answer.json()["message"] == NOTHING[language]
