"""``plan --pick``: a part of the plan that was shown last, with all that it needs, sealed as a plan of its own."""

import difflib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mappings.parking import finals
from mappings.plan import Change, Status
from pipelines.errors import UsageError
from pipelines.planning import Planned, sealed
from pipelines.run import Run

FROM = "picked_from"  # the id of the plan that a picked one is a part of


def pick(run: Run, planned: Planned, words: Sequence[str]) -> Planned:
    """The changes of these ids, and those that they need, of a plan that is still the one that was shown.

    ``words``: ids, several in one word parted by commas. The changes keep their ids. Raises ``UsageError`` for an
    unknown id, one that is refused or held, for none, and where nothing was shown or it is not the same any more.
    """
    wanted = [word for word in re.split(r"[,\s]+", ",".join(words)) if word]
    if not wanted:
        raise UsageError("--pick names no change. What to do: name ids that orgweave plan shows, or leave it out")
    shown = _shown(run)
    if shown["changes"] != planned.document["changes"]:
        raise UsageError(
            f"what would be written is not what plan {shown['plan_id'][:8]} showed any more, so that its ids may mean "
            "other changes. What to do: orgweave plan, and pick of what that shows, with the same --to and --only"
        )
    changes = {change.id: change for change in planned.plan.changes}
    for word in wanted:
        _check(word, changes)
    kept = _with_needs(wanted, planned.plan.changes)
    if added := [one for one in kept if one not in wanted]:
        run.say(f"picked too, for the others need them: {', '.join(added)}")
    part = [change for change in planned.plan.changes if change.id in kept]
    return sealed(run, part, part_of=shown["plan_id"])


def _shown(run: Run) -> Mapping[str, Any]:
    """The plan that was shown last, as its document; a picked one stands for the one that it was picked of."""
    newest = run.safety.newest_plan()
    if newest is None:
        raise UsageError(
            "there is no plan to pick from yet. What to do: orgweave plan, then --pick of the ids that it shows"
        )
    found = _document(run, newest.plan_id)
    while FROM in found:
        found = _document(run, str(found[FROM]))
    return found


def _document(run: Run, plan_id: str) -> Mapping[str, Any]:
    path = run.config.workspace / "plans" / f"{plan_id}.json"
    try:
        found: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as fault:
        raise UsageError(f"{path}: cannot be read, so that nothing is picked. What to do: orgweave plan") from fault
    return found


def _check(word: str, changes: Mapping[str, Change]) -> None:
    """Raise ``UsageError`` for an id that cannot be picked."""
    change = changes.get(word)
    if change is None:
        raise UsageError(f"--pick {word}: there is no such change; {_near(word, changes)}. What to do: orgweave plan")
    if change.status != Status.READY:
        raise UsageError(f"--pick {word}: it is {change.status} ({change.rule}): {change.reason}")


def _near(word: str, changes: Iterable[str]) -> str:
    ids = list(changes)
    near = difflib.get_close_matches(word, ids, n=1, cutoff=0.0)
    return f"did you mean {near[0]}? The plan has {ids[0]} to {ids[-1]}" if near else "the plan has none"


def _with_needs(wanted: Iterable[str], changes: Sequence[Change]) -> dict[str, None]:
    """The ids and all that they need, in the plan's order; with a temporary name also what ends it."""
    needs = {change.id: change.depends_on for change in changes}
    last = finals(changes)
    kept: set[str] = set()
    rest = list(wanted)
    while rest:
        here = rest.pop()
        if here not in kept:
            kept.add(here)
            rest += [*needs[here], *([last[here]] if here in last else [])]
    return {change.id: None for change in changes if change.id in kept}
