"""What the pages' templates need, put together from queries: the rail, the list, one chat."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from agents.models import Presence

from .. import queries
from ..models import Chat, Priority
from . import rendering, showing, strings, words
from .forms import THEMES, VisitorForm
from .seats import SeatedRequest

Context = dict[str, Any]
VIEWS = ("mine", "waiting", "all", "closed")
ROWS = 50
ENTRIES = 50
_ICONS = {"mine": "inbox", "waiting": "clock", "all": "chats", "closed": "done"}


def shell(request: SeatedRequest, view: str) -> Context:
    """The rail, the profile menu, and what the scripts need to know."""
    seat = request.seat
    counts = queries.counts(request.actor, cap=1000)
    # Who has the inbox open is there, though the socket renews the lease only a moment later.
    status = seat.said()
    return {
        "seat": seat,
        "seats": request.seats,
        "view": view,
        "views": [_view_item(name, counts) for name in VIEWS],
        "status": status,
        "status_label": Presence(status).label,
        "chosen_status": status,
        "statuses": Presence.choices,
        "LANGUAGE": translation.get_language(),
        "languages": settings.LANGUAGES,
        "themes": THEMES,
        "theme": request.COOKIES.get("theme", "system"),
        "shortcuts": shortcuts(),
        "blanks": showing.blanks(seat),
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
            "counts": reverse("inbox:counts"),
            "login": f"{reverse('account_login')}",
        },
        "sprite": static("inbox/icons.svg"),
        "strings": strings.catalogue(),
    }


def chat_list(request: SeatedRequest, view: str) -> Context:
    """One page of a view, as the address asks. Raises Invalid for a cursor that makes no sense."""
    query = request.GET.get("q", "").strip()[:100]
    cursor = request.GET.get("cursor", "")
    chats, following = queries.chat_rows(request.actor, view, cursor=cursor, limit=ROWS, search=query)  # type: ignore[arg-type]
    address = reverse(f"inbox:{view}")
    more = {"q": query, "cursor": following} if query else {"cursor": following}
    return {
        "view": view,
        "view_title": titles()[view],
        "view_icon": _ICONS[view],
        "view_url": address,
        "query": query,
        "rows": [showing.row_of(chat) for chat in chats],
        "more_url": f"{address}?{urlencode(more)}" if following else "",
        "list_query": list_query(view, query),
        "page_title": titles()[view],
        **_empty(view),
    }


def list_query(view: str, query: str) -> str:
    """What a row's address carries so that the list beside the chat stays what it is."""
    return "?" + urlencode({"view": view, "q": query} if query else {"view": view})


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
        "visitor_language": _language_name(visitor.language),
        "browser": words.browser(visitor.user_agent),
        "page_url": web_address(visitor.page.get("url")),
        "source_url": web_address(chat.source.get("url")),
        "earlier": [old for old in others if old.pk < chat.pk],
        "next_uid": next((old.uid.hex for old in reversed(others) if old.pk > chat.pk), ""),
        "waited": words.length(_span(chat.created_at, chat.first_assigned_at)),
        "first_response": words.length(_span(chat.created_at, chat.first_response_at)),
        "priorities": [(rendering.priority_word(value), label) for value, label in Priority.choices],
        "stars": range(1, 6),
        "close_reasons": [_("Solved"), _("No answer from the visitor"), _("Spam")],
        "page_title": row["visitor"]["name"],
    }


def signature(row: Context, tags: list[str]) -> str:
    """What header and panel were drawn from: the scripts fetch them again when it is another."""
    agent, department = row["agent"] or {}, row["department"] or {}
    parts = [row["status"], agent.get("uid", ""), department.get("uid", ""), row["priority"], str(row["rating"] or "")]
    return "|".join(parts)


def timeline(request: SeatedRequest, chat: Chat, *, before: int | None = None) -> Context:
    """Entries of a chat, the newest or those before a seq, and where still older ones are."""
    messages = queries.timeline(chat, request.actor, before=before, limit=ENTRIES)
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
        (["C"], _("Write a reply")),
        (["N"], _("Write a note")),
        (["Alt", "N"], _("Reply or note, while writing")),
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
