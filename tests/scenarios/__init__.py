"""The cassettes' scenarios: played against a sandbox when recorded, against the cassette alone when replayed."""

from tests.scenarios import (
    nexudus,
    nexudus_access,
    nexudus_creates,
    nexudus_deletes,
    scalepad,
    scalepad_lists,
    udesk,
    udesk_refusals,
)
from tests.scenarios.stage import Scenario

SCENARIOS: tuple[Scenario, ...] = tuple(
    scenario
    for module in (
        udesk,
        udesk_refusals,
        scalepad,
        scalepad_lists,
        nexudus,
        nexudus_creates,
        nexudus_access,
        nexudus_deletes,
    )
    for scenario in module.SCENES.scenarios
)
"""All of them, by vendor and name."""
