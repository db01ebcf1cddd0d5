"""The page: asking, seeing how far it is, fetching, and whose it is."""

import pytest
from asgiref.sync import sync_to_async
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import AsyncClient, Client
from django.utils import timezone

from chat.exports import claims, services
from chat.exports.asking import Wanted
from chat.exports.models import Export
from chat.models import Tag
from config.demo.factories import DepartmentFactory, ExportFactory
from tests import bucket

from .conftest import column, work

pytestmark = pytest.mark.django_db(transaction=True)
HOME = "/inbox/exports/"


def form(**fields):
    return {"uid": str(Export().uid), "first": "2026-03-01", "last": "2026-03-03", "kind": "csv", **fields}


def test_a_supervisor_asks_and_fetches_the_file(world, ended, sit):
    browser = sit(world.supervisor)
    assert "No exports yet" in browser.get(HOME).content.decode()
    tag = Tag.objects.create(workspace=world.workspace, name="vip")
    chat = ended(department=world.support)
    chat.tags.add(tag)
    ended(department=world.support)
    chosen = form(
        department=world.support.uid.hex, agent=world.operator.uid.hex, tag="vip", outcome="met", channel="website"
    )
    assert browser.post(HOME, chosen).headers["Location"] == HOME
    waiting = browser.get(HOME).content.decode()
    assert "Waits for its turn" in waiting and "Support · Otto · Website · Answered by an agent · vip" in waiting
    work()
    asked = Export.objects.get()
    part = browser.get(f"{HOME}?part=list").content.decode()
    assert "1 chat ·" in part and "<main" not in part
    answer = browser.get(f"{HOME}{asked.uid.hex}/file")
    assert answer["Content-Disposition"] == 'attachment; filename="acme-chats-20260301-20260303.csv"'
    assert answer["Cache-Control"] == "private, no-store"
    content = b"".join(answer.streaming_content)
    assert int(answer["Content-Length"]) == len(content)
    assert str(chat.uid).encode() in content
    assert column(asked, "Chat ID") == [str(chat.uid)]


def test_the_page_shows_how_far_it_is(world, ask, sit):
    asked = ask()
    claims.claim()
    Export.objects.update(written=1500, total=6000)
    page = sit(world.supervisor).get(HOME).content.decode()
    assert 'value="25"' in page and "1,500 of 6,000 chats" in page
    assert asked.uid.hex in page


def test_a_form_that_makes_no_sense_is_shown_again_with_the_reason(world, sit):
    browser = sit(world.supervisor)
    elsewhere = DepartmentFactory(workspace=world.elsewhere)
    for wrong, said in [
        (form(first="2026-03-04"), "The last day must not be before the first one."),
        (form(first="0001-01-01"), "Choose a day after the year 2000."),
        (form(last="9999-12-31"), "Choose a day after the year 2000."),
        (form(kind="exe"), "exe"),
        (form(first="yesterday"), "Enter a valid date."),
        (form(department=elsewhere.uid.hex), "Select a valid choice"),
        (form(tag="none"), "Select a valid choice"),
        (form(channel="pigeon"), "Select a valid choice"),
    ]:
        answer = browser.post(HOME, wrong)
        assert (answer.status_code, said in answer.content.decode()) == (400, True), said
    assert not Export.objects.exists()


def test_days_may_be_left_open(world, ended, sit):
    ended(-60 * 24 * 400)
    sit(world.supervisor).post(HOME, form(first="", last=""))
    work()
    assert len(column(Export.objects.get(), "Ticket")) == 1


def test_too_many_are_refused_with_a_sentence(world, ask, sit):
    for _ in range(services.MOST):
        ask()
    answer = sit(world.supervisor).post(HOME, form())
    assert answer.status_code == 400 and "not finished" in answer.content.decode()
    assert Export.objects.count() == services.MOST


def test_sent_twice_it_is_asked_once(world, sit):
    browser, twice = sit(world.supervisor), form()
    assert [browser.post(HOME, twice).status_code for _ in range(2)] == [302, 302]
    assert Export.objects.count() == 1


def test_cancel_try_again_and_remove(world, ask, ended, sit):
    browser = sit(world.supervisor)
    asked = ask()
    browser.post(f"{HOME}{asked.uid.hex}/cancel")
    assert "Cancelled" in browser.get(HOME).content.decode()
    assert work() == 0
    browser.post(f"{HOME}{asked.uid.hex}/retry")
    assert work() == 1
    asked.refresh_from_db()
    told = browser.post(f"{HOME}{asked.uid.hex}/retry", follow=True).content.decode()
    assert "This export is not over." in told
    browser.post(f"{HOME}{asked.uid.hex}/remove")
    assert not Export.objects.exists()
    assert not default_storage.exists(asked.file)


def test_a_failure_is_a_sentence_with_a_way_on(world, sit):
    export = ExportFactory(
        workspace=world.workspace, agent=world.supervisor, state="failed", problem="storage", file=""
    )
    page = sit(world.supervisor).get(HOME).content.decode()
    assert "The file could not be stored. Try again in a while." in page
    assert f"{export.uid.hex}/retry" in page


def test_nobody_else_sees_or_fetches_it(world, ask, ended, sit):
    ended()
    asked = ask()
    work()
    for agent in (world.owner, world.admin, world.outsider):
        browser = sit(agent)
        assert asked.uid.hex not in browser.get(HOME).content.decode()
        assert browser.get(f"{HOME}{asked.uid.hex}/file").status_code == 404
        for verb in ("cancel", "retry", "remove"):
            assert browser.post(f"{HOME}{asked.uid.hex}/{verb}").status_code == 404
    assert sit(world.operator).get(f"{HOME}{asked.uid.hex}/file").status_code == 403
    assert Client().get(f"{HOME}{asked.uid.hex}/file").status_code == 302


def test_who_does_not_supervise_any_more_fetches_nothing(world, ask, ended, sit):
    ended()
    asked = ask()
    work()
    browser = sit(world.supervisor)
    world.supervisor.role = "operator"
    world.supervisor.save()
    assert browser.get(f"{HOME}{asked.uid.hex}/file").status_code == 403


def test_what_ran_out_is_not_there(world, ask, ended, sit):
    ended()
    asked = ask()
    browser = sit(world.supervisor)
    assert browser.get(f"{HOME}{asked.uid.hex}/file").status_code == 404
    work()
    asked.refresh_from_db()
    default_storage.delete(asked.file)
    assert browser.get(f"{HOME}{asked.uid.hex}/file").status_code == 404
    Export.objects.update(state="expired", file="")
    assert browser.get(f"{HOME}{asked.uid.hex}/file").status_code == 404
    assert "No longer kept" in browser.get(HOME).content.decode()


def test_a_page_costs_few_queries(world, ask, sit, django_assert_max_num_queries):
    for _ in range(3):
        ask()
    browser = sit(world.supervisor)
    with django_assert_max_num_queries(12):
        browser.get(HOME)


async def test_a_file_is_sent_in_pieces(world, db):
    """Under ASGI Django reads a plain file to its end before it sends a byte; ours goes chunk by chunk."""
    size = 3 * 1024 * 1024

    def prepare():
        name = default_storage.save("exports/big.csv", ContentFile(b"x" * size))
        export = ExportFactory(workspace=world.workspace, agent=world.supervisor, file=name, size=size)
        client = AsyncClient()
        client.force_login(world.supervisor.user)
        return client, export

    client, export = await sync_to_async(prepare)()
    answer = await client.get(f"{HOME}{export.uid.hex}/file")
    assert answer.is_async and answer["Content-Length"] == str(size)
    pieces = [len(piece) async for piece in answer.streaming_content]
    assert sum(pieces) == size and max(pieces) < 512 * 1024


def test_a_workspace_that_goes_takes_its_exports_with_it(world):
    services.ask(world.supervisor, Wanted(), "csv")
    world.workspace.delete()
    assert not Export.objects.exists()


def test_files_may_be_in_a_bucket(world, ended, ask, sit):
    ended()
    with bucket.running() as server, bucket.in_use(server):
        asked = ask(kind="xlsx")
        work()
        asked.refresh_from_db()
        assert (asked.state, server.names()) == ("done", [f"parley/{asked.file}"])
        assert services.sweep() == 0
        content = b"".join(sit(world.supervisor).get(f"{HOME}{asked.uid.hex}/file").streaming_content)
        assert len(content) == asked.size and content.startswith(b"PK")
        Export.objects.update(expires_at=timezone.now())
        assert services.sweep() == 1
        assert server.names() == []
