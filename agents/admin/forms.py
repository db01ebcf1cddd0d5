"""Forms of Django admin: lists as lines, and nothing that ties rows of two workspaces together."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget

WORKSPACE = "workspace"


class LinesField(forms.CharField):
    """A list of short texts, one a line."""

    widget = UnfoldAdminTextareaWidget

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", _("One a line."))
        super().__init__(**{"required": False, "widget": UnfoldAdminTextareaWidget(attrs={"rows": 4})} | kwargs)

    def prepare_value(self, value: Any) -> Any:
        """Show a list as lines; leave what somebody typed as they typed it."""
        return "\n".join(map(str, value)) if isinstance(value, list) else value

    def to_python(self, value: Any) -> list[str]:  # type: ignore[override]
        """Return the lines that are not empty, each once."""
        lines = value if isinstance(value, list) else (super().to_python(value) or "").splitlines()
        return list(dict.fromkeys(line.strip() for line in lines if line.strip()))

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare lists, not their texts."""
        return self.to_python(initial or []) != self.to_python(data)


class OneWorkspaceForm(forms.ModelForm):
    """A row belongs to one workspace, and so does everything that it points at."""

    def _get_validation_exclusions(self) -> set[str]:
        # A shown but fixed workspace still counts in unique constraints.
        exclude = super()._get_validation_exclusions()  # type: ignore[misc]  # not in the stubs
        if getattr(self.instance, f"{WORKSPACE}_id", None):
            exclude.discard(WORKSPACE)
        return exclude

    def clean(self) -> dict[str, Any] | None:
        """Refuse whatever is of another workspace than the row itself."""
        data = super().clean() or self.cleaned_data
        home = data[WORKSPACE].pk if data.get(WORKSPACE) else getattr(self.instance, f"{WORKSPACE}_id", None)
        for name, value in list(data.items()):
            for row in _rows(value):
                other = getattr(row, f"{WORKSPACE}_id", None)
                if home and other and other != home:
                    self.add_error(name, ValidationError(_("This belongs to another workspace.")))
                    break
        return data


def _rows(value: Any) -> list[Model]:
    if isinstance(value, Model):
        return [value]
    if hasattr(value, "model") and hasattr(value, "all"):
        return list(value)
    return []


def pretty(value: Any) -> str:
    """Return JSON as people read it."""
    return json.dumps(value, ensure_ascii=False, indent=2)
