"""The pages of the chats that widgets began, from what was kept of where each began."""

from urllib.parse import unquote, urlsplit

from django.db import migrations


def fill(apps, schema_editor):
    chat = apps.get_model("chat", "Chat")
    rows = chat.objects.filter(widget_uid__isnull=False, page="").only("id", "source")
    batch = []
    for row in rows.iterator(chunk_size=1000):
        row.page = _page(row.source)
        if row.page:
            batch.append(row)
        if len(batch) == 1000:
            chat.objects.bulk_update(batch, ["page"])
            batch = []
    chat.objects.bulk_update(batch, ["page"])


def _page(source):
    try:
        path = unquote(urlsplit(str(source.get("url", ""))).path)
    except (AttributeError, ValueError):
        return ""
    return "".join(character for character in path if character.isprintable())[:200]


class Migration(migrations.Migration):

    dependencies = [
        ("chat", "0015_page"),
    ]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
