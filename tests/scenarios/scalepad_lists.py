"""ScalePad AMM: lists by cursor, whole in spite of what happens between two pages."""

from collections.abc import Callable
from functools import partial

from mappings.model import Entity
from sources.scalepad.sandbox import ScalePadTwin
from sources.twin import TwinReply, TwinRequest
from tests.clock import FakeClock
from tests.scenarios.scalepad import NAMES, PATH, filled, firm, key, plant
from tests.scenarios.stage import SECRETS, Scenes, Stage, read_all, summary

D = Entity.DEPARTMENT
SCENES = Scenes("scalepad")
LISTED = {
    "rows": {key(number): (name, f"About {name}", 0) for number, name in enumerate(NAMES, 1)},
    "declared": 5,
    "ends": "next_cursor null",
    "complete": True,
}


@SCENES.add(filled, calls=3, seen={**LISTED, "pages": 3})
def list_by_cursor(stage: Stage) -> object:
    """Three pages by cursor hold every department once, and the last one's null cursor ends them."""
    return summary(read_all(stage, "scalepad", D, 2), "name", "description", "member_count")


@SCENES.add(filled, calls=1, seen={**LISTED, "pages": 1})
def list_in_one_page(stage: Stage) -> object:
    """One page holds the same."""
    return summary(read_all(stage, "scalepad", D, 500), "name", "description", "member_count")


@SCENES.add(partial(filled, next_cursor="absent"), calls=2, seen={**LISTED, "pages": 2, "ends": "next_cursor missing"})
def list_without_last_cursor(stage: Stage) -> object:
    """A last page without the key next_cursor ends the list as well, where the declared total agrees."""
    return summary(read_all(stage, "scalepad", D, 3), "name", "description", "member_count")


@SCENES.add(firm, calls=1, seen={**LISTED, "rows": {}, "declared": 0, "pages": 1})
def list_empty(stage: Stage) -> object:
    """A client without departments is a complete read of nothing."""
    return summary(read_all(stage, "scalepad", D, 500), "name")


def shifting(clock: FakeClock) -> ScalePadTwin:
    """A client whose oldest department is deleted after the first page of a list."""
    twin = firm(clock)
    for name in ("Short-lived", *NAMES):
        twin.add_department(name, f"About {name}")
    proof = {"authorization": f"Bearer {SECRETS['scalepad']['token']}"}
    deletion = TwinRequest("DELETE", f"/v2{PATH}/{key(1)}", headers=proof)

    def delete_first(_request: TwinRequest, execute: Callable[[TwinRequest], TwinReply]) -> None:
        execute(deletion)

    twin.faults.extend([lambda _request, _execute: None, delete_first])
    return twin


@SCENES.add(
    shifting,
    calls=5,
    seen=({**LISTED, "rows": {key(number): (name,) for number, name in enumerate(NAMES, 2)}, "pages": 3}, 2),
)
def list_while_rows_shift(stage: Stage) -> object:
    """A department that is deleted between two pages shifts the rest; a second walk finds the whole."""
    found = read_all(stage, "scalepad", D, 2)
    return summary(found, "name"), found.receipt.walks


@SCENES.add(filled, calls=3, seen=({**LISTED, "pages": 2}, 1))
def list_after_500(stage: Stage) -> object:
    """A 500 in the middle of a list is asked again, and nothing is missing."""
    stage.meanwhile(plant(TwinReply.of(500, {"error": {"code": "internal_error", "message": "x"}}), before=1))
    found = read_all(stage, "scalepad", D, 3)
    return summary(found, "name", "description", "member_count"), found.receipt.retries
