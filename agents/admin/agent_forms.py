"""The forms of an agent in Django admin: what may be chosen, and the errors that the services would raise."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminEmailInputWidget,
    UnfoldAdminFileFieldWidget,
    UnfoldAdminSelectMultipleWidget,
    UnfoldBooleanSwitchWidget,
)

from ..errors import TeamError
from ..models import Agent, Department, Role
from ..services import pictures, ranks
from . import scope
from .forms import LinesField, OneWorkspaceForm


class AgentForm(OneWorkspaceForm):
    """What an admin sets of an agent. Roles above one's own are neither offered nor taken."""

    departments = forms.ModelMultipleChoiceField(
        Department.objects.none(),
        required=False,
        label=_("Departments"),
        widget=UnfoldAdminSelectMultipleWidget,
    )
    skills = LinesField(label=_("Skills"))
    new_picture = forms.FileField(
        required=False,
        label=_("Picture"),
        help_text=_("PNG, JPEG, GIF or WebP; visitors see it too."),
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": "image/png,image/jpeg,image/gif,image/webp"}),
    )
    remove_picture = forms.BooleanField(required=False, label=_("Remove the picture"), widget=UnfoldBooleanSwitchWidget)

    class Meta:
        model = Agent
        fields = ["name", "role", "skills", "max_chats"]

    # Set by the page for each request.
    request: HttpRequest

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "departments" in self.fields:
            cast(forms.ModelMultipleChoiceField, self.fields["departments"]).queryset = self._departments()
        if self.instance.pk:
            self.initial["departments"] = list(self.instance.departments.values_list("pk", flat=True))
        if "role" in self.fields:
            offered = [choice for choice in Role.choices if self._may_give(choice[0])]
            cast(forms.ChoiceField, self.fields["role"]).choices = offered

    def _departments(self) -> QuerySet:
        mine = scope.within(self.request, Department.objects.select_related("workspace"), "workspace")
        return mine.filter(workspace=self.instance.workspace_id) if self.instance.workspace_id else mine

    def _may_give(self, role: str) -> bool:
        """Whether the user may give this role here; the same rule as the service's, which has the last word."""
        if self.instance.pk and self.instance.workspace_id:
            by = scope.acting(self.request, self.instance.workspace_id)
            return ranks.outranks(by, self.instance.workspace, role)
        return self.request.user.is_superuser or any(
            ranks.outranks(seat, seat.workspace, role) for seat in scope.seats(self.request).values()
        )

    def clean_new_picture(self) -> bytes | None:
        """Return the picture as it will be kept."""
        upload = self.cleaned_data["new_picture"]
        try:
            return pictures.draw(upload) if upload else None
        except TeamError as error:
            raise forms.ValidationError(str(error.message)) from error

    def clean_role(self) -> str:
        """Keep an owner in the workspace."""
        role = self.cleaned_data["role"]
        if self.instance.pk and self.instance.is_active and self.initial.get("role") == Role.OWNER != role:
            try:
                ranks.keep_an_owner(self.instance)
            except TeamError as error:
                raise forms.ValidationError(str(error.message)) from error
        return role


class NewAgentForm(AgentForm):
    """The same for a person who is not there yet."""

    email = forms.EmailField(label=_("Email address"), widget=UnfoldAdminEmailInputWidget)

    class Meta(AgentForm.Meta):
        fields = ["workspace", "name", "role", "skills", "max_chats"]

    def clean(self) -> dict[str, Any] | None:
        """Try it: what the service refuses becomes the form's error."""
        data = super().clean() or {}
        workspace = data.get("workspace")
        if workspace and data.get("email"):
            if workspace.agents.filter(user__email=data["email"].lower()).exists():
                self.add_error("email", _("%(email)s is in this workspace already.") % {"email": data["email"]})
            if data.get("role") and not ranks.outranks(scope.acting(self.request, workspace), workspace, data["role"]):
                self.add_error("role", _("Your role does not allow this."))
        return data
