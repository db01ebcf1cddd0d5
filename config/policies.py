"""The content security policy, and its one exception: the admin's own scripts."""

from copy import deepcopy

from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.middleware import CSPMiddleware, PolicyParts
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase


class PolicyMiddleware(CSPMiddleware):
    """Django-csp with a policy of its own below /admin/."""

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        """Return the policy for this answer; a view's own decorators still have the last word."""
        parts = super().get_policy_parts(request, response, report_only)
        if parts.config is None and not report_only and request.path_info.startswith("/admin/"):
            parts.config = admin_policy()
        return parts


def admin_policy() -> dict:
    """Return the admin's policy: Unfold's Alpine evaluates its attributes and its charts set styles in them."""
    policy = deepcopy(settings.CONTENT_SECURITY_POLICY["DIRECTIVES"])
    policy["script-src"] = [SELF, UNSAFE_EVAL]
    policy["style-src"] = [SELF, UNSAFE_INLINE]
    return policy
