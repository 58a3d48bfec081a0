"""Which documents of a dispatch are read together."""

import pytest

from tiplines.grouping import bundles


def groups(*names: str) -> list[set[str]]:
    kinds = [name.rpartition(".")[2].partition("#")[0] for name in names]
    found: dict[int, set[str]] = {}
    for name, bundle in zip(names, bundles(list(zip(names, kinds, strict=True))), strict=True):
        found.setdefault(bundle, set()).add(name)
    return [found[bundle] for bundle in sorted(found)]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        pytest.param(
            ("a/report.xml", "a/fileDetails-1.xml", "b/report.xml"),
            [{"a/report.xml", "a/fileDetails-1.xml"}, {"b/report.xml"}],
            id="a folder is a report",
        ),
        pytest.param(
            ("990000001.xml", "990000002.xml", "990000001-files.xml"),
            [{"990000001.xml", "990000001-files.xml"}, {"990000002.xml"}],
            id="numbers in names tell reports of one folder apart",
        ),
        pytest.param(
            ("report.xml", "reportResponse.xml"),
            [{"report.xml", "reportResponse.xml"}],
            id="one report without any folder",
        ),
        pytest.param(
            ("list.csv", "1.json", "list.xlsx"),
            [{"list.csv"}, {"1.json"}, {"list.xlsx"}],
            id="a list stands alone",
        ),
        pytest.param(
            ("a/1.json", "a/2.json"), [{"a/1.json"}, {"a/2.json"}], id="a JSON file stands alone"
        ),
        pytest.param(
            ("a/all.xml#1", "a/all.xml#2", "a/other.xml", "a/one.xml"),
            [{"a/all.xml#1"}, {"a/all.xml#2"}, {"a/other.xml", "a/one.xml"}],
            id="a piece of a large file stands alone",
        ),
    ],
)
def test_documents_that_belong_together(names: tuple[str, ...], expected: list[set[str]]) -> None:
    assert groups(*names) == expected


def test_a_report_with_thousands_of_files_stays_one_bundle() -> None:
    names = ["990000001/report.xml", *(f"990000001/fileDetails-{n}.xml" for n in range(5000))]

    assert len(groups(*names)) == 1


def test_a_heap_of_unnumbered_names_beside_numbered_ones_is_split_by_number() -> None:
    names = [f"heap/{990000000 + n}.xml" for n in range(100)]

    assert len(groups("heap/odd.xml", *names)) == 101
