"""Finding by the contract's ids: what belongs to another workspace is answered as what does not exist."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from agents.ids import decode, encode
from agents.models import Agent, Workspace
from chat.errors import NotFound
from widget.models import Trigger, Widget

from ..webhooks.models import Delivery, Subscription
from .errors import AgentNotFound, DeliveryNotFound, WebhookNotFound


def find_agent(workspace: Workspace, agent_id: str, field: str = "") -> Agent:
    """Return the active agent with this id. Raises AgentNotFound."""
    uid = decode("agent", agent_id)
    agent = uid and Agent.objects.active().select_related("user").filter(workspace=workspace, uid=uid).first()
    if not agent:
        raise AgentNotFound(field=field)
    return agent


def find_webhook(workspace: Workspace, webhook_id: str) -> Subscription:
    """Return the webhook with this id. Raises WebhookNotFound."""
    uid = decode("webhook", webhook_id)
    webhook = uid and Subscription.objects.filter(workspace=workspace, uid=uid).first()
    if not webhook:
        raise WebhookNotFound
    return webhook


def find_delivery(webhook: Subscription, delivery_id: str, field: str = "") -> Delivery:
    """Return the delivery of this webhook with this id. Raises DeliveryNotFound."""
    uid = decode("delivery", delivery_id)
    delivery = uid and Delivery.objects.filter(subscription=webhook, uid=uid).first()
    if not delivery:
        raise DeliveryNotFound(field=field)
    return delivery


def find_trigger(workspace: Workspace, trigger_id: str) -> Trigger:
    """Return the trigger with this id. Raises NotFound."""
    uid = decode("trigger", trigger_id)
    trigger = uid and Trigger.objects.select_related("widget").filter(workspace=workspace, uid=uid).first()
    if not trigger:
        raise NotFound(_("There is no such trigger."), field="trigger_id")
    return trigger


def find_widget(workspace: Workspace, widget_id: str = "") -> Widget:
    """Return the widget with this id, or the workspace's default one. Raises NotFound."""
    widgets = Widget.objects.filter(workspace=workspace)
    if widget_id:
        uid = decode("widget", widget_id)
        widget = widgets.filter(uid=uid).first() if uid else None
    else:
        widget = widgets.order_by("-is_default", "id").first()
    if widget is None:
        raise NotFound(_("There is no such widget."), field="widget_id")
    return widget


def demand_own(workspace: Workspace, workspace_id: str) -> None:
    """Raise NotFound unless this names the caller's own workspace, or nothing at all."""
    own = {str(workspace.uid), encode("workspace", workspace.uid), workspace.slug}
    if workspace_id and workspace_id not in own:
        raise NotFound(_("There is no such workspace."), field="workspace_id")
