import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0003_scanned")]

    operations = [
        migrations.AddField(
            model_name="blob",
            name="kinds",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=16), null=True, size=None
            ),
        ),
        migrations.AddIndex(
            model_name="blob",
            index=models.Index(
                condition=models.Q(("kinds", None)), fields=["sha256"], name="blob_not_read"
            ),
        ),
    ]
