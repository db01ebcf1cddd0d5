"""What the demo's widget counted around each chat: pages seen, windows opened, messages shown. The same each time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from random import Random

from agents.models import Workspace
from analytics.models import NO_UID, WidgetEvent, WidgetHour, WidgetPage
from chat.models import Chat


def store_traffic(workspace: Workspace, chats: Iterable[Chat]) -> None:
    """Insert the counts of the hours and pages in which these chats began on the site; others have none."""
    hours: Counter[tuple] = Counter()
    pages: Counter[tuple] = Counter()
    on_site = [chat for chat in chats if chat.widget_uid and chat.source]
    paths = sorted({chat.page for chat in on_site})
    for chat in on_site:
        dice = Random(chat.ticket_no)  # a chat has its own, whenever it is seeded
        began = chat.created_at.astimezone(workspace.zone)
        hour = began.replace(minute=0, second=0, microsecond=0)
        seen = {WidgetEvent.VIEW: dice.randint(9, 34), WidgetEvent.OPEN: dice.randint(1, 3)}
        for event, times in seen.items():
            hours[chat.widget_uid, hour, event, NO_UID] += times
            for _each in range(times):
                pages[chat.widget_uid, began.date(), event, dice.choice(paths)] += 1
        if chat.trigger_uid:
            hours[chat.widget_uid, hour, WidgetEvent.TRIGGER_SHOWN, chat.trigger_uid] += dice.randint(3, 9)
            hours[chat.widget_uid, hour, WidgetEvent.TRIGGER_ANSWERED, chat.trigger_uid] += 1
        pages[chat.widget_uid, began.date(), WidgetEvent.CHAT, chat.page] = 0  # its count is in the rollups
    WidgetHour.objects.bulk_create(
        WidgetHour(workspace=workspace, widget_uid=uid, at=at, event=event, trigger_uid=trigger_uid, count=count)
        for (uid, at, event, trigger_uid), count in hours.items()
    )
    WidgetPage.objects.bulk_create(
        WidgetPage(workspace=workspace, widget_uid=uid, day=day, event=event, page=page, count=count)
        for (uid, day, event, page), count in pages.items()
    )
