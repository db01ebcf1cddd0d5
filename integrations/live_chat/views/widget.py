"""The widget: section 5."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from agents.ids import decode, encode
from agents.services import hours
from analytics import queries
from chat.errors import NotAllowed, NotFound
from widget.matching import Site, parse_site, site_of_origin, site_of_page
from widget.queries import Offer, offer_for, offer_of
from widget.services import settings

from ...keys.browsers import Caller
from ...rest.views import EVERYBODY, TEAM
from .. import reports
from ..configuration import configuration
from ..counting import count
from ..envelope import done
from ..requests import ConfigRequest, parse_config, parse_events, parse_report
from ..settings import parse_settings, refused
from .base import LiveChatView

# How many of the pages seen most are told one by one.
PAGES = 50


class WidgetView(LiveChatView):
    """A view of one widget: the one of a page, or for the team the one with an id."""

    def offer(self, wanted: ConfigRequest) -> Offer:
        """Return the widget asked for. Raises NotAllowed (a site that none lists), NotFound."""
        workspace = self.principal.workspace
        if wanted.widget_id and self.principal.is_team:
            uid = decode("widget", wanted.widget_id)
            widget = workspace.widgets.filter(uid=uid).first() if uid else None
            if widget is None:
                raise NotFound(_("There is no such widget."), field="widgetId")
            return offer_of(widget)
        site = self._site(wanted)
        offer = offer_for(workspace, site, wanted.page)
        if offer is None and site is not None:
            raise NotAllowed(_("No widget of the workspace lists this site."), field="domain")
        if offer is None:
            raise NotFound(_("This workspace has no widget."), field="domain")
        return offer

    def _site(self, wanted: ConfigRequest) -> Site | None:
        """The page's site: as given, or where the browser calls from. One that cannot be read is no site of ours."""
        if wanted.domain:
            return parse_site(wanted.domain) or Site("")
        if wanted.page:
            return site_of_page(wanted.page) or Site("")
        caller = Caller.of_request(self.request._request)
        return site_of_origin(caller.origin) if caller.is_foreign_page else None

    def shown(self, offer: Offer) -> dict:
        """Return the configuration as the caller may see it."""
        return configuration(offer, self.principal.workspace, for_team=self.principal.is_team)


class Config(WidgetView):
    """5.1 Read the configuration for a page, and 5.2 change it. A site that no widget lists gets none."""

    callers = EVERYBODY
    scope = {"GET": "widget:read", "PUT": "widget:write"}

    def get(self, request: Request) -> Response:
        """Answer the configuration of the widget that this page gets."""
        return done(self.shown(self.offer(parse_config(request.query_params.dict()))))

    def put(self, request: Request) -> Response:
        """Change what the body names, all of it or nothing, and answer the configuration."""
        if self.principal.kind not in TEAM or not settings.may_change(self.actor):
            raise NotAllowed(_("Only owners and admins change widgets."))
        offer = self.offer(_named(parse_config(request.query_params.dict()), request.data))
        changes = parse_settings(request.data, offer.widget, self.shown(offer))
        try:
            with transaction.atomic():
                widget = settings.update(offer.widget, self.actor, **changes.columns)
                if changes.week:
                    hours.set_week(self.principal.workspace, changes.week, by=self.actor.agent)
        except ValidationError as error:
            raise refused(error) from error
        return done(self.shown(offer_of(widget)), _("Settings saved"))


def _named(wanted: ConfigRequest, body: object) -> ConfigRequest:
    """Return which widget: the one whose id the body repeats, unless the address says so itself."""
    named = body.get("widgetId") if isinstance(body, dict) else None
    if wanted.widget_id or wanted.domain or wanted.page or not isinstance(named, str):
        return wanted
    return ConfigRequest(widget_id=named)


class Analytics(WidgetView):
    """5.3 What happened in the widget."""

    callers = TEAM
    scope = "analytics:read"

    def get(self, request: Request) -> Response:
        """Answer views, opened windows, chats and the conversion, and the pages seen most."""
        workspace = self.principal.workspace
        if self.actor.agent and not self.actor.agent.supervises:
            raise NotAllowed(_("Only supervisors see the figures of others."))
        asked = parse_report(request.query_params.dict(), workspace)
        widget = self.offer(parse_config(request.query_params.dict())).widget
        span = queries.Span(workspace, asked.first, asked.last)
        names = dict(workspace.triggers.values_list("uid", "name"))
        figures = reports.widget(queries.widget(span, widget.uid, pages=PAGES), names)
        return done({"widgetId": encode("widget", widget.uid), **figures, **reports.span(span)})


class Events(LiveChatView):
    """Count what happened in widgets: an addition, for our own widget and for who builds another."""

    callers = frozenset({"publishable", "visitor"})

    def post(self, request: Request) -> Response:
        """Count, and answer nothing."""
        count(self.principal.workspace, parse_events(request.data))
        return done(None)
