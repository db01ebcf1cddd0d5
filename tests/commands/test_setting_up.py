"""The operators' commands of DESIGN.md section 6: others script against their keys."""

import json

import pytest
from django.core.management import CommandError, call_command

from agents.ids import decode
from agents.models import Agent, AgentToken, Department, Role, User, Workspace
from config.demo.factories import WorkspaceFactory
from integrations.bots.models import Bot
from integrations.keys.models import SecretKey
from widget.models import PublishableKey, Widget

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(capsys):
    """Run a command and return its stdout as JSON, which must be one object on one line and nothing else."""

    def run(*args):
        call_command(*args, "--json")
        out, err = capsys.readouterr()
        assert err == ""
        assert len(out.splitlines()) == 1
        return json.loads(out)

    return run


@pytest.fixture
def acme(run):
    run("create_workspace", "Acme", "--department", "sales", "--department", "support")
    return Workspace.objects.get(slug="acme")


def rows():
    return [model.objects.count() for model in (Workspace, Department, Agent, User, AgentToken, Widget, Bot, SecretKey)]


def test_a_workspace_comes_with_keys_a_widget_and_departments(run):
    made = run(
        "create_workspace", "Công ty Đà Lạt", "--domain", "example.com", "--domain", "*.Example.com",
        "--department", "sales", "--department", "support", "--language", "vi", "--timezone", "Asia/Ho_Chi_Minh",
    )  # fmt: skip
    assert list(made) == ["workspaceId", "slug", "secretKey", "publishableKey", "identitySecret", "departments"]
    workspace = Workspace.objects.get(uid=made["workspaceId"])
    assert made["workspaceId"] == str(workspace.uid)
    assert made["slug"] == workspace.slug == "cong-ty-da-lat"
    assert (workspace.language, workspace.timezone) == ("vi", "Asia/Ho_Chi_Minh")
    assert made["identitySecret"] == workspace.identity_secret
    assert SecretKey.find(made["secretKey"]).workspace == workspace
    assert PublishableKey.find(made["publishableKey"]).workspace == workspace
    assert workspace.widgets.get(is_default=True).domains == ["example.com", "*.example.com"]
    assert [list(d) for d in made["departments"]] == [["id", "uid", "slug"]] * 2
    assert [d["slug"] for d in made["departments"]] == ["sales", "support"]
    sales = Department.objects.get(workspace=workspace, slug="sales")
    assert made["departments"][0] == {"id": sales.pk, "uid": str(sales.uid), "slug": "sales"}


def test_a_second_workspace_of_the_same_name_gets_a_slug_of_its_own(run, acme):
    assert run("create_workspace", "Acme")["slug"] == "acme-2"


def test_an_agent_can_log_in_and_has_a_token(run, acme, client):
    made = run(
        "create_agent", "acme", "Lan@Example.com", "--name", "Lan", "--role", "supervisor", "--department", "sales",
        "--skill", "english", "--skill", "billing", "--max-chats", "7",
    )  # fmt: skip
    assert list(made) == ["agentId", "id", "uid", "email", "password", "token"]
    agent = Agent.objects.get(pk=made["id"])
    assert decode("agent", made["agentId"]) == agent.uid
    assert made["uid"] == str(agent.uid)
    assert made["email"] == "lan@example.com"
    assert (agent.name, agent.role, agent.skills, agent.max_chats) == ("Lan", "supervisor", ["english", "billing"], 7)
    assert [d.slug for d in agent.departments.all()] == ["sales"]
    assert agent.user.check_password(made["password"])
    assert AgentToken.find(made["token"]).agent == agent


def test_someone_of_another_workspace_gets_a_second_seat_and_keeps_their_password(run, acme):
    first = run("create_agent", "acme", "lan@example.com")
    run("create_workspace", "Other")
    second = run("create_agent", "other", "lan@example.com", "--role", "owner")
    assert second["password"] is None
    assert second["id"] != first["id"]
    user = User.objects.get()
    assert user.check_password(first["password"])
    assert user.agents.count() == 2


@pytest.mark.parametrize(("role", "staff"), [("owner", True), ("admin", True), ("supervisor", False)])
def test_owners_and_admins_may_open_django_admin(run, acme, role, staff):
    made = run("create_agent", "acme", f"{role}@example.com", "--role", role)
    assert User.objects.get(email=made["email"]).is_staff is staff


def test_a_bot_is_an_agent_with_a_topic(run, acme):
    made = run("create_bot", "acme", "helper", "--department", "support")
    assert list(made) == ["botId", "clientId", "clientSecret", "topic"]
    bot = Bot.objects.get(client_id=made["clientId"])
    assert made == {
        "botId": str(bot.agent.uid),
        "clientId": bot.client_id,
        "clientSecret": bot.client_secret,
        "topic": "support_chatbot_helper",
    }
    assert bot.agent.is_bot and bot.agent.role == Role.OPERATOR
    assert [d.slug for d in bot.agent.departments.all()] == ["support"]


def test_a_bot_over_http_has_an_address(run, acme):
    run("create_bot", "acme", "caller", "--transport", "http", "--url", "https://bot.example.com/hook")
    assert Bot.objects.get().url == "https://bot.example.com/hook"


REFUSED = {
    "no such workspace": ("create_agent", "nowhere", "lan@example.com"),
    "no such workspace for a bot": ("create_bot", "nowhere", "helper"),
    "the same person twice": ("create_agent", "acme", "TAKEN@example.com"),
    "not an address": ("create_agent", "acme", "lan"),
    "no such role": ("create_agent", "acme", "lan@example.com", "--role", "boss"),
    "no such department": ("create_agent", "acme", "lan@example.com", "--department", "legal"),
    "a department of another": ("create_agent", "acme", "lan@example.com", "--department", "elsewhere"),
    "an empty skill": ("create_agent", "acme", "lan@example.com", "--skill", " "),
    "fewer than no chats": ("create_agent", "acme", "lan@example.com", "--max-chats", "-1"),
    "no such time zone": ("create_workspace", "New", "--timezone", "Mars/Olympus"),
    "no such language": ("create_workspace", "New", "--language", "tlh"),
    "not a host": ("create_workspace", "New", "--domain", "example.com", "--domain", "http://example.com/"),
    "a department twice": ("create_workspace", "New", "--department", "sales", "--department", "sales"),
    "a department that is no slug": ("create_workspace", "New", "--department", "Bán hàng"),
    "no name": ("create_workspace", " "),
    "a taken bot name": ("create_bot", "acme", "taken"),
    "a bot that is no slug": ("create_bot", "acme", "my bot"),
    "an unknown transport": ("create_bot", "acme", "helper", "--transport", "pigeon"),
    "http without an address": ("create_bot", "acme", "helper", "--transport", "http"),
    "a bad address": ("create_bot", "acme", "helper", "--transport", "http", "--url", "ftp://bot"),
    "a bot's unknown department": ("create_bot", "acme", "helper", "--department", "legal"),
}


@pytest.mark.parametrize("arguments", REFUSED.values(), ids=REFUSED.keys())
def test_a_refusal_is_one_line_and_changes_nothing(run, acme, arguments):
    other = WorkspaceFactory(slug="other")
    Department.objects.create(workspace=other, name="Elsewhere", slug="elsewhere")
    run("create_agent", "acme", "taken@example.com")
    run("create_bot", "other", "taken")
    before = rows()
    with pytest.raises(CommandError) as error:
        call_command(*arguments, "--json")
    assert len(str(error.value).splitlines()) == 1
    assert error.value.returncode == 1
    assert rows() == before


def test_without_json_people_can_read_it(capsys, acme):
    call_command("create_agent", "acme", "lan@example.com")
    out = capsys.readouterr().out
    assert "lan@example.com" in out
    with pytest.raises(json.JSONDecodeError):
        json.loads(out)
