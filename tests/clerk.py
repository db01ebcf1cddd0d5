"""One process that runs management commands for a product, as an operator would: `python -m tests.clerk`.

Starting Python and Django costs seconds, and each story begins with a workspace and its agents. The commands and the
installation are the real ones; only the start is shared. Reads one JSON list of arguments a line, and answers with
one JSON object a line: {"code", "stdout", "stderr"}.
"""

import io
import json
import os
import sys
import traceback
from typing import Any

import django


def run(arguments: list[str]) -> dict[str, Any]:
    """Run one command. Returns what it would have printed, and its exit code."""
    from django.core.management import CommandError, call_command
    from django.db import connections

    out, err, code = io.StringIO(), io.StringIO(), 0
    try:
        call_command(*arguments, stdout=out, stderr=err, no_color=True)
    except SystemExit as stop:
        code = int(stop.code or 0)
    except CommandError as error:
        err.write(str(error))
        code = error.returncode
    except Exception:
        err.write(traceback.format_exc())
        code = 1
    finally:
        connections.close_all()
    return {"code": code, "stdout": out.getvalue(), "stderr": err.getvalue()}


def main() -> None:
    """Serve until the input ends."""
    answers, sys.stdout = sys.stdout, sys.stderr
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    for line in sys.stdin:
        print(json.dumps(run(json.loads(line))), file=answers, flush=True)


if __name__ == "__main__":
    main()
