"""Saved answers: who keeps them, how they are found, how they are ranked for a question."""

import pytest

from chat import answers
from chat.errors import Invalid, NotAllowed
from chat.folding import folded
from chat.models import SavedAnswer
from chat.services import answers as keeping
from config.demo.factories import SavedAnswerFactory

pytestmark = pytest.mark.django_db


def keep(agent, **fields):
    return keeping.keep(agent, **{"title": "Returns", "shortcut": "returns", "text": "Within 30 days.", **fields})


def test_words_are_compared_without_case_and_marks():
    assert folded("Đổi trả trong 30 ngày!") == "doi tra trong 30 ngay"
    assert folded("Oʻzbekcha") == folded("O'zbekcha") == "ozbekcha"


@pytest.mark.parametrize(("who", "allowed"), [("supervisor", True), ("admin", True), ("operator", False)])
def test_supervisors_keep_them_and_operators_do_not(world, who, allowed):
    if allowed:
        answer = keep(getattr(world, who))
        keeping.delete(getattr(world, who), answer)
        return
    with pytest.raises(NotAllowed):
        keep(getattr(world, who))
    with pytest.raises(NotAllowed):
        keeping.delete(getattr(world, who), SavedAnswerFactory(workspace=world.workspace))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", " "), ("title", "x" * 121), ("shortcut", "two words"), ("shortcut", ""), ("shortcut", "x" * 41),
        ("text", ""), ("text", "x" * 5001), ("text", "a\x00b"), ("text", "\ud800"),
    ],
)  # fmt: skip
def test_what_could_not_be_used_is_refused_with_its_field(world, field, value):
    with pytest.raises(Invalid) as refusal:
        keep(world.owner, **{field: value})
    assert refusal.value.field == field
    assert not SavedAnswer.objects.exists()


def test_a_shortcut_is_one_answers_in_any_case(world):
    keep(world.owner)
    with pytest.raises(Invalid) as refusal:
        keep(world.owner, shortcut="RETURNS")
    assert refusal.value.field == "shortcut"
    keep(world.outsider)


def test_a_change_is_found_at_once(world):
    answer = keep(world.owner)
    keep(world.owner, answer=answer, text="Never.")
    assert [found.text for found in answers.find(world.workspace.pk, "never")] == ["Never."]


def test_they_are_found_by_shortcut_first_then_by_any_words_and_only_at_home(world):
    keep(world.owner, title="Ships", shortcut="ship", text="We ship.")
    keep(world.owner, title="Delivery", shortcut="a-delivery", text="Ship by sea, giao hàng Đà Nẵng")
    keep(world.outsider, title="Ship", shortcut="ship", text="Elsewhere")
    assert [a.shortcut for a in answers.find(world.workspace.pk, "ship")] == ["ship", "a-delivery"]
    assert [a.shortcut for a in answers.find(world.workspace.pk, "da nang")] == ["a-delivery"]
    assert [a.shortcut for a in answers.find(world.workspace.pk, "")] == ["a-delivery", "ship"]
    assert answers.find(world.workspace.pk, "nothing like it") == []


def test_the_most_relevant_come_first_and_the_irrelevant_not_at_all(world):
    keep(world.owner, title="Đổi trả", shortcut="returns", text="Bạn có thể đổi trả hàng trong 30 ngày.")
    keep(world.owner, title="Giao hàng", shortcut="delivery", text="Giao hàng trong 3 ngày, phí 30.000 đồng.")
    keep(world.owner, title="Opening", shortcut="opening", text="We are open from 8 to 17.")
    keep(world.outsider, title="Đổi trả", shortcut="returns", text="Elsewhere: đổi trả")
    found = answers.relevant(world.workspace.pk, "doi tra hang the nao?")
    assert [a.shortcut for a in found] == ["returns", "delivery"]
    assert answers.relevant(world.workspace.pk, "Xyzzy") == []
    assert answers.relevant(world.workspace.pk, "") == []


@pytest.mark.parametrize("question", ["Until when may I return it?", "RETURNING goods", "qaytarsam boʻladimi?"])
def test_another_form_of_a_word_is_found_too(world, question):
    keep(world.owner, title="Returns", shortcut="r", text="Mahsulotni qaytarish mumkin.")
    keep(world.owner, title="Delivery", shortcut="d", text="Three days.")
    assert [a.shortcut for a in answers.relevant(world.workspace.pk, question)] == ["r"]
