"""Why a deed did not go well becomes a code with values; a return may be cancelled."""

from __future__ import annotations

import re
from typing import Any

from django.db import migrations, models

# What was written until now, as it was: sentences may be reworded, this may not.
_KNOWN = (
    ("busy", r"The shop asks for patience(?: \(HTTP \d+\))?\."),
    ("refused", r"The shop (?:refused it|answers) \(?HTTP (?P<status>\d+)\)?\."),
    ("keys_refused", r"The shop refuses these keys \(HTTP (?P<status>\d+)\)\."),
    ("broke_down", r"The shop broke down \(HTTP (?P<status>\d+)\): it may have been done or not\."),
    ("no_answer", r"No answer came: it may have been done or not\."),
    ("not_reached", r"The (?:vendor cannot be reached|shop does not answer)\."),
    ("too_little_left", r"The shop has not as much left to refund\."),
    ("cannot_be_told", r"This shop cannot be told\."),
)


def read_again(apps: Any, schema_editor: Any) -> None:
    deeds = apps.get_model("commerce", "Deed")
    for row in deeds.objects.exclude(words="").iterator():
        if row.state == "done":
            row.reference, row.words = row.words, ""
        for code, sentence in _KNOWN:
            if found := re.fullmatch(sentence, row.words):
                row.why, row.words = code, ""
                row.values = {name: int(value) for name, value in found.groupdict().items()}
                break
        row.save(update_fields=["reference", "why", "values", "words"])


class Migration(migrations.Migration):
    dependencies = [("commerce", "0001_the_room")]

    operations = [
        migrations.AlterField(
            model_name="return",
            name="state",
            field=models.CharField(
                choices=[
                    ("requested", "requested"),
                    ("approved", "approved"),
                    ("received", "received"),
                    ("refunded", "refunded"),
                    ("refused", "refused"),
                    ("cancelled", "cancelled"),
                ],
                default="requested",
                max_length=16,
            ),
        ),
        migrations.RenameField(model_name="deed", old_name="outcome", new_name="words"),
        migrations.AddField(
            model_name="deed",
            name="reference",
            field=models.CharField(blank=True, max_length=500),
        ),
        migrations.AddField(
            model_name="deed",
            name="why",
            field=models.CharField(blank=True, max_length=24),
        ),
        migrations.AddField(
            model_name="deed",
            name="values",
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.RunPython(read_again, migrations.RunPython.noop),
    ]
