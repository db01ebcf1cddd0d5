"""An agent's own language decides how inbox, admin and account pages speak to them; and who acts, for the audit log."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.deprecation import MiddlewareMixin

from .services.audit import request_under_way

# Where people of the team work. Everywhere else a page or an API answers whoever asks in theirs.
_PLACES = ("/inbox/", "/admin/", "/accounts/")


class AgentLanguageMiddleware(MiddlewareMixin):
    """Stands behind the session and the login, and after LocaleMiddleware, whose choice it overrules."""

    def process_request(self, request: HttpRequest) -> None:
        """Activate the language that the user chose, if they are logged in and chose one."""
        if not request.path_info.startswith(_PLACES) or settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return
        language = getattr(request.user, "language", "")
        if language:
            translation.activate(language)
            request.LANGUAGE_CODE = language


class AuditMiddleware:
    """Lets the audit log know who acts and from where."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = request_under_way.set(request)
        try:
            return self.get_response(request)
        finally:
            request_under_way.reset(token)
