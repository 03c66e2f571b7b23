"""Records and what must become of them at a target: the cases of test_diff.py, as data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from mappings.card import EntityCard
from mappings.model import Golden, Op, Shadow, Value
from mappings.target import Policy
from tests.mappings.samples import AMM, COSTS, UDESK, flat_card, golden, policy, shadow, tree_card

FLAT, TREE = flat_card(), tree_card()


@dataclass(frozen=True)
class Case:
    """One golden record ``g``, its copy ``7`` at the target if any, and the changes as (op, rule, before, after)."""

    id: str
    record: Golden
    there: Shadow | None
    wanted: Sequence[tuple[str, str, Mapping[str, Value] | None, Mapping[str, Value]]]
    card: EntityCard = FLAT
    rules: Policy = policy()  # noqa: RUF009 - frozen


SUPPORT = golden("g", "Support", description="Helps")
LONG = "客🧡" * 128
CASES = [
    Case("nothing differs", SUPPORT, shadow("7", "Support", description="Helps"), []),
    Case("spelling that vendors normalise", golden("g", "Cafe\u0301"), shadow("7", " Café "), []),
    Case("missing", SUPPORT, None, [("create", "ready", None, {"name": "Support", "description": "Helps"})]),
    Case(
        "an empty field is not written",
        golden("g", "A", description=None),
        None,
        [("create", "ready", None, {"name": "A"})],
    ),
    Case(
        "another name",
        SUPPORT,
        shadow("7", "Help", description="Helps"),
        [("rename", "ready", {"name": "Help"}, {"name": "Support"})],
    ),
    Case(
        "a temporary name that was left behind at the account whose name counts",
        golden("g", "Support", origin=AMM),
        shadow("7", "Support (orgweave 04fd)"),
        [("rename", "ready", {"name": "Support (orgweave 04fd)"}, {"name": "Support"})],
        rules=policy(UDESK, AMM),
    ),
    Case(
        "another case of the name",
        SUPPORT,
        shadow("7", "support", description="Helps"),
        [("rename", "ready", {"name": "support"}, {"name": "Support"})],
    ),
    Case(
        "name and description are one update",
        SUPPORT,
        shadow("7", "Help", description=None),
        [("update", "ready", {"name": "Help", "description": None}, {"name": "Support", "description": "Helps"})],
    ),
    Case(
        "a field that an authority emptied",
        golden("g", "Support", description=None),
        shadow("7", "Support", description="Old"),
        [("update", "ready", {"description": "Old"}, {"description": None})],
    ),
    Case("a field that the target does not tell", SUPPORT, shadow("7", "Support"), []),
    Case(
        "a field that the authority does not carry",
        golden("g", "Support"),
        shadow("7", "Support", description="Theirs"),
        [],
    ),
    Case(
        "a value that is the target's own",
        replace(SUPPORT, origin={"name": UDESK, "description": AMM}),
        shadow("7", "Support", description="x"),
        [],
        rules=Policy((UDESK, AMM)),
    ),
    Case(
        "a name that is the target's own",
        golden("g", "Support", origin=AMM),
        shadow("7", "Help"),
        [],
        rules=Policy((AMM,)),
    ),
    Case(
        "a value of no authority",
        replace(SUPPORT, origin={"name": UDESK, "description": "hq"}),
        shadow("7", "Support", description="x"),
        [],
    ),
    Case(
        "a value of no authority in a create",
        replace(SUPPORT, origin={"name": UDESK, "description": "hq"}),
        None,
        [("create", "ready", None, {"name": "Support"})],
    ),
    Case("a record of no authority", golden("g", "Support", origin="hq"), None, []),
    Case("a record that is gone everywhere", replace(SUPPORT, active=False), None, []),
    Case(
        "gone at the target",
        SUPPORT,
        shadow("7", "Support", active=False),
        [("create", "gone_at_target", None, {"name": "Support", "description": "Helps"})],
    ),
    Case(
        "a move",
        golden("g", "Support", None),
        shadow("7", "Support", parent_id="1"),
        [("move", "vendor_cannot_move", {"parent_id": "unlinked:1"}, {"parent_id": None})],
        TREE,
    ),
    Case(
        "a move and a rename",
        golden("g", "Support"),
        shadow("7", "Help", parent_id="1"),
        [
            ("rename", "ready", {"name": "Help"}, {"name": "Support"}),
            ("move", "vendor_cannot_move", {"parent_id": "unlinked:1"}, {"parent_id": None}),
        ],
        TREE,
    ),
    Case(
        "255 characters fit",
        golden("g", LONG[:255]),
        None,
        [("create", "ready", None, {"name": LONG[:255]})],
        flat_card(name_max=255),
    ),
    Case(
        "256 characters do not",
        golden("g", LONG),
        None,
        [("create", "name_too_long", None, {"name": LONG})],
        flat_card(name_max=255),
    ),
    Case(
        "a required field without a stand-in",
        golden("g", "A"),
        None,
        [("create", "missing_required_field", None, {"name": "A"})],
        replace(FLAT, required={"name": None, "description": None}),
    ),
    Case(
        "a required field with one",
        golden("g", "A"),
        None,
        [("create", "ready", None, {"name": "A", "description": "A"})],
        replace(FLAT, required={"description": "{name}"}),
    ),
    Case(
        "a required field that is known",
        SUPPORT,
        None,
        [("create", "ready", None, {"name": "Support", "description": "Helps"})],
        replace(FLAT, required={"description": "{name}"}),
    ),
    Case("a blank name", golden("g", "\u200b "), None, [("create", "name_not_writable", None, {"name": "\u200b "})]),
    Case(
        "a control character", golden("g", "A\x00B"), None, [("create", "name_not_writable", None, {"name": "A\x00B"})]
    ),
    Case(
        "half a character",
        golden("g", "A\ud800"),
        shadow("7", "A"),
        [("rename", "name_not_writable", {"name": "A"}, {"name": "A\ud800"})],
    ),
    Case(
        "a connection that is never written to",
        SUPPORT,
        None,
        [("create", "apply_disabled", None, {"name": "Support", "description": "Helps"})],
        rules=policy(apply_disabled=frozenset({AMM})),
    ),
    Case(
        "an operation that the vendor lacks",
        SUPPORT,
        shadow("7", "Help", description="Helps"),
        [("rename", "vendor_cannot_rename", {"name": "Help"}, {"name": "Support"})],
        replace(FLAT, costs={Op.CREATE: COSTS[Op.CREATE]}),
    ),
]
