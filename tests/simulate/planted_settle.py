"""Planted faults of settling: what becomes of a write that has no answer."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from mappings.model import NAME_FIELD, Op
from pipelines import settle
from state.bases import Bases
from state.journal import Journal
from tests.simulate import world
from tests.simulate.knowledge import Knowledge
from tests.simulate.planted import Planted, always, instead
from tests.state import company

Real = Callable[..., Any]


def _no_renames(real: Real) -> Real:
    """Renames without an answer are not looked for."""
    return lambda self: [one for one in real(self) if one.intent.op == Op.CREATE]


def _by_todays_name(real: Real) -> Real:
    """A create is looked for by the name that the record should have today."""

    def settle_unknown(run: Any) -> None:
        known = run.safety.open_intents

        def renamed() -> list[Any]:
            found = []
            for one in known():
                golden = run.working.golden.get((one.intent.entity, one.intent.canonical_id))
                name = NAME_FIELD[one.intent.entity]
                if one.intent.op == Op.CREATE and golden is not None:
                    wish = run.working.flat.get(golden.canonical_id, golden.name) if golden.active else golden.name
                    intent = replace(one.intent, payload={**one.intent.payload, name: wish})
                    found.append(replace(one, intent=intent))
                else:
                    found.append(one)
            return found

        run.safety.open_intents = renamed
        try:
            real(run)
        finally:
            del run.safety.open_intents

    return settle_unknown


def _any_newcomer(_real: Real) -> Real:
    """Whatever is new since the create began is what it made."""

    def created(intent: Any, there: Mapping[str, Any], taken: Any) -> Any:
        new = [one for key, one in there.items() if one.active and key not in intent.visible and key not in taken]
        return new[0] if new else None

    return created


def _nothing_visible(real: Real) -> Real:
    return lambda intent, there, taken: real(replace(intent, visible=()), there, taken)


FAULTS = (
    Planted("no_settling", "open writes are never looked for", ((settle, "settle_unknown", always(None)),)),
    Planted(
        "renames_not_journalled",
        "only creates are journalled",
        ((Journal, "open_intents", _no_renames),),
        direct="tests/pipelines/test_unknown_writes.py::test_a_rename_that_never_took_effect_is_held_and_then_sent_once",
    ),
    Planted(
        "settle_0_one_read",
        "no settle time, one read",
        ((world, "SETTLE", instead(timedelta(0))), (settle, "ABSENT_READS", instead(1))),
        direct="tests/simulate/test_defences.py::test_a_create_that_is_executed_a_minute_late_gets_no_twin",
    ),
    Planted(
        "settle_10s",
        "a settle time of 10 s",
        ((world, "SETTLE", instead(timedelta(seconds=10))),),
        direct="tests/simulate/test_defences.py::test_a_create_that_is_executed_a_minute_late_gets_no_twin",
    ),
    Planted(
        "one_absent_read",
        "one whole read is enough for absence",
        ((settle, "ABSENT_READS", instead(1)),),
        direct="tests/simulate/test_defences.py::test_one_whole_read_after_the_settle_time_is_not_enough",
    ),
    Planted(
        "adopt_todays_name",
        "adopted by today's name",
        ((settle, "settle_unknown", _by_todays_name),),
        direct="tests/simulate/test_defences.py::test_a_lost_create_is_adopted_by_the_name_that_was_sent_whatever_it_should_be_called_today",
    ),
    Planted(
        "adopt_any_parent",
        "adopted whatever its parent",
        ((settle, "_same_parent", always(1)),),
        direct="tests/simulate/test_defences.py::test_a_record_below_another_parent_is_not_what_a_create_made",
    ),
    Planted("adopt_any_newcomer", "adopted whatever is new", ((settle, "_created", _any_newcomer),)),
    Planted(
        "adopt_what_was_visible",
        "adopted although it was there before",
        ((settle, "_created", _nothing_visible),),
        direct="tests/simulate/test_defences.py::test_what_was_there_before_a_create_is_not_what_it_made",
    ),
    Planted(
        "writes_are_words",
        "what we wrote counts as agreed on",
        ((Bases, "_kind", always(0)),),
        direct="tests/state/test_journal.py::test_a_write_that_only_tells_an_edit_by_its_path_leaves_it_an_edit",
    ),
    Planted(
        "shadows_older_than_writes",
        "what was read before a write counts as said after it",
        ((Knowledge, "take_written", always(None)), (company, "take_written", always(None))),
        direct="tests/state/test_agreeing.py::test_what_we_wrote_and_nobody_read_since_is_no_edit_of_that_system",
    ),
)
