"""Make the demo workspace, once."""

from django.core.management.base import BaseCommand

from analytics import rollups
from config.demo import seed


class Command(BaseCommand):
    """seed_demo"""

    help = "Make the demo workspaces, unless they are there, and write demo.json into the data folder."

    def handle(self, *args: object, **options: object) -> None:
        """Seed and say so in one line."""
        made = seed.seed()
        if made:
            rollups.catch_up()  # the dashboards are full at the first look
        self.stdout.write(f"Demo data: {seed.path()}" if made else "Demo data: there already")
