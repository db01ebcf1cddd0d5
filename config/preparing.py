"""What must be done before a start: translations, static files, tables, demo data. Each only when it is needed."""

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.conf import settings
from django.core.management import call_command

from .demo_site import demo_data

Say = Callable[[str], None]


def prepare(say: Say, *, demo: bool) -> None:
    """Do all of it, telling ``say`` what is being done."""
    compile_translations(say)
    collect_static(say)
    say("database: migrations")
    call_command("migrate", interactive=False, verbosity=0)
    if demo and demo_data() is None:
        say("demo workspace: a week of chats")
        call_command("seed_demo", verbosity=0)


def compile_translations(say: Say) -> None:
    """Turn every .po file that is newer than its .mo into one. By Babel, so that no gettext is needed."""
    for source in sorted(Path(settings.LOCALE_PATHS[0]).glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        say(f"translations: {source.parent.parent.name}")
        with source.open("rb") as po, target.open("wb") as mo:
            write_mo(mo, read_po(po))


def collect_static(say: Say) -> None:
    """Gather the static files under hashed names, unless those there were made from the same ones."""
    stamp = settings.STATIC_ROOT / ".made-from"
    ours = [folder for folder in settings.STATICFILES_DIRS if isinstance(folder, Path)]
    made_from = _fingerprint([*ours, settings.BASE_DIR / "requirements.lock"])  # what packages bring is in the lock
    if stamp.exists() and stamp.read_text() == made_from:
        return
    say("static files")
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    stamp.write_text(made_from)


def _fingerprint(roots: Iterable[Path]) -> str:
    """Return a hash of names, sizes and times: enough to see that something changed, quick enough for every start."""
    digest = hashlib.sha256()
    for root in roots:
        for path in sorted(root.rglob("*")) if root.is_dir() else [root]:
            if path.is_file():
                stat = path.stat()
                digest.update(f"{path} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()
