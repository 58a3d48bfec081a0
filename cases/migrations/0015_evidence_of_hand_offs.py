"""By what the unit went when it handed a case over: for the misroute rate."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0014_tightened'),
    ]

    operations = [
        migrations.AddField(
            model_name='handoff',
            name='evidence',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=30), default=list, size=None),
        ),
        migrations.AddField(
            model_name='handoff',
            name='gazetteer_version',
            field=models.CharField(blank=True, max_length=40),
        ),
    ]
