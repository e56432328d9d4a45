"""Which public items become tickets."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("channels", "0004_raw_age"),
    ]

    operations = [
        migrations.AddField(
            model_name="channel",
            name="engage",
            field=models.CharField(
                choices=[
                    ("all", "Every comment, mention or review"),
                    ("addressed", "Only questions, mentions and low ratings"),
                    ("none", "None: just watch"),
                ],
                default="all",
                max_length=9,
            ),
        ),
    ]
