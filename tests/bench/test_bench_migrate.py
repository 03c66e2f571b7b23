"""The benchmark of migrations, small: sixty departments, moved and killed on the way, are complete without a twin."""

import argparse

from tests.bench.migrate import Moved, move, page

TOLD = argparse.Namespace(size=60, kills=1, seed=6)


def test_a_move_that_is_killed_on_the_way_is_complete_without_a_twin_and_with_green_parity() -> None:
    moved = move(TOLD, "second")
    assert (moved.missing, moved.twins, moved.parity, moved.again) == (0, 0, True, 0)
    assert moved.calls <= 60 + 8 * moved.runs  # at this size the lists are what counts


def test_a_twin_or_a_call_too_many_is_told_as_missed() -> None:
    sound = Moved("amm", 100, 103, 10, 12, 0, 0, parity=True, again=0, seconds=1.0)
    costly = Moved("amm", 100, 104, 10, 12, 0, 0, parity=True, again=0, seconds=1.0)
    doubled = Moved("hq", 100, 103, 10, 12, 1, 0, parity=True, again=0, seconds=1.0)
    assert (sound.sound, costly.sound, doubled.sound) == (True, False, False)
    assert page(TOLD, [sound]).count("reached") == 2
    assert page(TOLD, [costly]).count("missed") == 1
