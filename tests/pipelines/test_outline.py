"""A plan as lines, in a terminal and as Markdown: names for ids, and nothing in a name is obeyed."""

import re
from collections.abc import Mapping

from mappings.model import Entity, Op, Value
from mappings.plan import Change, Status
from pipelines.markdown import escaped
from pipelines.outline import MOST, outline

PATHS = {
    "eu": ("Europe",),
    "sup": ("Europe", "Support"),
    "t1": ("Europe", "Support", "Tier 1"),
    "as": ("Asia",),
}


def change(number: int, op: Op, key: str, after: Mapping[str, Value], **more: object) -> Change:
    told: dict[str, object] = {"status": Status.READY, "before": None, "rule": "r", "reason": "why", **more}
    return Change(
        id=f"c{number}",
        connection="amm",
        entity=Entity.DEPARTMENT,
        op=op,
        canonical_id=key,
        source_id=None,
        after=after,
        depends_on=(),
        **told,  # type: ignore[arg-type] # as a test tells them
    )


def lines(*changes: Change) -> list[str]:
    """Each line as a person sees it: indented, with its sign."""
    [group] = outline(changes, PATHS)
    return [f"{'  ' * line.depth}{line.sign or '.'} {line.text}" for line in group.lines]


def test_only_branches_with_changes_are_shown_with_the_names_above_them() -> None:
    found = lines(
        change(1, Op.CREATE, "t1", {"name": "Tier 1", "parent_id": "sup"}),
        change(2, Op.RENAME, "as", {"name": "Asia"}, before={"name": "APAC"}),
    )
    assert found == ["~ APAC → Asia", ". Europe", "  . Support", "    + Tier 1"]


def test_a_parent_is_told_by_its_path_and_never_by_its_id() -> None:
    moved = change(1, Op.MOVE, "t1", {"parent_id": "as"}, before={"parent_id": "sup"})
    loose = change(2, Op.MOVE, "sup", {"parent_id": None}, before={"parent_id": "unlinked:7"})
    assert lines(moved, loose) == [
        ". Europe",
        "  > Support: parent: (id 7, not linked) → (top level)",
        "    > Tier 1: parent: Europe / Support → Asia",
    ]


def test_what_will_not_be_done_has_a_sign_of_its_own_and_says_why() -> None:
    [group] = outline(
        [change(1, Op.DELETE, "eu", {}, status=Status.REFUSED, before={"name": "Europe"}, rule="not_empty")], PATHS
    )
    [line] = group.lines
    assert (line.sign, line.text, line.why) == ("!", "Europe", "refused, not_empty: why")


def test_a_temporary_name_is_shown_before_the_name_that_it_makes_room_for() -> None:
    first = change(
        1, Op.RENAME, "eu", {"name": "Europe (orgweave 1a2b)"}, before={"name": "Asia"}, rule="temporary_name"
    )
    second = change(2, Op.RENAME, "eu", {"name": "Europe"}, before={"name": "Europe (orgweave 1a2b)"})
    assert lines(first, second) == ["~ Asia → Europe (orgweave 1a2b)", "~ Europe (orgweave 1a2b) → Europe"]


def test_of_a_big_plan_the_first_are_shown_what_is_refused_among_them_and_the_rest_is_counted() -> None:
    many = [change(number, Op.CREATE, f"k{number}", {"name": f"Unit {number}"}) for number in range(3 * MOST)]
    refused = change(999, Op.CREATE, "no", {"name": "No"}, status=Status.REFUSED, rule="name_taken")
    [group] = outline([*many, refused], {})
    assert len(group.lines) == MOST
    assert any(line.change == refused for line in group.lines)
    assert group.rest == f"{2 * MOST + 1} more: {2 * MOST + 1} to create"
    assert group.counts == f"{3 * MOST} to create, 1 refused"


def test_in_markdown_a_name_stays_a_name() -> None:
    evil = "a|b [x](http://e.test) <script> @boss #12 `c` *d* www.e.test \n# h \u202eevil"
    safe = escaped(evil)
    assert not re.search(r"(?<!\\)[|\[\]()<>#`*@]", safe)
    assert "\n" not in safe
    assert "U+000A" in safe
    assert "U+202E" in safe
    assert not re.search(r"@\w|#\w|http:|www\.", safe)
