"""Raw input is let go of without asking."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("channels", "0005_engage"),
        ("tickets", "0007_confidential"),
    ]

    operations = [
        migrations.AlterField(
            model_name="monitored",
            name="item",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="channels.spoolitem",
            ),
        ),
    ]
