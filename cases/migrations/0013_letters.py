"""Letters.

PostgreSQL checks a new foreign key as the owner of the tables, whom forced row-level security would
stop: it is loosened for this migration and tightened again by the next.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


LOOSEN = """
do $$
declare name text;
begin
  foreach name in array array['cases_case', 'tiplines_tipline', 'tiplines_decision'] loop
    execute format('alter table %I no force row level security', name);
  end loop;
end $$
"""


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0012_accepted_hand_offs'),
        ('tiplines', '0005_returns'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL(LOOSEN, migrations.RunSQL.noop),
        migrations.CreateModel(
            name='Letter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('unit', models.CharField(max_length=20)),
                ('year', models.SmallIntegerField()),
                ('number', models.IntegerField()),
                ('kind', models.CharField(choices=[('transfer', 'Transfer to another State'), ('send-back', 'Return to the sender'), ('reminder', 'Reminder')], max_length=10)),
                ('addressee', models.CharField(max_length=300)),
                ('batch', models.UUIDField(null=True)),
                ('tipline_count', models.IntegerField()),
                ('template', models.CharField(max_length=20)),
                ('content', models.JSONField()),
                ('at', models.DateTimeField()),
                ('asked_at', models.DateTimeField()),
                ('acknowledged_at', models.DateTimeField(null=True)),
                ('answer_reference', models.CharField(blank=True, max_length=120)),
                ('answer_on', models.DateField(null=True)),
                ('answer_from', models.CharField(blank=True, max_length=200)),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('acknowledged_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('confirmed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('reminds', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reminders', to='cases.letter')),
                ('restricted_case', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.case')),
                ('withdrawn_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='LetterEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('decision', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tiplines.decision')),
                ('letter', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='cases.letter')),
                ('tipline', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tiplines.tipline')),
            ],
        ),
        migrations.CreateModel(
            name='LetterSerial',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('unit', models.CharField(max_length=20)),
                ('year', models.SmallIntegerField()),
                ('last', models.IntegerField(default=0)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('unit', 'year'), name='letter_serial_once')],
            },
        ),
        migrations.AddIndex(
            model_name='letter',
            index=models.Index(condition=models.Q(('acknowledged_at__isnull', True), ('reminds__isnull', True), ('withdrawn_at__isnull', True)), fields=['asked_at', 'id'], name='letter_waiting'),
        ),
        migrations.AddIndex(
            model_name='letter',
            index=models.Index(fields=['-at', '-id'], name='letter_newest'),
        ),
        migrations.AddIndex(
            model_name='letter',
            index=models.Index(fields=['batch'], name='letter_by_batch'),
        ),
        migrations.AddConstraint(
            model_name='letter',
            constraint=models.UniqueConstraint(fields=('unit', 'year', 'number'), name='letter_number_once'),
        ),
        migrations.AddConstraint(
            model_name='letter',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('batch__isnull', True), ('kind', 'reminder'), ('reminds__isnull', False)), models.Q(models.Q(('kind', 'reminder'), _negated=True), ('batch__isnull', False), ('reminds__isnull', True)), _connector='OR'), name='letter_tells_an_act_or_reminds'),
        ),
        migrations.AddConstraint(
            model_name='letter',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('acknowledged_at__isnull', True), ('acknowledged_by__isnull', True), ('answer_from', ''), ('answer_on__isnull', True), ('answer_reference', '')), models.Q(('acknowledged_at__isnull', False), ('acknowledged_by__isnull', False), ('answer_on__isnull', False), ('reminds__isnull', True), models.Q(('answer_reference', ''), _negated=True), models.Q(('answer_from', ''), _negated=True)), _connector='OR'), name='letter_acknowledged_in_full'),
        ),
        migrations.AddConstraint(
            model_name='letter',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('withdrawn_at__isnull', True), ('withdrawn_by__isnull', True)), models.Q(('acknowledged_at__isnull', True), ('withdrawn_at__isnull', False), ('withdrawn_by__isnull', False)), _connector='OR'), name='letter_withdrawn_is_not_acknowledged'),
        ),
        migrations.AddConstraint(
            model_name='letter',
            constraint=models.CheckConstraint(condition=models.Q(('asked_at__gte', models.F('at'))), name='letter_asked_after_it_was_sent'),
        ),
    ]
