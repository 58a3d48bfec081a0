from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("nexus", "0002_groups"),
    ]

    operations = [
        migrations.RunSQL("set local row_security = on", "set local row_security = on"),
        migrations.DeleteModel(name="Link"),
        # Ties of before have no reasons: the next run writes them all anew.
        migrations.AddField(
            model_name="tie",
            name="context",
            field=models.FloatField(default=0.0),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="tie",
            name="evidence",
            field=models.JSONField(default=list),
            preserve_default=False,
        ),
    ]
