"""Chats by page are counted from the chats: every hour is counted anew, with the pages of its chats."""

from django.db import migrations


def count_anew(apps, schema_editor):
    hour, changed = apps.get_model("analytics", "ChatHour"), apps.get_model("analytics", "ChangedHour")
    rows = hour.objects.values_list("workspace_id", "hour").iterator()
    changed.objects.bulk_create((changed(workspace_id=workspace, hour=at) for workspace, at in rows), batch_size=1000)


class Migration(migrations.Migration):

    dependencies = [
        ("analytics", "0003_chats_by_page"),
        ("chat", "0016_pages"),
    ]

    operations = [migrations.RunPython(count_anew, migrations.RunPython.noop)]
