"""Saved answers in the inbox: the page that keeps them, and what the composer asks."""

import pytest

from chat.models import SavedAnswer
from config.demo.factories import SavedAnswerFactory

pytestmark = pytest.mark.django_db
FORM = {"title": "Returns", "shortcut": "Returns", "text": "Within <b>30</b> days."}


def test_a_supervisor_writes_changes_and_deletes_one(world, sit):
    browser = sit(world.supervisor)
    assert browser.post("/inbox/answers/new", FORM).status_code == 302
    answer = SavedAnswer.objects.get()
    assert (answer.workspace, answer.shortcut) == (world.workspace, "returns")
    address = f"/inbox/answers/{answer.uid.hex}"
    assert "Within &lt;b&gt;30" in browser.get(address).content.decode()
    assert browser.post(address, {**FORM, "text": "Never."}).status_code == 302
    answer.refresh_from_db()
    assert answer.text == "Never."
    assert browser.post(f"{address}/delete").status_code == 302
    assert not SavedAnswer.objects.exists()


def test_a_second_one_of_a_shortcut_is_told_at_the_field(world, sit):
    SavedAnswerFactory(workspace=world.workspace, shortcut="returns")
    page = sit(world.supervisor).post("/inbox/answers/new", FORM)
    assert page.status_code == 200
    assert page.context["form"].errors["shortcut"]
    assert SavedAnswer.objects.count() == 1


def test_an_operator_reads_and_finds_but_writes_nothing(world, sit):
    SavedAnswerFactory(workspace=world.workspace, title="Returns", shortcut="returns", text="{{ secret }} 30 days")
    SavedAnswerFactory(workspace=world.elsewhere, title="Returns of others", shortcut="returns")
    browser = sit(world.operator)
    page = browser.get("/inbox/answers").content.decode()
    assert "Returns" in page and "of others" not in page and "/inbox/answers/new" not in page
    assert browser.get("/inbox/answers/find?q=retu").json() == {
        "answers": [{"shortcut": "returns", "title": "Returns", "text": "{{ secret }} 30 days"}]
    }
    assert browser.get("/inbox/answers/find?q=%00%F0").status_code == 200


def test_another_workspaces_answer_is_as_none(world, sit):
    foreign = SavedAnswerFactory(workspace=world.elsewhere)
    browser = sit(world.owner)
    assert browser.post(f"/inbox/answers/{foreign.uid.hex}", FORM).status_code == 404
    assert browser.post(f"/inbox/answers/{foreign.uid.hex}/delete").status_code == 404
    assert SavedAnswer.objects.filter(pk=foreign.pk).exists()
