"""Seats: made, changed, taken away and given back, by whoever may."""

import pytest
from django.utils import timezone

from agents.errors import Invalid, LastOwner, NotAllowed, Taken, TeamError, Unknown
from agents.models import Agent, AgentToken, Role, User, Workspace
from agents.services import logins, team, workspaces
from config.demo.factories import AgentFactory, AgentTokenFactory, BotFactory, OwnerFactory

pytestmark = pytest.mark.django_db
ROLES = ["owner", "admin", "supervisor", "operator"]


def test_a_workspace_has_a_slug_a_secret_and_departments():
    new = workspaces.create_workspace("Nhà sách Đông Á", departments=["sales", "after-sales"], language="vi")
    assert new.workspace.slug == "nha-sach-dong-a"
    assert new.identity_secret == Workspace.objects.get().identity_secret
    assert [d.name for d in new.departments] == ["Sales", "After sales"]


@pytest.mark.parametrize(
    "arguments",
    [
        {"name": ""},
        {"name": "x" * 121},
        {"name": "A", "language": "xx"},
        {"name": "A", "timezone": "Nowhere"},
        {"name": "A", "departments": ["a", "a"]},
    ],
)
def test_a_refused_workspace_leaves_nothing_behind(arguments):
    with pytest.raises(TeamError):
        workspaces.create_workspace(**arguments)
    assert not Workspace.objects.exists()


def test_identity_secrets_are_not_readable_in_the_database(db):
    from django.db import connection

    new = workspaces.create_workspace("Acme")
    with connection.cursor() as cursor:
        cursor.execute("SELECT identity_secret FROM agents_workspace")
        assert new.identity_secret not in cursor.fetchone()[0]


def test_a_new_person_gets_a_seat_a_password_and_a_token(world):
    new = team.create_agent(world.workspace, " Lan@Example.com ", departments=[world.sales], skills=[" vi ", "vi"])
    assert new.agent.user.email == "lan@example.com"
    assert new.agent.name == "lan"
    assert new.agent.skills == ["vi"]
    assert new.agent.user.check_password(new.password)
    assert AgentToken.find(new.token).agent == new.agent
    assert not new.agent.user.is_staff


def test_the_same_person_has_one_seat_in_a_workspace(world):
    with pytest.raises(Taken):
        team.create_agent(world.workspace, world.operator.user.email.upper())


def test_departments_of_elsewhere_are_unknown(world):
    theirs = workspaces.create_department(world.elsewhere, "books")
    with pytest.raises(Unknown):
        team.create_agent(world.workspace, "lan@example.com", departments=[theirs])
    with pytest.raises(Unknown):
        team.set_departments(world.operator, [world.sales, theirs])
    assert not User.objects.filter(email="lan@example.com").exists()
    assert list(world.operator.departments.all()) == [world.support]


def test_departments_are_set_exactly(world):
    team.set_departments(world.operator, [world.sales])
    assert list(world.operator.departments.all()) == [world.sales]
    team.set_departments(world.operator, [])
    assert not world.operator.departments.exists()


@pytest.mark.parametrize("who", ROLES)
@pytest.mark.parametrize("role", ROLES)
def test_nobody_gives_a_role_above_their_own(world, who, role):
    by = getattr(world, who)
    allowed = {"owner": set(ROLES), "admin": set(ROLES) - {"owner"}}.get(who, set())
    if role in allowed:
        assert team.create_agent(world.workspace, "lan@example.com", role=role, by=by).agent.role == role
        team.change_role(world.teammate, role, by=by)
    else:
        with pytest.raises(NotAllowed):
            team.create_agent(world.workspace, "lan@example.com", role=role, by=by)
        with pytest.raises(NotAllowed):
            team.change_role(world.teammate, role, by=by)


@pytest.mark.parametrize("verb", ["change_role", "deactivate", "reactivate", "create_agent"])
def test_an_owner_of_elsewhere_does_nothing_here(world, verb):
    calls = {
        "change_role": lambda: team.change_role(world.operator, "admin", by=world.outsider),
        "deactivate": lambda: team.deactivate(world.operator, by=world.outsider),
        "reactivate": lambda: team.reactivate(world.operator, by=world.outsider),
        "create_agent": lambda: team.create_agent(world.workspace, "x@example.com", by=world.outsider),
    }
    with pytest.raises(NotAllowed):
        calls[verb]()


def test_an_admin_touches_no_owner(world):
    OwnerFactory(workspace=world.workspace)
    for verb in (team.deactivate, team.reactivate):
        with pytest.raises(NotAllowed):
            verb(world.owner, by=world.admin)
    with pytest.raises(NotAllowed):
        team.change_role(world.owner, "operator", by=world.admin)


def test_a_former_owner_acts_no_more(world):
    OwnerFactory(workspace=world.workspace)
    team.deactivate(world.owner)
    with pytest.raises(NotAllowed):
        team.create_agent(world.workspace, "x@example.com", by=world.owner)


def test_the_last_owner_stays(world):
    with pytest.raises(LastOwner):
        team.change_role(world.owner, "admin", by=world.owner)
    with pytest.raises(LastOwner):
        team.deactivate(world.owner)
    OwnerFactory(workspace=world.workspace, is_active=False)
    with pytest.raises(LastOwner):
        team.deactivate(world.owner)
    OwnerFactory(workspace=world.workspace)
    team.deactivate(world.owner)
    assert not Agent.objects.get(pk=world.owner.pk).is_active


def test_admin_follows_the_role(world):
    team.change_role(world.operator, Role.ADMIN)
    assert User.objects.get(pk=world.operator.user.pk).is_staff
    team.change_role(world.operator, Role.SUPERVISOR)
    assert not User.objects.get(pk=world.operator.user.pk).is_staff


def test_an_admin_of_another_workspace_keeps_the_admin(world):
    AgentFactory(workspace=world.elsewhere, user=world.admin.user, role=Role.ADMIN)
    team.deactivate(world.admin)
    assert User.objects.get(pk=world.admin.user.pk).is_staff


def test_deactivating_ends_tokens_presence_and_sessions(world):
    token = AgentTokenFactory(agent=world.operator)
    before = world.operator.user.get_session_auth_hash()
    team.deactivate(world.operator)
    agent = Agent.objects.get(pk=world.operator.pk)
    assert not agent.is_active and agent.presence() == "offline" and agent.lease_until is None
    assert AgentToken.find(token.secret) is None
    assert User.objects.get(pk=agent.user.pk).get_session_auth_hash() != before


def test_a_returning_agent_gets_new_tokens_not_the_old_ones(world):
    token = AgentTokenFactory(agent=world.operator)
    team.deactivate(world.operator)
    team.reactivate(world.operator)
    assert Agent.objects.get(pk=world.operator.pk).is_active
    assert AgentToken.find(token.secret) is None


def test_deactivating_twice_changes_nothing(world):
    team.deactivate(world.operator)
    epoch = User.objects.get(pk=world.operator.user.pk).session_epoch
    team.deactivate(world.operator)
    assert User.objects.get(pk=world.operator.user.pk).session_epoch == epoch


def test_a_bot_stays_an_operator(world):
    bot = BotFactory(workspace=world.workspace)
    with pytest.raises(Invalid):
        team.change_role(bot.agent, "admin")
    team.deactivate(bot.agent)
    assert not Agent.objects.get(pk=bot.agent.pk).is_active


@pytest.mark.parametrize("fields", [{"role": "boss"}, {"skills": [""]}, {"skills": ["x" * 61]}, {"max_chats": -1},
                                    {"max_chats": 1001}, {"name": "x" * 121}])  # fmt: skip
def test_what_cannot_be_is_refused_and_leaves_nothing(world, fields):
    with pytest.raises(Invalid):
        team.create_agent(world.workspace, "lan@example.com", **fields)
    assert not User.objects.filter(email="lan@example.com").exists()


def test_a_language_is_one_of_ours(world):
    logins.set_language(world.owner.user, "uz")
    assert User.objects.get(pk=world.owner.user.pk).language == "uz"
    with pytest.raises(Invalid):
        logins.set_language(world.owner.user, "de")


def test_a_token_is_stored_as_a_hash_and_notes_its_use_once_a_minute(world, django_assert_num_queries):
    token = AgentTokenFactory(agent=world.operator)
    assert AgentToken.find(token.secret).last_used_at is None
    with django_assert_num_queries(1):
        AgentToken.find(token.secret)
    row = AgentToken.objects.get()
    assert token.secret not in (row.secret_hash, row.hint)
    assert row.last_used_at <= timezone.now()
