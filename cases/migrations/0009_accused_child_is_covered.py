"""No row of a child in conflict with law says a name or an address in plain text."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("cases", "0008_children_sealed")]

    operations = [
        migrations.AddConstraint(
            "accused",
            models.CheckConstraint(
                condition=Q(age=None)
                | Q(age__gte=18)
                | Q(name="•••", address__in=["", "•••"]),
                name="accused_child_is_covered",
            ),
        )
    ]
