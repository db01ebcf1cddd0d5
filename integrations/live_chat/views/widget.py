"""The widget: section 5.1."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from chat.errors import NotAllowed, NotFound
from widget.matching import Site, parse_site, site_of_page
from widget.queries import widget_for

from ..configuration import configuration
from ..envelope import done
from ..requests import ConfigRequest, parse_config
from .base import EVERYBODY, LiveChatView


class Config(LiveChatView):
    """5.1 Read the configuration for a page. A site that no widget lists gets none."""

    callers = EVERYBODY

    def get(self, request: Request) -> Response:
        """Answer the configuration of the widget that this page gets."""
        wanted = parse_config(request.query_params.dict())
        site = _site(wanted)
        widget = widget_for(self.principal.workspace, site)
        if widget is None and site is not None:
            raise NotAllowed(_("No widget of the workspace lists this site."), field="domain")
        if widget is None:
            raise NotFound(_("This workspace has no widget."), field="domain")
        return done(configuration(widget, self.principal.workspace))


def _site(wanted: ConfigRequest) -> Site | None:
    """The page's site, by the domain or else the address given. One that cannot be read is no site of ours."""
    if wanted.domain:
        return parse_site(wanted.domain) or Site("")
    return (site_of_page(wanted.page) or Site("")) if wanted.page else None
