"""The agents' page: everything goes through the services, and nobody climbs above themselves."""

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from agents.models import Agent, AgentToken, Role, User
from agents.pictures import picture_url
from config.demo.factories import AgentFactory, AgentTokenFactory, DepartmentFactory, OwnerFactory, UserFactory

pytestmark = pytest.mark.django_db
LIST = reverse("admin:agents_agent_changelist")
ADD = reverse("admin:agents_agent_add")


def change(agent):
    return reverse("admin:agents_agent_change", args=[agent.pk])


def filled(**fields):
    return {"name": "New", "role": "operator", "skills": "", "max_chats": 5, "departments": []} | fields


def new(world, **fields):
    return filled(workspace=world.workspace.pk, email="new@example.com", **fields)


def test_a_new_person_gets_a_password_and_a_token_that_are_shown_once(as_owner, world):
    answer = as_owner.post(ADD, new(world, departments=[world.sales.pk], skills="english\nbilling"))
    agent = Agent.objects.get(user__email="new@example.com")
    assert (agent.workspace, agent.skills) == (world.workspace, ["english", "billing"])
    assert list(agent.departments.all()) == [world.sales]
    secrets = dict(answer.context["secrets"])
    assert agent.user.check_password(secrets["Password"])
    assert AgentToken.find(secrets["Token"]).agent == agent
    assert "no-store" in answer["Cache-Control"]
    assert secrets["Token"] not in str(answer.cookies)
    later = as_owner.get(change(agent)).content.decode() + as_owner.get(LIST).content.decode()
    assert not any(secret in later for secret in secrets.values())


def test_a_person_of_elsewhere_gets_a_seat_and_keeps_their_password(as_owner, world):
    answer = as_owner.post(ADD, new(world) | {"email": world.outsider.user.email})
    assert list(dict(answer.context["secrets"])) == ["Token"]
    assert world.outsider.user.agents.count() == 2


def test_the_same_person_twice_is_an_error_of_the_form(as_owner, world):
    answer = as_owner.post(ADD, new(world) | {"email": world.operator.user.email.upper()})
    assert answer.status_code == 200
    assert "email" in answer.context["adminform"].form.errors


@pytest.mark.parametrize("field", ["workspace", "departments"])
def test_nobody_is_added_elsewhere(as_owner, world, field):
    theirs = world.elsewhere.pk if field == "workspace" else [DepartmentFactory(workspace=world.elsewhere).pk]
    answer = as_owner.post(ADD, new(world) | {field: theirs})
    assert answer.status_code == 200
    assert field in answer.context["adminform"].form.errors
    assert not User.objects.filter(email="new@example.com").exists()


def test_with_two_workspaces_departments_are_not_mixed(as_owner, world):
    second = OwnerFactory(user=world.owner.user)
    department = DepartmentFactory(workspace=second.workspace)
    answer = as_owner.post(ADD, new(world, departments=[department.pk]))
    assert "departments" in answer.context["adminform"].form.errors


def test_an_owner_changes_name_role_and_departments(as_owner, world):
    answer = as_owner.post(
        change(world.operator), filled(name="Otto II", role="supervisor", departments=[world.sales.pk])
    )
    assert answer.status_code == 302
    world.operator.refresh_from_db()
    assert (world.operator.name, world.operator.role) == ("Otto II", "supervisor")
    assert list(world.operator.departments.all()) == [world.sales]


def test_a_new_admin_may_enter_and_a_former_one_may_not(as_owner, world):
    as_owner.post(change(world.operator), filled(role="admin"))
    as_owner.post(change(world.admin), filled(role="operator"))
    assert User.objects.get(pk=world.operator.user.pk).is_staff
    assert not User.objects.get(pk=world.admin.user.pk).is_staff


def test_an_admin_makes_nobody_an_owner(as_admin, world):
    assert as_admin.post(ADD, new(world, role="owner")).status_code == 200
    assert as_admin.post(change(world.operator), filled(role="owner")).status_code == 200
    assert as_admin.post(change(world.admin), filled(role="owner")).status_code == 200
    assert Agent.objects.filter(workspace=world.workspace, role=Role.OWNER).count() == 1


def test_an_admin_leaves_owners_alone(as_admin, world):
    OwnerFactory(workspace=world.workspace)
    assert as_admin.get(change(world.owner)).status_code == 200
    assert as_admin.post(change(world.owner), filled(role="operator")).status_code == 403
    as_admin.post(LIST, {"action": "deactivate", "_selected_action": [world.owner.pk]})
    world.owner.refresh_from_db()
    assert world.owner.is_active and world.owner.role == Role.OWNER


def test_the_last_owner_stays(as_owner, world):
    answer = as_owner.post(change(world.owner), filled(role="admin"))
    assert "role" in answer.context["adminform"].form.errors
    as_owner.post(LIST, {"action": "deactivate", "_selected_action": [world.owner.pk]})
    world.owner.refresh_from_db()
    assert world.owner.is_active and world.owner.role == Role.OWNER


def test_fields_that_are_not_on_the_page_are_not_taken(as_owner, world):
    theirs = UserFactory()
    as_owner.post(
        change(world.operator),
        filled(
            workspace=world.elsewhere.pk,
            user=theirs.pk,
            is_bot="on",
            is_active="",
            is_superuser="on",
            is_staff="on",
            status="offline",
        ),
    )
    agent = Agent.objects.get(pk=world.operator.pk)
    assert (agent.workspace, agent.user, agent.is_bot, agent.is_active) == (
        world.workspace, world.operator.user, False, True,
    )  # fmt: skip
    assert not agent.user.is_superuser and not agent.user.is_staff


def test_deactivating_goes_through_the_service_and_back(as_owner, world):
    token = AgentTokenFactory(agent=world.operator)
    as_owner.post(LIST, {"action": "deactivate", "_selected_action": [world.operator.pk, world.outsider.pk]})
    world.operator.refresh_from_db()
    world.outsider.refresh_from_db()
    assert not world.operator.is_active and world.outsider.is_active
    assert AgentToken.find(token.secret) is None
    as_owner.post(LIST, {"action": "reactivate", "_selected_action": [world.operator.pk]})
    world.operator.refresh_from_db()
    assert world.operator.is_active


def test_nobody_deletes_an_agent_from_the_list(as_root, world):
    answer = as_root.post(LIST, {"action": "delete_selected", "_selected_action": [world.operator.pk], "post": "yes"})
    assert answer.status_code in (200, 302)
    assert Agent.objects.filter(pk=world.operator.pk).exists()


@pytest.mark.parametrize(("who", "allowed"), [("operator", True), ("supervisor", True), ("owner", False)])
def test_an_admin_issues_tokens_up_to_their_own_rank(as_admin, world, who, allowed):
    agent = getattr(world, who)
    answer = as_admin.post(
        reverse("admin:agents_agenttoken_add"),
        {"workspace": world.workspace.pk, "name": "T", "agent": agent.pk},
    )
    assert AgentToken.objects.filter(agent=agent).exists() is allowed
    if allowed:
        assert AgentToken.find(dict(answer.context["secrets"])["Key"]).agent == agent


def test_no_token_for_an_agent_of_elsewhere(as_owner, as_root, world):
    data = {"workspace": world.workspace.pk, "name": "T", "agent": world.outsider.pk}
    as_root.post(reverse("admin:agents_agenttoken_add"), data)
    as_owner.post(reverse("admin:agents_agenttoken_add"), data)
    assert not AgentToken.objects.exists()


def test_a_superuser_does_all_of_it_anywhere(as_root, world):
    assert as_root.post(ADD, new(world, role="owner") | {"workspace": world.elsewhere.pk}).status_code == 200
    assert world.elsewhere.agents.filter(user__email="new@example.com", role="owner").exists()
    second = AgentFactory(workspace=world.elsewhere)
    assert as_root.post(change(second), filled(role="owner")).status_code == 302
    second.refresh_from_db()
    assert second.role == Role.OWNER


def test_a_picture_is_given_and_taken_by_an_admin(as_owner, world):
    out = BytesIO()
    Image.new("RGB", (400, 300), "teal").save(out, "PNG")
    kept = {"name": "Otto", "role": "operator", "skills": "", "max_chats": 5, "departments": [world.support.pk]}
    upload = SimpleUploadedFile("otto.png", out.getvalue())
    assert as_owner.post(change(world.operator), {**kept, "new_picture": upload}).status_code == 302
    world.operator.refresh_from_db()
    assert as_owner.get(picture_url(world.operator)).status_code == 200
    wrong = as_owner.post(change(world.operator), {**kept, "new_picture": SimpleUploadedFile("x.png", b"<svg/>")})
    assert "PNG, JPEG" in wrong.content.decode()
    assert as_owner.post(change(world.operator), {**kept, "remove_picture": "on"}).status_code == 302
    world.operator.refresh_from_db()
    assert picture_url(world.operator) == ""
