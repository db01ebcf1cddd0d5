"""The reports: who sees which, what they say, which chats each figure opens, what a page costs."""

import re

import pytest

from analytics import queries, rollups
from analytics.dashboards import words
from analytics.dashboards.reports import REPORTS
from analytics.queries import Filter, Span
from chat.models import Chat
from config.demo.factories import AgentFactory

pytestmark = pytest.mark.django_db
BASE = "/inbox/analytics/"
MOST_QUERIES = 12
OWN = {"overview", "speed", "satisfaction"}


def cards(page):
    parts = page.context["parts"]
    return {card.name: card for part in parts for card in getattr(part, "cards", ())}


def tables(page):
    return {table.name: table for part in page.context["parts"] for table in part.tables()}


@pytest.mark.parametrize("address", [BASE, f"{BASE}people", f"{BASE}chats", f"{BASE}overview.xlsx"])
def test_who_is_not_logged_in_is_led_to_the_login(client, address):
    answer = client.get(address)
    assert (answer.status_code, answer["Location"]) == (302, f"/accounts/login/?next={address}")


@pytest.mark.parametrize("name", REPORTS)
def test_supervisors_see_every_report_and_operators_their_own_figures(counted, sit, name):
    assert sit(counted.supervisor).get(BASE + name).status_code == 200
    assert sit(counted.owner).get(BASE + name).status_code == 200
    expected = 200 if name in OWN else 403
    operator = sit(counted.operator)
    assert operator.get(BASE + name).status_code == expected
    assert operator.get(f"{BASE}{name}.xlsx").status_code == expected


def test_the_figures_are_those_of_the_queries(counted, sit):
    page = sit(counted.supervisor).get(BASE)
    figures = queries.overview(Span.latest(counted.workspace, 7))
    shown = {name: card.cell.value for name, card in cards(page).items()}
    assert shown == {
        "total": figures.total,
        "completed": figures.completed,
        "abandoned": figures.abandoned,
        "wait": figures.wait.median,
        "first_response": figures.first_response.median,
        "resolution": figures.resolution.median,
        "satisfaction": figures.satisfaction.mean,
        "first_contact": figures.first_contact,
    }
    assert (figures.total, figures.completed, figures.abandoned) == (5, 3, 1)
    assert [str(cards(page)[name].cell.value) in page.content.decode() for name in ("total", "completed")] == [
        True,
        True,
    ]


def test_operators_see_their_own_share_whatever_the_address_says(counted, sit):
    agent = counted.teammate.uid.hex
    page = sit(counted.operator).get(f"{BASE}?agent={agent}&department={counted.sales.uid.hex}")
    own = queries.overview(Span.latest(counted.workspace, 7), Filter(agent_id=counted.operator.pk))
    assert cards(page)["total"].cell.value == own.total == 2
    assert "Otto" in page.context["heading"]
    assert not any(part.name == "now" for part in page.context["parts"])
    assert b'id="now"' not in sit(counted.operator).get(f"{BASE}?part=now").content


def test_nobody_of_elsewhere_is_counted_or_listed(counted, sit):
    browser = sit(counted.outsider)
    page = browser.get(BASE)
    assert cards(page)["total"].cell.value == 0
    assert b"Otto" not in page.content
    assert browser.get(f"{BASE}chats").context["rows"] == []
    strange = browser.get(f"{BASE}?department={counted.support.uid.hex}", follow=True)
    assert strange.redirect_chain == [(BASE, 302)]
    assert "is not there any more" in strange.content.decode()


# What stands in tables and counts no chats of the period: what happened in widgets, and what was before.
NO_CHATS = {"before", "views", "opens", "shown", "answered", "now"}


@pytest.mark.parametrize("filters", ["", "department", "agent"])
@pytest.mark.parametrize("name", REPORTS)
def test_every_figure_opens_the_chats_that_it_counts(everything, sit, name, filters):
    world, browser = everything, sit(everything.supervisor)
    uids = {"department": world.support.uid.hex, "agent": world.operator.uid.hex}
    page = browser.get(BASE + name + (f"?{filters}={uids[filters]}" if filters else ""))
    shown = [(card.name, card.cell) for card in cards(page).values()]
    shown += [(row[0], cell) for part in live(page) for row, cell in part]
    for table in tables(page).values():
        for column, place in ((column, place) for place, column in enumerate(table.columns[1:])):
            if table.name == "figures" or column.name in NO_CHATS:
                continue
            shown += [(f"{table.name}/{column.name}", row.cells[place]) for row in table.rows]
    assert any(cell.url for _name, cell in shown) or (name, filters) == ("bots", "agent")
    opened = {}
    for what, cell in shown:
        if not cell.url:
            assert not (cell.unit == "count" and cell.value) or what in NO_CHATS, f"{what} opens nothing"
            continue
        if cell.url not in opened:
            opened[cell.url] = browser.get(cell.url)
        answer = opened[cell.url]
        assert answer.status_code == 200, cell.url
        count = answer.context["count"]
        assert len(answer.context["rows"]) == count, cell.url
        assert count == cell.value if cell.unit == "count" else count or not cell.value, (what, cell)


def live(page):
    return [[((part.name,), cell) for _icon, _title, cell in part.cells if cell.unit == "count" and cell.url]
            for part in page.context["parts"] if part.name == "now"]  # fmt: skip


def test_a_share_opens_those_that_it_is_the_share_of(everything, sit):
    """The content ones among the ratings, what bots settled or handed over, what was answered in time."""
    browser = sit(everything.supervisor)
    figures = queries.overview(Span.latest(everything.workspace, 7))
    expected = {
        ("satisfaction", "content"): sum(figures.satisfaction.stars[3:]),
        ("bots", "contained"): figures.bots.contained,
        ("bots", "handed_over"): figures.bots.handed_over,
        ("speed", "service_level"): figures.answered_within(60),
        ("overview", "first_contact"): figures.solved_at_first,
    }
    assert expected[("satisfaction", "content")] == 3
    assert (figures.bots.chats, figures.bots.contained, figures.bots.handed_over) == (3, 1, 2)
    for (report, name), count in expected.items():
        address = cards(browser.get(BASE + report))[name].cell.url
        assert browser.get(address).context["count"] == count, name


def test_the_chats_of_a_page_are_those_of_the_filtered_widget(everything, sit):
    browser = sit(everything.supervisor)
    rows = tables(browser.get(f"{BASE}widgets"))["pages"].rows
    found = {row.head.value: (row.cells[3].value, row.cells[3].url) for row in rows}
    assert {page: count for page, (count, _url) in found.items()} == {"/tents": 2, "All other pages": 1}
    page = browser.get(found["/tents"][1])
    assert (page.context["count"], page.context["also"][-1]) == (2, "Page: /tents")
    assert browser.get(f"{BASE}chats?page=/tents").status_code == 302, "of which widget?"
    Chat.objects.filter(page="/tents").first().delete()
    rollups.catch_up()
    rows = tables(browser.get(f"{BASE}widgets"))["pages"].rows
    assert {row.head.value: row.cells[3].value for row in rows}["/tents"] == 1, "who is erased is not counted"


def test_filters_and_period_stand_in_every_address(counted, sit):
    page = sit(counted.supervisor).get(f"{BASE}?period=30&department={counted.support.uid.hex}&channel=website")
    assert cards(page)["total"].cell.value == 3
    kept = {f"department={counted.support.uid.hex}", "channel=website", "period=30"}
    for item in [*page.context["menu"], {"url": page.context["xlsx_url"]}, *page.context["tables"]]:
        assert kept <= set(item["url"].split("?")[1].split("&"))
    assert all(f"department={counted.support.uid.hex}" in period["url"] for period in page.context["periods"])
    assert page.context["clear_url"] == f"{BASE}overview?period=30"


@pytest.mark.parametrize(
    ("query", "left"),
    [
        ("period=5", ""),
        ("period=30&channel=fax", "?period=30"),
        ("first=2026-02-31&last=2026-03-01", ""),
        ("first=2026-03-02&last=2026-03-01&channel=zalo", "?channel=zalo"),
        ("first=1990-01-01&last=2026-03-01", ""),
        ("first=2020-01-01&last=2026-03-01", ""),
        ("agent=00", ""),
    ],
)
def test_an_address_that_makes_no_sense_leads_to_what_is_left_of_it(world, sit, query, left):
    answer = sit(world.supervisor).get(f"{BASE}?{query}")
    assert (answer.status_code, answer["Location"]) == (302, BASE + left)


@pytest.mark.parametrize("query", ["figure=nonsense", "now=nonsense", "at=168", "at=x", "tag=none", "cursor=zzz"])
def test_a_list_of_no_figure_leads_to_one_that_is(world, sit, query):
    answer = sit(world.supervisor).get(f"{BASE}chats?{query}")
    assert answer.status_code == 302
    assert sit(world.supervisor).get(answer["Location"]).status_code == 200


def test_unknown_reports_and_tables_are_not_found(world, sit):
    browser = sit(world.supervisor)
    assert [browser.get(BASE + name).status_code for name in ("none", "none.xlsx", "overview/none.csv")] == [404] * 3


def test_people_are_sorted_by_any_column_either_way(counted, sit):
    browser = sit(counted.supervisor)

    def names(query):
        return [row.head.value for row in tables(browser.get(f"{BASE}people?{query}"))["people"].rows]

    assert names("sort=-total")[:2] == ["Otto", "Tina"]
    assert names("sort=agent") == sorted(names("sort=agent"))
    assert names("sort=-agent") == sorted(names(""), reverse=True)
    assert names("sort=nonsense") == names("")
    # Who has no rating stands last either way.
    assert names("sort=satisfaction")[0] == names("sort=-satisfaction")[0] == "Otto"
    page = browser.get(f"{BASE}people?sort=-total").content.decode()
    assert page.count('aria-sort="descending"') == 1


def test_comments_lead_to_their_chats_and_are_text(counted, sit):
    page = sit(counted.supervisor).get(f"{BASE}satisfaction")
    comments = next(part for part in page.context["parts"] if part.name == "comments").comments
    assert [(comment.stars, comment.text, comment.agent) for comment in comments] == [(5, "=1+1 great", "Otto")]
    assert sit(counted.supervisor).get(comments[0].url).status_code == 200


def test_the_live_figures_come_alone_when_asked(counted, sit):
    part = sit(counted.supervisor).get(f"{BASE}?part=now").content.decode()
    assert 'id="now"' in part
    assert "<html" not in part
    waiting = sit(counted.supervisor).get(f"{BASE}chats?now=waiting")
    assert waiting.context["count"] == 1


def test_the_list_goes_on_where_it_stopped(counted, sit, monkeypatch):
    monkeypatch.setattr("analytics.chats.page.__defaults__", ("", 2))
    browser, address, seen = sit(counted.supervisor), f"{BASE}chats?figure=total", []
    while address:
        context = browser.get(address).context
        assert context["count"] == 5
        seen += [row["no"] for row in context["rows"]]
        address = context["more_url"]
    assert seen == sorted(seen, reverse=True)
    assert len(set(seen)) == 5


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_costs_few_queries_however_large_the_team(counted, sit, name, django_assert_max_num_queries):
    browser = sit(counted.supervisor)
    for number in range(5):
        AgentFactory(workspace=counted.workspace, name=f"A{number}", departments=[counted.support])
    with django_assert_max_num_queries(MOST_QUERIES):
        assert browser.get(BASE + name).status_code == 200


@pytest.mark.parametrize("language", ["vi", "uz"])
@pytest.mark.parametrize("name", REPORTS)
def test_every_report_speaks_the_readers_language(counted, sit, name, language):
    counted.supervisor.user.language = language
    counted.supervisor.user.save()
    page = sit(counted.supervisor).get(BASE + name).content.decode()
    assert f'lang="{language}"' in page
    main = re.sub(r"<script.*?</script>", "", page.split("<main")[1].split("</main>")[0], flags=re.S)
    assert "Period" not in main
    assert "What is" not in main


def test_no_markup_carries_a_style_or_a_script(counted, sit):
    for name in REPORTS:
        page = sit(counted.supervisor).get(BASE + name).content.decode()
        assert " style=" not in page
        assert not re.search(r"\son\w+=", page)


@pytest.mark.parametrize(
    ("now", "before", "of", "told"), [(39, 6, 6, ""), (5, 0, 0, ""), (39, 30, 30, "30%"), (160, 40, 40, "4×")]
)
def test_after_a_period_with_next_to_nothing_nothing_is_called_a_change(now, before, of, told):
    """From 6 chats to 39 is no "550% more": it is 39, and 6 before."""
    found = words.change(now, before, "count", "up", of=of)
    assert (found.text, bool(found.direction), bool(found.judgement)) == (told, bool(told), bool(told))


def test_a_rating_by_few_is_not_held_against_more():
    assert words.change(4.5, 2.0, "stars", "up", of=9) == words.Change()
    assert words.change(4.5, 2.0, "stars", "up", of=10).judgement == "better"
