"""Drafts keep buttons, an approved text, and which answer they repeat."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tickets", "0004_public_items")]

    operations = [
        migrations.AddField(
            model_name="draft",
            name="choices",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=80), blank=True, default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="draft",
            name="template",
            field=models.JSONField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="draft",
            name="instead_of",
            field=models.BigIntegerField(blank=True, null=True),
        ),
    ]
