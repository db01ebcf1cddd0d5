#!/usr/bin/env python
"""Django's command line for Parley."""

import os
import sys


def main() -> None:
    """Run one management command. What the operator can put right is one line, not a traceback."""
    if sys.version_info[:2] != (3, 11):
        sys.exit("Parley needs Python 3.11; this is %d.%d (%s)." % (*sys.version_info[:2], sys.executable))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        settings.DEBUG  # noqa: B018  # read the settings here, where a mistake in them is one line
    except ImproperlyConfigured as mistake:
        sys.exit("settings: %s" % mistake)
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
