"""Edits and withdrawals that come early, public items hidden or only monitored, threads that strangers read."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("channels", "0001_initial"),
        ("tickets", "0003_live_lists"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="thread",
            name="is_public",
            field=models.BooleanField(db_default=False),
        ),
        migrations.CreateModel(
            name="EarlyChange",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("external_id", models.TextField()),
                (
                    "what",
                    models.CharField(
                        choices=[("edited", "Edited"), ("withdrawn", "Withdrawn")], max_length=9
                    ),
                ),
                ("sender_kind", models.CharField(blank=True, max_length=24)),
                ("sender_address", models.CharField(blank=True, max_length=320)),
                ("text", models.TextField(blank=True)),
                ("at", models.DateTimeField(null=True)),
                ("received_at", models.DateTimeField()),
                (
                    "channel",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, to="channels.channel"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["channel", "external_id"], name="early_change_message"),
                    models.Index(fields=["received_at"], name="early_change_age"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Moderation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("hidden", models.BooleanField()),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("trouble", models.TextField(blank=True)),
                ("due_at", models.DateTimeField(null=True)),
                (
                    "message",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="moderation",
                        to="tickets.message",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("due_at__isnull", False)),
                        fields=["due_at"],
                        name="moderation_due",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Monitored",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("external_id", models.TextField()),
                ("received_at", models.DateTimeField()),
                ("wanted_at", models.DateTimeField(null=True)),
                (
                    "channel",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="channels.channel",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="channels.spoolitem",
                    ),
                ),
                (
                    "wanted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "monitored",
                "indexes": [models.Index(fields=["channel", "-id"], name="monitored_recent")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("channel", "external_id"), name="monitored_once"
                    )
                ],
            },
        ),
    ]
