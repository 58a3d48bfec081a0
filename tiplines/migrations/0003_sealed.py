"""What names a victim or a child is sealed, and with it everything that the documents said.

One transaction, rows in batches: killed, it leaves all as it was. Backwards it opens every seal.
The plain text stays in dead rows until they are vacuumed, and in older backups.
"""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

from tiplines.migrations import _sealing

CORRECTED = ('before', 'after', 'reason')
SEALED = ('address', 'filerecord', 'identifier', 'party', 'sighting')


class Migration(migrations.Migration):

    dependencies = [
        ('districts', '0001_gazetteer'),
        ('tiplines', '0002_intake'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        *(migrations.AddField(model, 'sealed', models.BinaryField(null=True)) for model in SEALED),
        migrations.AddField('party', 'is_protected', models.BooleanField(default=False)),
        migrations.AddField('party', 'name_keys', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=32), default=list, size=None)),
        migrations.AddField('version', 'sealed_source', models.BinaryField(null=True)),
        migrations.AddField('version', 'sealed_difference', models.BinaryField(null=True)),
        migrations.AddField('version', 'is_whole', models.BooleanField(default=True)),
        migrations.AddField('correction', 'sealed', models.BinaryField(null=True)),
        # Backwards these come back empty, are filled, and then must not be null again.
        migrations.AlterField('version', 'source', models.JSONField(null=True)),
        *(migrations.AlterField('correction', name, models.TextField(null=True)) for name in CORRECTED),
        migrations.RunPython(_sealing.seal_all, _sealing.open_all),
        migrations.AlterField('version', 'sealed_source', models.BinaryField()),
        migrations.AlterField('correction', 'sealed', models.BinaryField()),
        migrations.RemoveField('version', 'source'),
        migrations.RemoveField('version', 'difference'),
        *(migrations.RemoveField('correction', name) for name in CORRECTED),
        migrations.AddIndex('party', django.contrib.postgres.indexes.GinIndex(condition=Q(is_protected=True), fields=['name_keys'], name='party_by_name_key')),
        migrations.AddConstraint('party', models.CheckConstraint(condition=Q(is_protected=True) | (~Q(role='victim') & (Q(age=None) | Q(age__gte=18))), name='party_victims_and_minors_are_protected')),
        migrations.AddConstraint('party', models.CheckConstraint(condition=Q(is_protected=False) | Q(name__in=['', '•••'], display_names=[], date_of_birth=None, text=''), name='party_protected_is_covered')),
    ]
