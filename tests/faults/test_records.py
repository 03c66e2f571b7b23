"""Records that no vendor would make: ids that are none, names that are lost, fields without end."""

import json
import time
from dataclasses import replace
from typing import Any

import pytest

from mappings.model import Entity
from sources.errors import Incomplete
from sources.reading import RECORD
from tests.faults.rigs import GROUNDS, ID, NAME, D, lists

NUMBERS: list[Any] = [True, False, 1.0, "12", -1, 0, None, 2**63, 2**80, {}, [], "", [1]]
TEXTS: list[Any] = [True, 1.0, 12, None, "", "  ", {}, [], "a" * 256, "a\nb", "a\x00", "\u202e"]
IDS = [("udesk", bad) for bad in NUMBERS] + [("nexudus", bad) for bad in NUMBERS] + [("scalepad", bad) for bad in TEXTS]


@pytest.mark.parametrize(("vendor", "bad"), IDS)
def test_an_id_that_is_none_makes_the_read_incomplete(vendor: str, bad: Any) -> None:
    ground = GROUNDS[vendor]()
    ground.seed(D, 2)

    def spoil(_envelope: dict[str, Any], records: list[Any]) -> None:
        records[0][ID[vendor]] = bad

    lists(ground, spoil)
    found = ground.read(D)
    assert isinstance(found.fault, Incomplete)
    assert found.pages == ()


@pytest.mark.parametrize(
    ("vendor", "good"),
    [*[(vendor, number) for vendor in ("udesk", "nexudus") for number in (1, 2**53 + 1, 2**63 - 1)]]
    + [("scalepad", text) for text in ("12", "0", "部", "../x", "a" * 255, "1e5")],
)
def test_an_id_is_kept_to_its_last_digit(vendor: str, good: Any) -> None:
    ground = GROUNDS[vendor]()
    ground.seed(D, 1)

    def spoil(_envelope: dict[str, Any], records: list[Any]) -> None:
        for record in records:
            record[ID[vendor]] = good

    lists(ground, spoil)
    answer = ground.twin.answer
    if vendor == "nexudus":  # asked for by that id, the sandbox knows it by its own
        number = next(iter(ground.held(D)))
        asked = (("id", f"[{number}]"),)
        ground.twin.answer = lambda request: answer(replace(request, query=asked) if request.param("id") else request)  # type: ignore[method-assign] # as above
    found = ground.read(D)
    assert found.receipt.complete, found.receipt.reason
    ((row,),) = found.pages
    assert (row.source_id, json.loads(row.record)[ID[vendor]]) == (str(good), good)


@pytest.mark.parametrize("vendor", GROUNDS)
def test_a_record_of_a_megabyte_is_refused_and_named(vendor: str) -> None:
    ground = GROUNDS[vendor]()
    ids = ground.seed(D, 2)
    for size, complete in ((RECORD // 4, True), (5 * RECORD, False)):
        ground.rename(D, ids[0], "x" * size)
        found = ground.read(D)
        assert found.receipt.complete is complete
    assert f"record {ids[0]} is larger" in str(found.receipt.reason)


@pytest.mark.parametrize("vendor", GROUNDS)
def test_a_record_of_very_many_fields_is_refused_in_good_time(vendor: str) -> None:
    ground = GROUNDS[vendor]()
    ground.seed(D, 1)
    fields = {f"field {number}": number for number in range(60_000)}

    def spoil(_envelope: dict[str, Any], records: list[Any]) -> None:
        for record in records:
            record.update(fields)

    lists(ground, spoil)
    started = time.monotonic()
    assert "is larger than" in str(ground.read(D).receipt.reason)
    assert time.monotonic() - started < 4


@pytest.mark.parametrize("vendor", GROUNDS)
def test_a_name_is_a_text_and_nothing_that_is_carried_out(vendor: str) -> None:
    ground = GROUNDS[vendor]()
    (key,) = ground.seed(D, 1)
    for name in ("{0.__class__}", "%s%n", "${HOME}", "$(id)", "__proto__", "__class__", "../../etc/passwd", "{{7*7}}"):
        ground.rename(D, key, name)
        ((row,),) = ground.read(D).pages
        assert json.loads(row.record)[NAME[vendor]] == name


@pytest.mark.parametrize("vendor", GROUNDS)
def test_fields_that_nobody_knows_are_kept_as_they_came(vendor: str) -> None:
    ground = GROUNDS[vendor]()
    ground.seed(D, 1)
    extra = {"__class__": "x", "__proto__": {"a": [1, None]}, "status": "a new one", "constructor": {}}
    lists(ground, lambda _envelope, records: records[0].update(extra))
    ((row,),) = ground.read(D).pages
    assert {key: json.loads(row.record)[key] for key in extra} == extra


@pytest.mark.parametrize("vendor", ["udesk", "scalepad"])
@pytest.mark.parametrize("name", [None, 7, ["a"], {}, True])
def test_a_name_that_the_vendor_renamed_or_lost_makes_the_read_incomplete(vendor: str, name: Any) -> None:
    ground = GROUNDS[vendor]()
    ground.seed(D, 2)
    lists(ground, lambda _envelope, records: records[0].update({NAME[vendor]: name}))
    assert isinstance(ground.read(D).fault, Incomplete)


@pytest.mark.parametrize("entity", [Entity.DEPARTMENT, Entity.TEAM, Entity.TASK])
@pytest.mark.parametrize("name", ["missing", None, 7, ["a"], {}, True])
def test_a_name_that_nexudus_renamed_or_lost_makes_the_read_incomplete(entity: Entity, name: Any) -> None:
    ground = GROUNDS["nexudus"]()
    ground.seed(entity, 2)

    def spoil(_envelope: dict[str, Any], records: list[Any]) -> None:
        for record in records:
            record["Name"] = name
            if name == "missing":
                del record["Name"]

    lists(ground, spoil)
    found = ground.read(entity)
    assert isinstance(found.fault, Incomplete)
    assert "has no name" in str(found.fault)
