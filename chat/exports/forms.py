"""What a supervisor chooses."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agents.ids import new_uid
from agents.models import Agent

from ..models import Channel
from .asking import Wanted, outcomes
from .models import Kind

_USUAL = timedelta(days=29)
_Named = tuple[int, str, str]  # id, uid as the form has it, name


class ExportForm(forms.Form):
    """Days, filters and the kind of file. Sent twice, it asks once."""

    uid = forms.UUIDField(widget=forms.HiddenInput, initial=new_uid)
    first = forms.DateField(label=gettext_lazy("From"), required=False)
    last = forms.DateField(label=gettext_lazy("Until"), required=False)
    department = forms.ChoiceField(label=gettext_lazy("Department"), required=False)
    agent = forms.ChoiceField(label=gettext_lazy("Agent"), required=False)
    channel = forms.ChoiceField(label=gettext_lazy("Channel"), required=False)
    outcome = forms.ChoiceField(label=gettext_lazy("Outcome"), required=False)
    tag = forms.ChoiceField(label=gettext_lazy("Tag"), required=False)
    kind = forms.ChoiceField(
        label=gettext_lazy("File"), choices=Kind.choices, initial=Kind.XLSX, widget=forms.RadioSelect
    )

    def __init__(self, seat: Agent, *args: Any, **kwargs: Any) -> None:
        today = timezone.localdate(timezone=seat.workspace.zone)
        super().__init__(
            *args, **{"initial": {"first": today - _USUAL, "last": today}, "auto_id": "export-%s", **kwargs}
        )
        self._named = {"department": _departments(seat), "agent": _people(seat), "tag": _tags(seat)}
        self._offer("department", _("All departments"), self._names("department"))
        self._offer("agent", _("Everybody"), self._names("agent"))
        self._offer("channel", _("All channels"), Channel.choices)
        self._offer("outcome", _("All outcomes"), outcomes())
        self._offer("tag", _("All tags"), self._names("tag"))
        for name in ("first", "last"):
            attributes = {"type": "date", "class": "input", "max": today.isoformat()}
            self.fields[name].widget = forms.DateInput(attrs=attributes, format="%Y-%m-%d")

    def _names(self, name: str) -> list[tuple[str, str]]:
        return [(uid, shown) for _pk, uid, shown in self._named[name]]

    def _offer(self, name: str, everything: str, choices: Iterable[tuple[Any, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", everything), *choices]
        field.widget.attrs["class"] = "input"

    def clean(self) -> dict[str, Any]:
        """Refuse days that no chat can be of."""
        data = super().clean() or {}
        first, last = data.get("first"), data.get("last")
        if first and last and first > last:
            self.add_error("last", _("The last day must not be before the first one."))
        for name, day in (("first", first), ("last", last)):
            # The days before cannot be told in a calendar that has not begun.
            if day and not 2000 <= day.year < 9999:
                self.add_error(name, _("Choose a day after the year 2000."))
        return data

    def wanted(self) -> Wanted:
        """Return what was chosen. The form is valid."""
        data = self.cleaned_data
        chosen: dict[str, Any] = {}
        for name, rows in self._named.items():
            for pk, uid, shown in rows:
                if uid == data[name]:
                    chosen |= {name: pk, f"{name}_name": shown}
        return Wanted(
            first=data["first"].isoformat() if data["first"] else "",
            last=data["last"].isoformat() if data["last"] else "",
            channel=data["channel"],
            outcome=data["outcome"],
            **chosen,
        )


def _departments(seat: Agent) -> list[_Named]:
    return [(pk, uid.hex, name) for pk, uid, name in seat.workspace.departments.values_list("pk", "uid", "name")]


def _people(seat: Agent) -> list[_Named]:
    """Return the team, and who was of it: their chats are still there."""
    rows = seat.workspace.agents.order_by("-is_active", "name", "pk").values_list("pk", "uid", "name", "is_active")
    return [(pk, uid.hex, name if active else _("{name} (left)").format(name=name)) for pk, uid, name, active in rows]


def _tags(seat: Agent) -> list[_Named]:
    return [(pk, name, name) for pk, name in seat.workspace.tags.values_list("pk", "name")]
