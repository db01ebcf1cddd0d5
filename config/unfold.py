"""How Django admin looks: our accent, our words for its sections."""

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _


def _superuser(request: HttpRequest) -> bool:
    return request.user.is_superuser


def _page(title: Any, icon: str, model: str, **more: Any) -> dict[str, Any]:
    return {"title": title, "icon": icon, "link": reverse_lazy(f"admin:{model}_changelist"), **more}


SETTINGS: dict[str, Any] = {
    "SITE_TITLE": "Parley",
    "SITE_HEADER": "Parley",
    "SITE_SUBHEADER": _("Settings"),
    "SITE_URL": "/inbox/",
    "SITE_SYMBOL": "forum",
    "SITE_ICON": lambda request: static("css/mark.svg"),
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("css/mark.svg")}],
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "COLORS": {
        # Indigo; 600 is the accent of the whole product, #4F46E5.
        "primary": {
            "50": "#eef2ff",
            "100": "#e0e7ff",
            "200": "#c7d2fe",
            "300": "#a5b4fc",
            "400": "#818cf8",
            "500": "#6366f1",
            "600": "#4f46e5",
            "700": "#4338ca",
            "800": "#3730a3",
            "900": "#312e81",
            "950": "#1e1b4b",
        }
    },
    "SIDEBAR": {
        "show_search": True,
        "show_all_applications": False,
        "navigation": [
            {
                "title": _("Team"),
                "items": [
                    _page(_("Agents"), "support_agent", "agents_agent"),
                    _page(_("Departments"), "groups", "agents_department"),
                    _page(_("Opening hours"), "schedule", "agents_openinghours"),
                    _page(_("Workspace"), "apartment", "agents_workspace"),
                    _page(_("Bots"), "smart_toy", "bots_bot"),
                    _page(_("Automated replies"), "auto_awesome", "replies_assistant"),
                ],
            },
            {
                "title": _("Website"),
                "items": [
                    _page(_("Widgets"), "chat_bubble", "widget_widget"),
                    _page(_("Triggers"), "campaign", "widget_trigger"),
                    _page(_("Publishable keys"), "key", "widget_publishablekey"),
                ],
            },
            {
                "title": _("Conversations"),
                "items": [
                    _page(_("Chats"), "forum", "chat_chat"),
                    _page(_("Messages"), "notes", "chat_message"),
                    _page(_("Visitors"), "person", "chat_visitor"),
                    _page(_("Tags"), "sell", "chat_tag"),
                    _page(_("Saved answers"), "quickreply", "chat_savedanswer"),
                    _page(_("Suggestions"), "tips_and_updates", "chat_suggestion"),
                    _page(_("Files"), "attach_file", "chat_attachment"),
                    _page(_("Assignments"), "swap_horiz", "chat_assignment"),
                    _page(_("Action cards"), "receipt_long", "chat_actioncard"),
                ],
            },
            {
                "title": _("Integrations"),
                "items": [
                    _page(_("Turns of assistants"), "history_edu", "replies_turn"),
                    _page(_("Bots' actions"), "robot_2", "chatbots_action"),
                    _page(_("Messages set aside"), "report", "chatbots_setaside"),
                    _page(_("Partners"), "handshake", "partner_partner"),
                    _page(_("Commands"), "terminal", "chat_command"),
                    _page(_("Secret keys"), "vpn_key", "keys_secretkey"),
                    _page(_("Agent tokens"), "badge", "agents_agenttoken"),
                    _page(_("Webhooks"), "webhook", "webhooks_subscription"),
                    _page(_("Deliveries"), "outbox", "webhooks_delivery"),
                    _page(_("Attempts"), "history", "webhooks_attempt"),
                    _page(_("Audit log"), "policy", "agents_auditentry"),
                ],
            },
            {
                "title": _("Installation"),
                "collapsible": True,
                "items": [
                    _page(_("Logins"), "lock", "agents_user", permission=_superuser),
                    _page(_("Different days"), "event_busy", "agents_hoursexception", permission=_superuser),
                    _page(_("Memberships"), "group_work", "agents_membership", permission=_superuser),
                    _page(_("Tags of chats"), "label", "chat_chattag", permission=_superuser),
                    _page(_("Ticket counters"), "pin", "chat_ticketcounter", permission=_superuser),
                    _page(_("Routing locks"), "lock_clock", "chat_routinglock", permission=_superuser),
                ],
            },
        ],
    },
}
