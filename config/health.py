"""/healthz: this process answers. /readyz: so does everything that it stands on."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache

from . import checks


@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """Answer without touching anything, so that a slow database restarts no process."""
    return JsonResponse({"status": "ok", "product": "parley"})


@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """Answer 200 when this process can serve, 503 with what is wrong otherwise.

    ``{"status": "ok"|"unavailable", "checks": {name: "ok"|what is wrong}}``
    """
    findings = [checks.run(name, check) for name, check in checks.READY.items()]
    ready = all(finding.ok for finding in findings)
    body = {
        "status": "ok" if ready else "unavailable",
        "checks": {finding.name: finding.trouble or "ok" for finding in findings},
    }
    return JsonResponse(body, status=200 if ready else 503)
