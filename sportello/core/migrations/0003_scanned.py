"""What the virus scanner said of each blob."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0002_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="blob",
            name="finding",
            field=models.CharField(blank=True, db_default="", max_length=200),
        ),
        migrations.AddField(
            model_name="blob",
            name="verdict",
            field=models.CharField(
                blank=True,
                choices=[("clean", "Clean"), ("infected", "Infected"), ("unchecked", "Unchecked")],
                db_default="",
                max_length=9,
            ),
        ),
        migrations.AddIndex(
            model_name="blob",
            index=models.Index(
                condition=models.Q(("verdict", "")), fields=["sha256"], name="blob_not_scanned"
            ),
        ),
    ]
