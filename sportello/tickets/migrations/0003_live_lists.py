"""Lists of live tickets and the counts beside them, however many are closed."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("contacts", "0002_opting_out"),
        ("tickets", "0002_media"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(("status__in", ["new", "open", "pending", "on_hold"])),
                fields=["-last_message_at", "-id"],
                include=("team", "brand", "merged_into", "is_spam", "snoozed_until"),
                name="ticket_live",
            ),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(("status__in", ["new", "open"])),
                fields=["assignee", "team", "id"],
                include=("brand", "merged_into", "is_spam", "snoozed_until"),
                name="ticket_work",
            ),
        ),
    ]
