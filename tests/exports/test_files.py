"""What the files say: the chats that were asked for, in the workspace's time and the asker's language."""

from datetime import UTC, datetime, timedelta

import pytest

from chat.exports import writing
from chat.models import ChatTag, Tag
from chat.sheets import MOST_ROWS
from config.demo.factories import AgentFactory, ChatFactory, WidgetFactory

from .conftest import NOON, book, column, table, work

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_row_says_who_when_how_long_and_what_became_of_it(world, ended, ask):
    world.workspace.timezone = "Asia/Ho_Chi_Minh"
    world.workspace.save()
    widget = WidgetFactory(workspace=world.workspace, name="Shop")
    chat = ended(
        department=world.support, widget_uid=widget.uid, rating=5, rating_comment="Thanks", trigger_name="Need help?",
        source={"url": "https://shop.example.com/", "referrer": "https://search.example.com/"},
    )  # fmt: skip
    for name in ("vip", "refund"):
        ChatTag.objects.create(chat=chat, tag=Tag.objects.create(workspace=world.workspace, name=name))
    asked = ask()
    assert work() == 1
    heads, row = table(asked)
    assert dict(zip(heads, row, strict=True)) == {
        "Ticket": str(chat.ticket_no), "Began": "2026-03-02 19:00:00", "Agent joined": "2026-03-02 19:00:08",
        "Ended": "2026-03-02 19:00:40", "Outcome": "Answered by an agent", "Waited": "00:00:08",
        "With an agent": "00:00:32", "Duration": "00:00:40", "Channel": "Website", "Department": "Support",
        "Agent": "Otto", "Agent’s e-mail": world.operator.user.email, "Visitor": "Vera", "E-mail": "", "Phone": "",
        "Visitor ID": str(world.visitor.pk), "Tags": "refund, vip", "Rating": "5", "Comment": "Thanks",
        "Proactive message": "Need help?", "Page": "https://shop.example.com/",
        "Came from": "https://search.example.com/", "Widget": "Shop", "Facebook page": "", "Chat ID": str(chat.uid),
        "Chat number": str(chat.pk),
    }  # fmt: skip


def test_a_workbook_has_times_and_durations_to_count_with_and_says_what_was_asked(world, ended, ask):
    ended()
    ended(agent=None, first_assigned_at=None, closed_at=NOON + timedelta(hours=30))
    asked = ask(kind="xlsx", first="2026-03-01", last="2026-03-02", agent=0, channel="website")
    work()
    workbook = book(asked)
    assert dict(workbook["About"].iter_rows(values_only=True)) == {
        "Workspace": "Acme", "Period": "1 Mar 2026 – 2 Mar 2026", "Time zone": world.workspace.timezone,
        "Channel": "Website", "Asked for by": "Sue",
    }  # fmt: skip
    heads, met, missed = workbook["Chats"].iter_rows(values_only=True)
    met, missed = dict(zip(heads, met, strict=True)), dict(zip(heads, missed, strict=True))
    local = NOON.astimezone(world.workspace.zone).replace(tzinfo=None)
    assert (met["Began"], met["Waited"]) == (local, timedelta(seconds=8)) or met["Waited"].second == 8
    assert (missed["Agent joined"], missed["Outcome"], missed["Agent"]) == (None, "Missed", None)
    assert missed["Waited"] == timedelta(hours=30)


def test_headings_are_in_the_language_of_who_asked(ended, ask):
    ended()
    english, vietnamese, uzbek = ask(), ask(language="vi"), ask(language="uz")
    work()
    heads = [table(export)[0] for export in (english, vietnamese, uzbek)]
    assert len({head[4] for head in heads}) == 3
    assert len({len(head) for head in heads}) == 1


def test_every_filter_narrows_and_open_chats_are_no_history(world, ended, ask):
    tag = Tag.objects.create(workspace=world.workspace, name="vip")
    chats = {
        "plain": ended(1),
        "sales": ended(2, department=world.sales),
        "tina": ended(3, agent=world.teammate),
        "zalo": ended(4, channel="zalo"),
        "missed": ended(5, agent=None, first_assigned_at=None),
        "tagged": ended(6),
        "old": ended(-48 * 60),
    }
    ChatTag.objects.create(chat=chats["tagged"], tag=tag)
    ChatFactory(workspace=world.workspace, visitor=world.other_visitor, active=True)
    ChatFactory(workspace=world.elsewhere, closed=True)

    def names(**wanted):
        export = ask(world.owner, **wanted)
        work()
        uids = column(export, "Chat ID")
        export.delete()
        return [name for uid in uids for name, chat in chats.items() if str(chat.uid) == uid]

    assert names() == ["old", "plain", "sales", "tina", "zalo", "missed", "tagged"]
    assert names(department=world.sales.pk) == ["sales"]
    assert names(agent=world.teammate.pk) == ["tina"]
    assert names(channel="zalo") == ["zalo"]
    assert names(outcome="missed") == ["missed"]
    assert "missed" not in names(outcome="met")
    assert names(tag=tag.pk) == ["tagged"]
    assert names(last="2026-03-01") == ["old"]
    assert "old" not in names(first="2026-03-01")
    assert names(agent=world.teammate.pk, channel="zalo") == []


@pytest.mark.parametrize(("zone", "hour"), [("Asia/Kathmandu", 18), ("America/New_York", 5)])
def test_days_are_those_of_the_workspace(world, ended, ask, zone, hour):
    world.workspace.timezone = zone
    world.workspace.save()
    # Midnight there: 18:15 the day before in Kathmandu, 05:00 in New York.
    midnight = datetime(2026, 3, 2, hour, 15 if hour == 18 else 0, tzinfo=UTC)
    after, before = ended(created_at=midnight), ended(created_at=midnight - timedelta(seconds=1))
    day = f"{midnight.astimezone(world.workspace.zone):%Y-%m-%d}"
    yesterday = f"{(midnight - timedelta(days=1)).astimezone(world.workspace.zone):%Y-%m-%d}"
    today, then = ask(first=day, last=day), ask(first=yesterday, last=yesterday)
    work()
    assert column(today, "Chat ID") == [str(after.uid)]
    assert column(then, "Chat ID") == [str(before.uid)]


def test_what_a_visitor_calls_themselves_is_never_a_formula(world, ended, ask):
    world.visitor.name = "=HYPERLINK(1)"
    world.visitor.save()
    ended()
    plain, workbook = ask(), ask(kind="xlsx")
    work()
    assert column(plain, "Visitor") == ["'=HYPERLINK(1)"]
    cells = [cell for row in book(workbook)["Chats"].iter_rows() for cell in row]
    assert [cell.data_type for cell in cells if cell.value == "=HYPERLINK(1)"] == ["s"]
    assert not any(cell.data_type == "f" for cell in cells)


def test_more_rows_than_a_sheet_holds_go_on_in_another(ended, ask, monkeypatch):
    for minute in range(5):
        ended(minute)
    monkeypatch.setattr("chat.sheets.MOST_ROWS", 4)
    monkeypatch.setattr(writing.history.walk, "__kwdefaults__", {"step": 2})
    asked = ask(kind="xlsx")
    work()
    sheets = book(asked).worksheets[1:]
    assert [sheet.max_row - 1 for sheet in sheets] == [2, 3]
    assert MOST_ROWS == 1_048_576


def test_steps_of_the_walk_neither_lose_nor_double_chats_of_the_same_moment(ended, ask, monkeypatch):
    chats = [ended(0) for _ in range(5)] + [ended(1) for _ in range(4)]
    monkeypatch.setattr(writing.history.walk, "__kwdefaults__", {"step": 2})
    asked = ask()
    work()
    assert column(asked, "Chat ID") == [str(chat.uid) for chat in chats]


def test_nothing_that_matches_is_an_empty_table(ask):
    asked = ask(channel="zalo")
    work()
    assert len(table(asked)) == 1


def test_who_left_the_team_is_still_named(world, ended, ask):
    gone = AgentFactory(workspace=world.workspace, name="Gone", is_active=False)
    ended(agent=gone)
    asked = ask(agent=gone.pk)
    work()
    assert column(asked, "Agent") == ["Gone"]
