"""The whole command, killed once; ``make simulate PART=whole`` kills it at every step."""

from tests.pipelines.rig import DEPARTMENTS
from tests.simulate.loads import killed_loads
from tests.simulate.whole import killed_everywhere


def test_the_whole_command_killed_at_a_step_is_finished_by_the_next() -> None:
    found = killed_everywhere(0.0, 5, rules=DEPARTMENTS.replace(', "hq"', ""), calms=1)
    assert (found.tried, found.violations) == (1, [])


def test_a_load_that_was_killed_at_a_file_does_not_stop_the_next() -> None:
    found = killed_loads(0.0, 5, loads=("first",))
    assert (found.tried, found.violations) == (1, [])
