"""Look at everything that an installation stands on, one line each."""

from typing import Any

from django.core.management.base import BaseCommand

from config import checks
from config.doctor import CHECKS


class Command(BaseCommand):
    help = "Check database, migrations, channel layer, broker, bots, storage, e-mail and a socket round trip."

    def handle(self, *args: Any, **options: Any) -> None:
        findings = [self._tell(checks.run(name, check)) for name, check in CHECKS.items()]
        if not all(finding.ok for finding in findings):
            raise SystemExit(1)

    def _tell(self, finding: checks.Finding) -> checks.Finding:
        name = finding.name.replace("_", " ")
        if finding.ok:
            line = self.style.SUCCESS("ok     ") + f" {name}: {finding.detail}"
        else:
            advice = f" → {finding.advice}" if finding.advice else ""
            line = self.style.ERROR("failed ") + f" {name}: {finding.trouble}{advice}"
        self.stdout.write(line)
        self.stdout.flush()
        return finding
