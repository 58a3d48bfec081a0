from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("nexus", "0005_organised"),
        ("tiplines", "0013_alike"),
    ]

    operations = [
        migrations.RenameField("joined", "hash", "value"),
        migrations.RenameField("joined", "file", "stands_for"),
    ]
