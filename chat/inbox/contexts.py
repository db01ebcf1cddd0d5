"""What the pages' templates need, put together from queries: the rail, the list, one chat."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from agents.models import Agent, Presence
from agents.pictures import picture_url

from .. import flashback, queries, triggers
from ..models import Chat, Priority
from ..queries import View
from ..services.notes import NOTES_LIMIT
from . import rendering, showing, strings, words
from .asking import ANY, Asked
from .forms import THEMES, VisitorForm
from .seats import SeatedRequest

Context = dict[str, Any]
VIEWS: tuple[View, ...] = ("mine", "waiting", "all", "closed")
ROWS = 50
ENTRIES = 50
_ICONS = {"mine": "inbox", "waiting": "clock", "all": "chats", "closed": "done"}


def shell(request: SeatedRequest, view: str) -> Context:
    """The frame of a list, and the empty shapes that its scripts fill."""
    return {**frame(request, view), "blanks": showing.blanks(request.seat)}


def frame(request: SeatedRequest, view: str) -> Context:
    """The rail, the profile menu, and what the scripts need to know: what ``inbox/frame.html`` draws on every page.

    ``view`` is the list or place that the rail marks. Pages of floors above give their own ``page_title``.
    """
    seat = request.seat
    counts = queries.counts(request.actor, cap=1000)
    # Who has the inbox open is there, though the socket renews the lease only a moment later.
    status = seat.said()
    return {
        "seat": seat,
        "picture": picture_url(seat),
        "seats": request.seats,
        "view": view,
        "views": [_view_item(name, counts) for name in VIEWS],
        "places": places(seat),
        "status": status,
        "status_label": Presence(status).label,
        "chosen_status": status,
        "statuses": Presence.choices,
        "LANGUAGE": translation.get_language(),
        "languages": settings.LANGUAGES,
        "themes": THEMES,
        "theme": request.COOKIES.get("theme", "system"),
        "shortcuts": shortcuts(),
        "client": _client(request, counts),
    }


def _view_item(name: str, counts: dict[str, int]) -> Context:
    """One entry of the rail; only what asks for work has a number."""
    count = {"mine": counts["unread"], "waiting": counts["waiting"]}.get(name, 0)
    return {
        "name": name,
        "label": short_titles()[name],
        "url": reverse(f"inbox:{name}"),
        "icon": _ICONS[name],
        "count": count,
    }


def places(seat: Agent) -> list[Context]:
    """The rail's entries below the lists: pages of others, known here by the name of their address only."""
    found = [_place("analytics", _("Reports"), "chart", "overview")]
    found.append({"name": "answers", "label": _("Answers"), "icon": "bolt", "url": reverse("inbox:answers")})
    if seat.supervises:
        found.append(_place("exports", _("Exports"), "download"))
    if seat.administers:
        found.append(_place("developers", _("API"), "code"))
    return found


def _place(name: str, label: str, icon: str, first: str = "home") -> Context:
    return {"name": name, "label": label, "icon": icon, "url": reverse(f"{name}:{first}")}


def short_titles() -> dict[str, str]:
    """The views' names in the rail."""
    return {"mine": _("Mine"), "waiting": _("Waiting"), "all": _("All"), "closed": _("Closed")}


def titles() -> dict[str, str]:
    """The views' names above the list."""
    return {"mine": _("My chats"), "waiting": _("Waiting"), "all": _("All open chats"), "closed": _("Closed chats")}


def _client(request: SeatedRequest, counts: dict[str, int]) -> Context:
    """The scripts' configuration: read once from the page."""
    seat = request.seat
    return {
        "me": {"uid": seat.uid.hex, "name": seat.name},
        "workspace": seat.workspace.uid.hex,
        "language": translation.get_language(),
        "counts": counts,
        "urls": {
            "inbox": reverse("inbox:mine"),
            "socket": "/inbox/socket",
            "frames": reverse("inbox:frames"),
            "counts": reverse("inbox:counts"),
            "answers": reverse("inbox:find-answers"),
            "login": f"{reverse('account_login')}",
        },
        "sprite": static("inbox/icons.svg"),
        "strings": strings.catalogue(),
    }


def chat_list(request: SeatedRequest, view: View) -> Context:
    """One page of a view, as the address asks. Raises Invalid for a cursor or a trigger that makes no sense."""
    asked, cursor = Asked.of(request.GET), request.GET.get("cursor", "")
    chats, following = queries.chat_rows(
        request.actor,
        view,
        cursor=cursor,
        limit=ROWS,
        search=asked.search,
        trigger=asked.trigger,
    )
    address = reverse(f"inbox:{view}")
    return {
        "view": view,
        "view_title": titles()[view],
        "view_icon": _ICONS[view],
        "view_url": address,
        "query": asked.search,
        "trigger": asked.trigger_word,
        "trigger_label": trigger_label(request, asked.trigger),
        "unsearched_url": Asked(trigger=asked.trigger).address(address),
        "elsewhere": _elsewhere(view, asked) if asked.search else [],
        "rows": [showing.row_of(chat) for chat in chats],
        "parked_note": parked_note(queries.parked(request.actor)) if view == "waiting" else "",
        "more_url": asked.address(address, cursor=following) if following else "",
        # What a row's address carries so that the list beside the chat stays what it is.
        "list_query": asked.address(view=view),
        "page_title": titles()[view],
        **_empty(view),
    }


def _elsewhere(view: str, asked: Asked) -> list[Context]:
    """The same search in the lists that this one is no part of: what is not here may be there."""
    labels = {"all": _("Search all open chats"), "closed": _("Search closed chats")}
    return [
        {"view": other, "label": label, "url": asked.address(reverse(f"inbox:{other}"))}
        for other, label in labels.items()
        if other != view
    ]


def parked_note(count: int) -> str:
    """What stands above those who wait when some of them wait for opening hours."""
    return strings.catalogue()["parked_note"].format(n=count) if count else ""


def trigger_label(request: SeatedRequest, trigger: triggers.Wanted | None) -> str:
    """What a list shows that is narrowed down to one trigger, or to any; empty when it is not."""
    if trigger is None:
        return ""
    if trigger == ANY:
        return _("Any trigger")
    return triggers.name_of(request.actor.workspace_id, trigger) or _("A trigger without chats")


def trigger_choices(request: SeatedRequest, view: str) -> list[Context]:
    """The entries of the menu that narrows a list down: none, any, and each trigger that began a chat."""
    address, wanted = reverse(f"inbox:{view}"), Asked.of(request.GET).trigger
    named: list[tuple[triggers.Wanted, str]] = [*triggers.named(request.actor.workspace_id)]
    if not named:
        return []
    choices: list[tuple[triggers.Wanted | None, str]] = [(None, _("All chats")), (ANY, _("Any trigger")), *named]
    return [
        {"label": label, "url": Asked(trigger=trigger).address(address), "current": trigger == wanted}
        for trigger, label in choices
    ]


def _empty(view: str) -> Context:
    waiting = {"empty_link": reverse("inbox:waiting"), "empty_link_label": _("See who is waiting")}
    everything = {"empty_link": reverse("inbox:all"), "empty_link_label": _("See all open chats")}
    return {
        "mine": {
            "empty_title": _("No chats of yours"),
            "empty_text": _("New ones come by themselves while you are available, or take one that waits."),
            **waiting,
        },
        "waiting": {
            "empty_title": _("Nobody is waiting"),
            "empty_text": _("Visitors who wait for an agent stand here, the next one first."),
            **everything,
        },
        "all": {
            "empty_title": _("No open chats"),
            "empty_text": _("Every open chat that you may see will stand here."),
        },
        "closed": {
            "empty_title": _("No closed chats yet"),
            "empty_text": _("Chats stay here after they end, with their rating."),
        },
    }[view]


def one_chat(request: SeatedRequest, chat: Chat) -> Context:
    """Header and panel of a chat."""
    visitor = chat.visitor
    visitor.workspace = chat.workspace
    tags = queries.tags_of([chat])[chat.pk]
    row = showing.row_of(chat)
    others = [old for old in queries.chats_of_visitor(request.actor, visitor.pk) if old.pk != chat.pk]
    return {
        "chat": chat,
        "row": row,
        "visitor": visitor,
        "tags": tags,
        "signature": signature(row, tags),
        "visitor_form": VisitorForm(instance=visitor),
        "flashback": flashback.of(visitor),
        "visitor_language": _language_name(visitor.language),
        "browser": words.browser(visitor.user_agent),
        "page_url": web_address(visitor.page.get("url")),
        "source_url": web_address(chat.source.get("url")),
        "earlier": [old for old in others if old.pk < chat.pk],
        "next_uid": next((old.uid.hex for old in reversed(others) if old.pk > chat.pk), ""),
        "waited": words.length(_span(chat.wait_began_at, chat.first_assigned_at)),
        "first_response": words.length(_span(chat.created_at, chat.first_response_at)),
        "priorities": [(rendering.priority_word(value), label) for value, label in Priority.choices],
        "stars": range(1, 6),
        "notes_limit": NOTES_LIMIT,
        "close_reasons": [_("Solved"), _("No answer from the visitor"), _("Spam")],
        "page_title": row["visitor"]["name"],
    }


def signature(row: Context, tags: list[str]) -> str:
    """What header and panel were drawn from: the scripts fetch them again when it is another."""
    agent, department = row["agent"] or {}, row["department"] or {}
    parts = [row["status"], agent.get("uid", ""), department.get("uid", ""), row["priority"], str(row["rating"] or "")]
    parts += [row["parked_until"] or "", str(row["notes_mark"])]
    return "|".join(parts)


def timeline(request: SeatedRequest, chat: Chat, *, before: int | None = None) -> Context:
    """Entries of a chat, the newest or those before a seq, and where still older ones are."""
    messages = queries.timeline(chat, request.actor, before=before, limit=ENTRIES, cards=True)
    address = reverse("inbox:timeline", args=[chat.uid.hex])
    first = messages[0].seq if messages else 1
    older = f"{address}?before={first}" if first > 1 else ""
    return {
        "chat": chat,
        "entries": showing.entries_of(messages, chat),
        "older_url": older,
        "earlier_url": "" if older or not chat.previous_id else f"{address}?previous=1",
    }


def shortcuts() -> list[tuple[list[str], str]]:
    """What the help dialog lists; static/inbox/shortcuts.js does them."""
    return [
        (["J"], _("Next chat")),
        (["K"], _("Previous chat")),
        (["/"], _("Search")),
        (["F"], _("Filter by trigger")),
        (["C"], _("Write a reply")),
        (["N"], _("Write a note")),
        (["Alt", "N"], _("Reply or note, while writing")),
        (["/"], _("Saved answers, while writing")),
        (["T"], _("Take the chat")),
        (["A"], _("Assign")),
        (["R"], _("Transfer")),
        (["E"], _("Close or reopen")),
        (["L"], _("Add a tag")),
        (["P"], _("Change the priority")),
        (["I"], _("Visitor details")),
        (["G", "M"], _("My chats")),
        (["G", "W"], _("Waiting")),
        (["G", "A"], _("All open chats")),
        (["G", "C"], _("Closed chats")),
        (["G", "R"], _("Reports")),
        (["Esc"], _("Close a menu, leave a field")),
        (["?"], _("This help")),
    ]


def web_address(url: Any) -> str:
    """Return an address that is safe to link to, or nothing: pages are what visitors' browsers claim."""
    return url if isinstance(url, str) and url.startswith(("https://", "http://")) else ""


def _span(begin: Any, end: Any) -> timedelta | None:
    return end - begin if end else None


def _language_name(code: str) -> str:
    if not code:
        return ""
    try:
        return str(translation.get_language_info(code)["name_translated"]).capitalize()
    except KeyError:
        return code
