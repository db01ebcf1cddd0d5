"""Set up what is missing and start everything: what `make run` runs."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config import checks
from config.demo_site import demo_data, demo_url
from config.preparing import prepare
from config.serving import CannotServe, listen, serve
from config.supervisor import Supervisor


class Command(BaseCommand):
    help = "Prepare what is missing, then start everything: one process embedded, the Procfile's processes otherwise."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--no-demo", action="store_true", help="do not make the demo workspace")

    def handle(self, *args: Any, host: str, no_demo: bool, **options: Any) -> None:
        self.stdout.write(f"Parley, {'embedded' if settings.EMBEDDED else 'services'} mode. Data: {settings.DATA_DIR}")
        try:
            listen(host, settings.PORT).close()  # before a minute of set-up, not after it
            self._demand_services()
            prepare(self._say, demo=not no_demo)
            self._start(host)
        except CannotServe as trouble:
            raise CommandError(str(trouble)) from None

    def _demand_services(self) -> None:
        for name, check in checks.SERVICES.items():
            finding = checks.run(name, check)
            if not finding.ok:
                raise CannotServe(f"{name.replace('_', ' ')}: {finding.trouble} ({finding.advice})")

    def _start(self, host: str) -> None:
        if settings.EMBEDDED:
            serve(host, settings.PORT, with_worker=True, ready=self._welcome)
        else:
            code = Supervisor(ready=self._welcome).run()
            if code:
                raise SystemExit(code)

    def _say(self, what: str) -> None:
        self.stdout.write(f"  {what} …")
        self.stdout.flush()

    def _welcome(self) -> None:
        base, demo = settings.PUBLIC_URL, demo_data()
        lines = ["", f"  Inbox      {base}/inbox/", f"  Admin      {base}/admin/", f"  Docs       {base}/docs/"]
        if demo:
            lines += [f"  Demo site  {demo_url()}   (another origin, with the widget on it)", "", "  Demo logins:"]
            lines += [f"    {who['email']:<28} {who['password']}   {who['role']}" for who in demo["logins"]]
        self.stdout.write("\n".join([*lines, "", "  Ctrl-C stops it.", ""]))
        self.stdout.flush()
