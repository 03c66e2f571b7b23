"""Laws of the three-way merge: whatever people edit, in whatever order it is read."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.mappings.landed import AMM, HQ, UDESK
from tests.state.company import FIELDS, Company, departments

TREE = {"1": None, "2": "1", "3": "1", "4": "2", "5": None}
WORDS = st.sampled_from(["Sales", "Support", "客服", "A / B", "Ops"])
SLOW = settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a second each

Edit = tuple[str, str, str, str | None]


@st.composite
def edits(draw: st.DrawFn) -> list[Edit]:
    """What people change: (system, department, field, new value). A parent is a root, so that nobody makes a circle."""
    found: list[Edit] = []
    for _ in range(draw(st.integers(1, 6))):
        name, key = draw(st.sampled_from(sorted(FIELDS))), draw(st.sampled_from(sorted(TREE)))
        what = draw(st.sampled_from(FIELDS[name]))
        if what == "parent" and key in ("1", "5"):
            continue
        found.append((name, key, what, draw(st.sampled_from(["1", "5"]) if what == "parent" else WORDS)))
    return found


@contextmanager
def company(**more: Any) -> Iterator[Company]:
    """A company whose systems agree."""
    with TemporaryDirectory() as folder:
        found = Company(Path(folder), departments(TREE), **more)
        found.run()
        try:
            yield found
        finally:
            found.ground.__exit__(None, None, None)
            found.safety.close()


def one_editor(changes: list[Edit]) -> list[Edit]:
    """Of several changes of one field of one department the last, whoever made it: nobody contradicts anybody."""
    return list({(key, what): (name, key, what, value) for name, key, what, value in changes}.values())


@SLOW
@given(edits())
def test_edits_that_do_not_contradict_each_other_all_survive_everywhere(changes: list[Edit]) -> None:
    with company() as here:
        for name, key, what, value in one_editor(changes):
            here.edit(name, key, what, value)
        here.run()
        said = {(key, what): value for _, key, what, value in one_editor(changes)}
        told = {row[0].removeprefix("d"): row for row in here.golden()}
        for (key, what), value in said.items():
            shown = told[key][{"name": 1, "text": 2, "parent": 3}[what]]
            if what == "name":
                assert shown in (value, str(value).rpartition(" / ")[2])  # a flat system's path is read as one
            else:
                assert shown == (f"d{value}" if what == "parent" else value)
        assert here.run() == 0


@pytest.mark.long
@SLOW
@given(st.lists(edits(), min_size=1, max_size=3))
def test_a_name_that_is_not_read_again_would_be_read_as_before(rounds: list[list[Edit]]) -> None:
    with company() as here:
        for changes in rounds:
            for change in changes:
                here.edit(*change)
            here.run()
            assert here.names(anew=False) == here.names(anew=True)


@SLOW
@given(edits(), st.sampled_from(["authority", "newest"]))
def test_after_any_edits_two_runs_agree_and_a_third_finds_nothing(changes: list[Edit], rule: str) -> None:
    with company(on_conflict=rule) as here:
        for change in changes:
            here.edit(*change)
        here.run()
        here.run()
        model, bases = here.golden(), here.safety.bases()
        assert here.run() == 0
        assert (here.golden(), here.safety.bases()) == (model, bases)
        texts = {key: {here.systems[name][key]["text"] for name in (AMM, HQ)} for key in TREE}
        assert all(len(one) == 1 for one in texts.values())


@pytest.mark.long
@SLOW
@given(edits(), st.permutations([UDESK, AMM, HQ]))
def test_the_order_in_which_systems_are_read_makes_no_difference(changes: list[Edit], order: list[str]) -> None:
    models = []
    for one in (None, order):
        with company(**({"order": one} if one else {})) as here:
            for change in changes:
                here.edit(*change)
            here.run()
            models.append(here.golden())
    assert models[0] == models[1]


@pytest.mark.long
@SLOW
@given(edits())
def test_a_lost_working_database_changes_nothing_of_what_is_decided(changes: list[Edit]) -> None:
    models = []
    for lost in (False, True):
        with company() as here:
            for change in changes:
                here.edit(*change)
            if lost:
                here.forget()
            here.run()
            models.append((here.golden(), here.systems))
    assert models[0] == models[1]


@pytest.mark.long
@SLOW
@given(edits())
@example([(AMM, "1", "name", "Sales"), (AMM, "2", "name", "Sales"), (AMM, "4", "name", "Sales")])  # three below another
def test_with_hold_nothing_that_somebody_said_is_overwritten(changes: list[Edit]) -> None:
    with company(on_conflict="hold") as here:
        for change in changes:
            here.edit(*change)
        said = {(name, key, what): here.systems[name][key][what] for name, key, what, _ in changes}
        here.run()
        open_ = here.disputed()
        for (name, key, what), value in said.items():
            column = {"name": "name", "text": "description", "parent": "parent_id"}[what]
            if (f"d{key}", column) in open_:
                assert here.systems[name][key][what] == value
