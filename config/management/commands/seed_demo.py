"""Make the demo workspace, once."""

from django.core.management.base import BaseCommand

from config.demo import seed


class Command(BaseCommand):
    """seed_demo"""

    help = "Make the demo workspaces, unless they are there, and write demo.json into the data folder."

    def handle(self, *args: object, **options: object) -> None:
        """Seed and say so in one line."""
        made = seed.seed()
        self.stdout.write(f"Demo data: {seed.path()}" if made else "Demo data: there already")
