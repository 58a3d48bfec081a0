"""Until `District` and `PoliceStation` carry the permission themselves (Meta.permissions)."""

import pytest
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType

from districts.models import District, PoliceStation


@pytest.fixture(autouse=True)
def permission_on_places(request: pytest.FixtureRequest) -> None:
    if request.node.get_closest_marker("django_db") is None:
        return
    request.getfixturevalue("db")
    for model in (District, PoliceStation):
        Permission.objects.get_or_create(
            codename="work_cases",
            content_type=ContentType.objects.get_for_model(model),
            defaults={"name": "Work cases"},
        )
