"""The rules in force are rows: whoever locates goes by them."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from django.db import IntegrityError, transaction

from districts.gazetteer import forget
from districts.loading import load_gazetteer
from districts.rules import DEFAULT, RegistersAt
from tests.factories import NOON, make_rules
from tests.tiplines.intake import bring, json_report, work, zip_of
from tiplines.models import RuleSet, Tipline
from tiplines.services.placing import keys_of
from tiplines.services.rulebook import NoSuchRules, present_rules, rules_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    forget()
    keys_of.cache_clear()
    yield
    forget()
    keys_of.cache_clear()


def test_the_newest_confirmed_rules_are_in_force_and_the_earlier_ones_are_kept() -> None:
    assert present_rules() == DEFAULT
    first = replace(DEFAULT, number=1, assign_from=0.7)
    second = replace(DEFAULT, number=2, registers_at={"ROH": RegistersAt.CYBER})
    make_rules(first)
    make_rules(second)
    make_rules(replace(DEFAULT, number=3), from_at=None)

    assert present_rules() == second
    assert [rules_of(number) for number in (0, 1, 2)] == [DEFAULT, first, second]
    with pytest.raises(NoSuchRules):
        rules_of(9)


def test_only_one_is_in_force_and_only_one_waits() -> None:
    for from_at in (NOON, None):
        make_rules(replace(DEFAULT, number=RuleSet.objects.count() + 1), from_at=from_at)
        made = RuleSet.objects.latest("pk")
        made.pk, made.number = None, 9
        with transaction.atomic(), pytest.raises(IntegrityError):
            made.save(force_insert=True)


def test_a_tipline_is_located_by_the_rules_in_force_and_says_which() -> None:
    load_gazetteer(at=NOON)
    bring(zip_of({"1.json": json_report("990000001")}))
    work(located=True)
    before = Tipline.objects.get()
    make_rules(replace(DEFAULT, number=4, decide_from=1.0))
    report = json_report("990000002")
    [person] = report["reportedInformation"]["reportedPeople"]["reportedPersons"]
    person["addresses"]["addresses"].append({"street1": "Andheri", "city": "Mumbai"})
    bring(zip_of({"2.json": report}))
    work(located=True)

    after = Tipline.objects.get(number="990000002")

    assert (before.outcome, before.rules_number) == ("delhi", 0)
    assert (after.outcome, after.rules_number) == ("cannot_say", 4)
    assert {each["code"] for each in after.location_reasons} >= {"claims-conflict"}
