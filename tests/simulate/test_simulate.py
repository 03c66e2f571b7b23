"""A short slice of the simulation; ``make simulate`` goes on for as long as it is asked to."""

import gc
from collections.abc import Iterator
from pathlib import Path
from random import Random

import httpx
import pytest

from sources.twin import TwinReply, TwinRequest
from tests.simulate.faults import Kind, Weather, answered
from tests.simulate.lives import live
from tests.simulate.planted import catalogue, named
from tests.simulate.points import PLANS, SMALL, THIRTY, points
from tests.simulate.queries import minded
from tests.simulate.runner import lived

QUICK = ("blind_retry", "no_settling", "no_look_before_rename", "put_only_changes")
"""Planted faults that most seeds in a hundred find out."""


@pytest.fixture(autouse=True)
def _mind() -> Iterator[None]:
    """The planner asks minds, and nobody looks for garbage among small worlds."""
    gc.disable()
    with minded():
        yield
    gc.enable()


@pytest.mark.parametrize("first", range(0, 45, 15))
def test_hostile_worlds_end_well(first: int, tmp_path: Path) -> None:
    assert [text for seed in range(first, first + 15) for text in live(seed, tmp_path).violations] == []


def test_a_seed_replays_step_by_step(tmp_path: Path) -> None:
    traces = [live(7, tmp_path / str(number), verbose=True).trace for number in range(2)]
    assert traces[0] == traces[1]
    assert len(traces[0]) > 50


@pytest.mark.parametrize("plan", range(len(PLANS)))
def test_a_plan_that_is_cut_off_anywhere_is_finished_without_twins(plan: int, tmp_path: Path) -> None:
    found = points(PLANS[plan], plan, tmp_path, every=19, size=SMALL)
    assert (found.violations, found.left, found.tried > 3) == ([], 0, True)


def test_the_plan_for_crash_points_has_thirty_changes() -> None:
    assert THIRTY.creates + THIRTY.renames + 2 * THIRTY.swaps == 30


@pytest.mark.parametrize("name", QUICK)
def test_a_planted_fault_is_found_out(name: str, tmp_path: Path) -> None:
    with named(name).switched_on():
        assert any(lived(seed, tmp_path).violations for seed in range(100))


def test_planted_faults_are_taken_out_again() -> None:
    for one in catalogue():
        before = [vars(owner).get(name) for owner, name, _ in one.swaps]
        with one.switched_on():
            assert all(
                vars(owner).get(name) is not was for (owner, name, _), was in zip(one.swaps, before, strict=True)
            )
        assert [vars(owner).get(name) for owner, name, _ in one.swaps] == before
    assert len(catalogue()) >= 30
    assert len({one.name for one in catalogue()}) == len(catalogue())


def test_every_kind_of_fault_can_strike() -> None:
    request = TwinRequest("POST", "/clients/x/departments", body=b"{}")
    for kind in set(Kind) - {Kind.LATE, Kind.STALE}:
        rng = Random(1)  # noqa: S311 - a replay must draw the same
        weather = Weather(rng, (kind,), 1.0, 1)
        get = TwinRequest("GET", "/clients/x/departments")
        assert kind in (weather.strike(request), weather.strike(get))
        try:
            reply = answered(kind, "scalepad", get, lambda _request: TwinReply.of(200, {"data": [{}, {}]}), rng)
        except httpx.HTTPError:
            continue
        assert reply.body != TwinReply.of(200, {"data": [{}, {}]}).body
