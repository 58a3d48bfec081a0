"""Where what names a child in conflict with law is sealed; the next step fills it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0006_proposals")]

    operations = [migrations.AddField("accused", "sealed", models.BinaryField(null=True))]
