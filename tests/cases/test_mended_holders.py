"""Tiplines held where another's case is are held where their own is, after the migration."""

from importlib import import_module

import pytest
from django.db import connection

from tests.cases.made import make_case
from tests.factories import make_district, make_station
from tiplines.models import Tipline

pytestmark = pytest.mark.django_db


def test_a_tipline_is_held_where_its_case_is() -> None:
    case = make_case()
    tip = case.entries.get().tipline
    other = make_station(code="DWK-NORTH", district=make_district(code="DWK", name="Dwarka"))
    Tipline.objects.filter(pk=tip.pk).update(holder_district=other.district, holder_station=other)

    with connection.cursor() as cursor:
        cursor.execute(import_module("cases.migrations.0016_held_where_the_case_is").MEND)

    tip.refresh_from_db()
    assert (tip.holder_district_id, tip.holder_station_id) == (case.district_id, case.station_id)
