"""The board counts acknowledgements of a period: an index for it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_cases")]

    operations = [
        migrations.AddIndex(
            model_name="handoff",
            index=models.Index(
                fields=["-acknowledged_at", "-id"],
                condition=models.Q(acknowledged_at__isnull=False, returned_at__isnull=True),
                name="hand_off_acknowledged",
            ),
        ),
    ]
