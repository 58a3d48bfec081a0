"""The pages of a reorganisation, as two supervisors use them."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.roles import Role
from districts.gazetteer import forget
from districts.loading import load_boundaries, load_gazetteer
from tests.districts.test_loading import collection, feature
from tests.factories import make_move, make_officer, make_reorganisation, make_tipline
from tests.statements import Statements
from tests.tiplines.intake import bring, json_report, work, zip_of
from tests.tiplines.made_reorganisation import AREA, LAYER, NEW, OLD, STATIONS
from tiplines.models import Reorganisation
from tiplines.services.placing import keys_of
from tiplines.services.remapping import try_next
from tiplines.services.reorganising import apply_due

pytestmark = pytest.mark.django_db
DAY = timezone.localdate() + timedelta(days=30)


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    forget()
    keys_of.cache_clear()
    yield
    forget()
    keys_of.cache_clear()


def supervisor() -> Client:
    client = Client()
    client.force_login(
        make_officer(Role.SUPERVISOR), backend="django.contrib.auth.backends.ModelBackend"
    )
    return client


def form(
    *, stations: str | None = STATIONS, layer: bytes | None = None, **changes: Any
) -> dict[str, Any]:
    content = json.dumps(LAYER).encode() if layer is None else layer
    said = {
        "from_on": DAY.isoformat(),
        "why": "Order 7 of 2026.",
        "layer": SimpleUploadedFile("areas.geojson", content),
    }
    if stations is not None:
        said["stations"] = SimpleUploadedFile("stations.csv", stations.encode())
    return said | changes


def layer_with(key: str, value: object) -> bytes:
    """The layer with one value at fault."""
    geometry: dict[str, Any] = dict(AREA)
    properties: dict[str, Any] = {"ps_code": NEW}
    (properties if key == "ps_code" else geometry)[key] = value
    wrong = {"type": "Feature", "properties": properties, "geometry": geometry}
    return json.dumps(collection(wrong)).encode()


def text(client: Client, name: str, *args: object) -> str:
    return client.get(reverse(f"operations:{name}", args=args)).content.decode()


def post(client: Client, name: str, *args: object, **said: Any) -> Any:
    return client.post(reverse(f"operations:{name}", args=args), said)


def test_one_proposes_another_confirms_and_it_comes_in_force_and_back() -> None:
    now = timezone.now()
    load_gazetteer(at=now)
    load_boundaries(layer=collection(feature(OLD, AREA)), source="made", at=now)
    bring(zip_of({"1.json": json_report("990000001")}), at=now)
    work(at=now, located=True)
    one, two = supervisor(), supervisor()

    answer = post(one, "propose-reorganisation", **form())
    assert answer.headers["Location"] == reverse("operations:reorganisation", args=[1])
    untried = text(two, "reorganisation", 1)
    while try_next(at=timezone.now()):
        pass
    page, own = text(two, "reorganisation", 1), text(one, "reorganisation", 1)
    post(one, "confirm-reorganisation", 1)
    assert Reorganisation.objects.get().is_waiting
    post(two, "confirm-reorganisation", 1)

    assert 'hx-trigger="every 2s' in untried
    assert "Confirm</button>" not in untried
    assert "every 2s" not in page
    assert "PINs: 1 · open tiplines: 1" in page
    assert "990000001" in page
    assert "Naya Vihar" in page
    assert "Confirm</button>" in page
    assert "Confirm</button>" not in own
    assert "Withdraw</button>" in own
    assert "Call off</button>" in text(one, "reorganisation", 1)
    assert "Confirmed, waits for its day" in text(one, "reorganisations")
    assert "Confirmed, waits for its day" in text(one, "rules")

    apply_due(today=DAY, at=timezone.now())

    assert "Came in force" in text(one, "reorganisation", 1)
    assert "Propose a reorganisation" in text(one, "reorganisations")
    later = (DAY + timedelta(days=1)).isoformat()
    post(one, "put-back-reorganisation", 1, from_on=later, why="")
    assert Reorganisation.objects.count() == 1
    answer = post(one, "put-back-reorganisation", 1, from_on=later, why="Set aside.")
    assert answer.headers["Location"] == reverse("operations:reorganisation", args=[2])
    assert "as in gazetteer 2, which comes back" in text(two, "reorganisation", 2)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"stations": STATIONS.replace("closes", "ends")}, f"Row 3: {OLD} neither opens nor"),
        ({"stations": "change\n"}, "no column ps_code"),
        ({"stations": STATIONS.replace(NEW, "ROH-\0")}, "Row 2: a station cannot have this code"),
        ({"layer": layer_with("type", [])}, "the geometry is not a Polygon or MultiPolygon"),
        ({"layer": layer_with("coordinates", [[[10**399, 28.7]] * 4])}, "cannot be read; export"),
        ({"layer": layer_with("ps_code", "ROH-\0")}, "Feature 1: a station cannot have this"),
        ({"layer": layer_with("ps_code", "ROH-\ud800")}, "Feature 1: a station cannot have this"),
        ({"layer": b"{"}, "The file is not JSON; export it as GeoJSON."),
        ({"layer": b"[]"}, "not a GeoJSON FeatureCollection"),
        ({"layer": b"\xff\xfe"}, "not UTF-8"),
        ({"layer": b" " * 10_000_001}, "larger than 10 megabytes"),
        ({"from_on": timezone.localdate().isoformat()}, "not a day to come"),
        ({"why": ""}, "This field is required"),
    ],
)
def test_files_that_cannot_be_proposed_are_refused_with_the_reason(
    changes: dict[str, Any], said: str
) -> None:
    load_gazetteer(at=timezone.now())

    answer = post(supervisor(), "propose-reorganisation", **form(**changes))

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Reorganisation.objects.exists()


def test_without_stations_there_is_nothing_to_reorganise() -> None:
    answer = supervisor().get(reverse("operations:propose-reorganisation"), follow=True)

    assert "No stations are loaded yet." in answer.content.decode()


def test_a_refusal_and_a_call_off_say_why() -> None:
    make_tipline(best_station=None)
    load_gazetteer(at=timezone.now())
    make_reorganisation()
    client = supervisor()

    post(client, "refuse-reorganisation", 1, why=" ")
    assert Reorganisation.objects.get().is_waiting
    post(client, "refuse-reorganisation", 1, why="Not ordered.")
    make_reorganisation(number=2)
    post(client, "confirm-reorganisation", 2)
    post(client, "call-off-reorganisation", 2, why="Put off.")

    assert "Not ordered." in text(client, "reorganisation", 1)
    assert "Put off." in text(client, "reorganisation", 2)
    assert "Called off" in text(client, "reorganisations")


def test_lists_leave_the_areas_where_they_are() -> None:
    make_reorganisation()
    client = supervisor()

    with Statements() as told:
        pages = [text(client, name) for name in ("reorganisations", "rules")]

    assert all(reverse("operations:reorganisation", args=[1]) in page for page in pages)
    assert not [each for each in told.captured_queries if '"places"' in each["sql"]]


def test_what_moves_costs_the_same_however_much_it_is() -> None:
    load_gazetteer(at=timezone.now())
    made, client = make_reorganisation(), supervisor()

    def move() -> str:
        tipline = make_tipline()
        make_move(made, tipline, part="station")
        return tipline.number

    first = move()
    text(client, "reorganisation", 1)
    with Statements() as few:
        text(client, "reorganisation", 1)
    for _each in range(60):
        move()
    with Statements() as many:
        page = text(client, "reorganisation", 1)

    assert len(few) == len(many)
    assert first not in page
    assert "open tiplines: 61" in page
