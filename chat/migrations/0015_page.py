from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("chat", "0014_covering"),
    ]

    operations = [
        migrations.AddField(
            model_name="chat",
            name="page",
            field=models.CharField(blank=True, db_default="", default="", editable=False, max_length=200),
        ),
    ]
