"""Made-up departments, targets and cards, and trees for the laws."""

from collections.abc import Iterable, Mapping, Sequence

from hypothesis import strategies as st

from mappings.card import Cost, EntityCard, NameScope
from mappings.diff import diff
from mappings.model import Entity, Golden, Op, Ref, Shadow, Value
from mappings.naming import Names, Naming, Node, fold, name_all
from mappings.order import number, settle
from mappings.plan import Change, Status
from mappings.target import Policy, Target

UDESK, AMM = "udesk_cn", "amm"
DEPARTMENT = Entity.DEPARTMENT
COSTS = {Op.CREATE: Cost(1), Op.RENAME: Cost(2), Op.UPDATE: Cost(2)}


def flat_card(scope: NameScope = NameScope.COMPANY, *, name_max: int | None = None) -> EntityCard:
    held = frozenset({"name", "description"})
    return EntityCard(held, held, held, COSTS, name_scope=scope, name_max=name_max, required={"name": None})


def tree_card(scope: NameScope = NameScope.COMPANY, *, name_max: int | None = None) -> EntityCard:
    held = frozenset({"name", "parent_id"})
    refusals = {Op.MOVE: ("vendor_cannot_move", "move it by hand")}
    return EntityCard(
        held,
        held,
        frozenset({"name"}),
        {Op.CREATE: Cost(1), Op.RENAME: Cost(1)},
        tree=True,
        name_scope=scope,
        name_max=name_max,
        required={"name": None},
        refusals=refusals,
    )


def golden(key: str, name: str, parent: str | None = None, *, origin: str = UDESK, **more: Value) -> Golden:
    """A department all of whose told fields survive from ``origin``; it carries a description only where told."""
    values: dict[str, Value] = {"name": name, "parent_id": parent, **more}
    return Golden(DEPARTMENT, key, {"description": None, **values}, dict.fromkeys(values, origin))


def nodes(records: Mapping[str, Golden]) -> dict[str, Node]:
    """The places of the records."""
    parents = {key: one.values.get("parent_id") for key, one in records.items()}
    return {key: Node(one.name, str(parents[key]) if parents[key] else None) for key, one in records.items()}


def named(records: Mapping[str, Golden], naming: Naming = Naming.QUALIFY) -> Names:
    """The names of those that live."""
    return name_all(nodes({key: one for key, one in records.items() if one.active}), naming)


def book(*records: Golden) -> dict[str, Golden]:
    return {record.canonical_id: record for record in records}


def shadow(source_id: str, name: str, connection: str = AMM, *, active: bool = True, **more: Value) -> Shadow:
    """A remote department that carries its name and what is told besides."""
    return Shadow(Ref(connection, DEPARTMENT, source_id), {"name": name, **more}, active=active)


def target(
    card: EntityCard,
    shadows: Iterable[Shadow] = (),
    links: Mapping[str, str] | None = None,
    *,
    disputed: Mapping[str, str] | None = None,
    uncertain: Iterable[str] = (),
) -> Target:
    """AMM as a target; ``links``: canonical id → source id there."""
    here = dict(links or {})
    there = list(shadows)
    back = {source_id: key for key, source_id in here.items()}
    above = {one.ref.source_id: one.values.get("parent_id") for one in there}
    return Target(
        connection=AMM,
        entity=DEPARTMENT,
        card=card,
        shadows={one.ref.source_id: one for one in there},
        taken=[
            (key, fold(one.name), back.get(str(above[key]), f"unlinked:{above[key]}") if above[key] else None)
            for one in there
            if one.active
            for key in [one.ref.source_id]
        ],
        links={AMM: here, UDESK: {}},
        back=back,
        people={},
        disputed=disputed or {},
        uncertain=frozenset(uncertain),
    )


def policy(*authority: str, **more: frozenset[str]) -> Policy:
    return Policy(authority or (UDESK,), **more)


def drafted(
    records: Mapping[str, Golden], at: Target, rules: Policy | None = None, *, naming: Naming = Naming.QUALIFY
) -> list[Change]:
    """The changes of one target in their order."""
    return settle(list(diff(records, named(records, naming), at, rules or policy())), at)


def planned(
    records: Mapping[str, Golden], at: Target, rules: Policy | None = None, *, naming: Naming = Naming.QUALIFY
) -> tuple[Change, ...]:
    """The same, numbered."""
    return number(drafted(records, at, rules, naming=naming))


def told(changes: Sequence[Change]) -> list[tuple[str, str, str, Value]]:
    """(op, canonical id, rule or "ready", new name): what a case compares."""
    return [
        (one.op.value, one.canonical_id, "ready" if one.status == Status.READY else one.rule, one.after.get("name"))
        for one in changes
    ]


NAMES = ("A", "a", "B", "A / B", "客服")


@st.composite
def trees(draw: st.DrawFn, names: Sequence[str] = NAMES, size: int = 12) -> dict[str, Golden]:
    """Departments with few names, so that many are namesakes; every parent is there and above."""
    count = draw(st.integers(0, size))
    found: dict[str, Golden] = {}
    for key in [f"d{one}" for one in range(count)]:
        parent = draw(st.none() | st.sampled_from(sorted(found))) if found else None
        found[key] = golden(key, draw(st.sampled_from(names)), parent)
    return dict(draw(st.permutations(list(found.items()))))
