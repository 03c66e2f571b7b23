"""Temporary names in the safety record: which are ours, and what the records were called before."""

from dataclasses import replace

import pytest

from mappings.model import Op, Value
from mappings.parking import TEMPORARY
from state.safety import Intent, Outcome, SafetyRecord
from tests.state.samples import INTENT, LATER, NOON, change

SALES = "Sales (orgweave 3f2a)"


def wrote(record: SafetyRecord, plan: str, before: str, name: Value, outcome: Outcome | None, rule: str = "") -> None:
    """One rename of the record 7 in a plan of its own, and how it ended."""
    told = {"op": "rename", "source_id": "7", "before": {"name": before}, "after": {"name": name}}
    record.add_plan(plan, f"sha256:{plan}", "r1", NOON, [change("c1", **told, rule=rule or "name_differs", reason="")])
    intent: Intent = replace(
        INTENT, plan_id=plan, op=Op.RENAME, source_id="7", payload={"name": name}, before={"name": before}
    )
    seq = record.begin(intent)
    if outcome is not None:
        record.end(seq, outcome, LATER)


def names(record: SafetyRecord) -> dict[tuple[str, str], str]:
    return record.temporary_names("amm", ["7", "8"])


@pytest.mark.parametrize("outcome", [Outcome.DONE, Outcome.ADOPTED, Outcome.NOT_DONE, Outcome.FAILED, None])
def test_a_temporary_name_is_ours_whatever_became_of_its_write(record: SafetyRecord, outcome: Outcome | None) -> None:
    wrote(record, "p2", "Sales", SALES, outcome, TEMPORARY)
    assert names(record) == {("7", SALES): "Sales"}
    assert record.temporary_names("hq", ["7"]) == {}
    assert record.temporary_names("amm", ["8"]) == {}


def test_a_record_that_got_its_own_name_has_no_temporary_one_any_more(record: SafetyRecord) -> None:
    wrote(record, "p2", "Sales", SALES, Outcome.DONE, TEMPORARY)
    wrote(record, "p3", SALES, "Support", Outcome.NOT_DONE)
    assert names(record) == {("7", SALES): "Sales"}
    wrote(record, "p4", SALES, "Support", Outcome.DONE)
    assert names(record) == {}


def test_the_name_before_a_second_temporary_one_is_the_one_before_the_first(record: SafetyRecord) -> None:
    wrote(record, "p2", "Sales", SALES, Outcome.DONE, TEMPORARY)
    wrote(record, "p3", SALES, "Sales (orgweave 0b1c)", Outcome.DONE, TEMPORARY)
    assert names(record)["7", "Sales (orgweave 0b1c)"] == "Sales"


def test_a_name_that_only_looks_like_one_is_a_name(record: SafetyRecord) -> None:
    wrote(record, "p2", "Sales", SALES, Outcome.DONE)
    assert names(record) == {}
