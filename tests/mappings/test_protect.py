"""What an operator forbids is refused, whatever the operation: protected records, accounts never written to."""

from dataclasses import replace

import pytest

from mappings.card import Cost, NameScope
from mappings.missing import Dropped, missing
from mappings.model import Golden, Op, Value
from mappings.naming import Naming, fold
from mappings.order import settle
from mappings.parking import TEMPORARY
from mappings.plan import Change, Status
from mappings.refusal import checked
from mappings.target import Target
from tests.mappings.samples import AMM, DEPARTMENT, book, flat_card, golden, planned, policy, shadow, target, tree_card

EVERY = dict.fromkeys(Op, Cost(1))
CARD = replace(tree_card(NameScope.PARENT), costs=EVERY, carries=frozenset({"name", "parent_id", "description"}))
CHANGING = [op for op in Op if op != Op.CREATE]


def asked(op: Op, at: Target, record: Golden) -> Change:
    after: dict[Op, dict[str, Value]] = {
        Op.RENAME: {"name": "Law"},
        Op.UPDATE: {"description": "new"},
        Op.MOVE: {"parent_id": None},
    }
    key = record.canonical_id
    return Change(
        *(f"{AMM}:{op}:d", AMM, DEPARTMENT, op, Status.READY, key, at.here[key]),
        before={"name": "Legal"},
        after=after.get(op, {}),
        depends_on=(),
        rule="rule",
        reason="reason",
    )


@pytest.mark.parametrize("op", CHANGING)
@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        pytest.param("Legal", "Legal", id="as both say"),
        pytest.param("Law", "LEGAL ", id="as the target says"),
        pytest.param("legal", "Law", id="as we say"),
        pytest.param("Law", "Europe / Legal", id="qualified by its parent"),
    ],
)
def test_a_protected_record_is_not_changed_in_any_way(op: Op, ours: str, theirs: str) -> None:
    record = golden("d", ours)
    at = target(CARD, [shadow("1", theirs, parent_id=None)], {"d": "1"})
    rules = policy(protected=frozenset({fold("Legal")}))
    assert checked(asked(op, at, record), record, at, rules).rule == "protected"
    assert checked(asked(op, at, record), record, at, policy()).status == Status.READY


def test_nothing_is_renamed_to_a_protected_name_and_a_new_record_may_have_it() -> None:
    at = target(flat_card(), [shadow("1", "Law")], {"d": "1"})
    rules = policy(protected=frozenset({fold("Legal")}))
    [rename] = planned(book(golden("d", "Legal")), at, rules)
    assert rename.rule == "protected"
    [create] = planned(book(golden("d", "Legal")), target(flat_card()), rules)
    assert create.status == Status.READY


@pytest.mark.parametrize("op", list(Op))
def test_an_account_with_apply_disabled_is_not_changed_in_any_way(op: Op) -> None:
    record = golden("d", "Sales")
    at = target(CARD, [shadow("1", "Legal", parent_id=None)], {"d": "1"})
    rules = policy(apply_disabled=frozenset({AMM}))
    draft = replace(asked(op, at, record), after={"name": "New"}) if op == Op.CREATE else asked(op, at, record)
    assert checked(draft, record, at, rules).rule == "apply_disabled"


@pytest.mark.parametrize("op", [Op.DELETE, Op.DEACTIVATE])
def test_a_protected_record_that_every_authority_dropped_stays_and_so_does_its_parent(op: Op) -> None:
    there = [shadow("1", "Europe", parent_id=None), shadow("2", "Legal", parent_id="1")]
    at = target(CARD, there, {"e": "1", "l": "2"})
    records = book(golden("e", "Europe"), golden("l", "Legal", "e"))
    agreed = dict.fromkeys(records, ("name", "parent_id"))
    dropped = Dropped(op, records, dict.fromkeys(records, ("udesk_cn",)), agreed, {"1": [("2", "Legal")]})
    drafts = missing(dropped, at, policy(protected=frozenset({fold("Legal")})))
    rules = {one.canonical_id: one.rule for one in settle(drafts, at) if one.status == Status.REFUSED}
    assert rules == ({"l": "protected", "e": "not_empty"} if op == Op.DELETE else {"l": "protected"})


def test_no_temporary_name_is_given_where_a_record_of_the_circle_is_protected() -> None:
    at = target(
        flat_card(), [shadow("1", "Legal"), shadow("2", "Sales"), shadow("3", "Ops")], {"a": "1", "b": "2", "c": "3"}
    )
    records = book(golden("a", "Sales"), golden("b", "Ops"), golden("c", "Legal"))
    changes = planned(records, at, policy(protected=frozenset({fold("Sales")})), naming=Naming.LEAF)
    assert {one.status for one in changes} == {Status.REFUSED}
    assert TEMPORARY not in {one.rule for one in changes}
