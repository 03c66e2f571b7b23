"""Planted faults of writing: the journal, the look before a write, what has no answer."""

from collections.abc import Callable
from typing import Any

from mappings.model import Entity, Ref
from pipelines import applying, verbs, writing
from pipelines.lanes import Lanes
from pipelines.roster import Roster
from sources.errors import Rejected, Unavailable, Unknown
from sources.http import Wire
from sources.nexudus import client as nexudus
from sources.scalepad import client as scalepad
from state.journal import Journal
from state.safety import Outcome
from tests.simulate.planted import Planted, always, instead
from tests.simulate.world import World

Real = Callable[..., Any]


def _refused(real: Real) -> Real:
    """What has no answer counts as refused."""

    def exchange(self: Wire, *words: Any) -> Any:
        try:
            return real(self, *words)
        except Unknown as fault:
            raise Rejected(str(fault)) from fault

    return exchange


def _not_durable(real: Real) -> Real:
    """What was begun is not on the disk yet when the process dies."""

    def reopen(self: World) -> None:
        real(self)
        self.safety._db.execute("DELETE FROM intents WHERE outcome IS NULL")

    return reopen


def _apart(what: str) -> Callable[[Real], Real]:
    """The link, or what was agreed, goes in after the end and not with it."""

    def make(real: Real) -> Real:
        def end(self: Journal, seq: int, outcome: Outcome, at: Any, **named: Any) -> None:
            late = named.pop(what, None)
            source_id = named.get("source_id")
            rows = self._rows("SELECT run_id, connection, entity FROM intents WHERE seq = ?", (seq,))
            real(self, seq, outcome, at, **named)
            _LATER.append((what, late, source_id, rows[0] if rows else None, at))

        return end

    return make


_LATER: list[tuple[Any, ...]] = []


def _then(real: Real) -> Real:
    """After the commit of the ends a second one, of what was put off."""

    def note(self: Any, *words: Any) -> None:
        _LATER.clear()
        real(self, *words)
        safety = self.run.safety
        for what, late, source_id, row, at in _LATER:
            if late and what == "link":
                safety.add_links([late], row[0], at)
            elif late and source_id:
                safety.agree({Ref(row[1], Entity(row[2]), source_id): late}, row[0], at)
        _LATER.clear()

    return note


def _anything_goes(real: Real) -> Real:
    def accept(reply: Any, expected: int, client_id: str) -> Any:
        if reply.status in (200, 201, 204) and not reply.body.startswith(b"{"):
            return {"id": "made", "name": ""}
        return real(reply, expected, client_id)

    return accept


def _done_anyway(real: Real) -> Real:
    return lambda self, change, **_: real(self, change, done=True)


def _only_what_changed(_real: Real) -> Real:
    from sources.nexudus.records import vendor_fields

    def body(resource: Any, seen: Any, values: Any) -> dict[str, Any]:
        kept = {name: seen.record[name] for name in ("Id", "BusinessId", "Name", "Description") if name in seen.record}
        return {**kept, **vendor_fields(resource, values)}

    return body


def _without_a_look(real: Real) -> Real:
    """What the last list told is taken for what is there now."""

    def steps(self: Any, client: Any, change: Any, payload: Any, roster: Any) -> Any:
        return real(self, _Remembering(client, change), change, payload, roster)

    return steps


class _Remembering:
    def __init__(self, client: Any, change: Any) -> None:
        self._client, self._change = client, change

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def observe(self, _entity: Any, source_id: str) -> Any:
        from sources.vendor import Observed

        before = dict(self._change.before or {})
        return Observed(source_id, before, {"id": int(source_id) if source_id.isdecimal() else source_id, **before})


FAULTS = (
    Planted(
        "skip_look_before_create",
        "no look for a record of that name before a create",
        ((Roster, "called", always(())),),
    ),
    Planted("blind_retry", "a POST without an answer is sent again", ((Unavailable, "executed", instead(0)),)),
    Planted(
        "no_journal",
        "what was begun is not durable",
        ((World, "_reopen", _not_durable),),
        direct="tests/simulate/test_defences.py::test_a_create_that_is_executed_after_the_process_died_gets_no_twin",
    ),
    Planted("unknown_is_refused", "no answer counts as a refusal", ((Wire, "exchange", _refused),)),
    Planted(
        "link_apart",
        "the link is not in the commit of the end",
        ((Journal, "end", _apart("link")), (applying.Applier, "_note", _then)),
        direct="tests/state/test_journal.py::test_an_end_closes_the_intent_adds_the_link_and_moves_the_base",
    ),
    Planted(
        "base_apart",
        "the agreed base is not in the commit of the end",
        ((Journal, "end", _apart("agreed")), (applying.Applier, "_note", _then)),
        direct="tests/state/test_journal.py::test_an_end_closes_the_intent_adds_the_link_and_moves_the_base",
    ),
    Planted(
        "no_precondition",
        "a record that changed since the plan is written all the same",
        ((writing.Writer, "_moved", always("")),),
    ),
    Planted(
        "no_look_before_rename",
        "a record is not read again before it is written",
        ((writing.Writer, "steps", _without_a_look),),
    ),
    Planted(
        "put_only_changes", "a PUT that leaves out what does not change", ((nexudus, "whole_body", _only_what_changed),)
    ),
    Planted(
        "success_without_body",
        "a success without a body counts",
        ((scalepad, "accept", _anything_goes), (scalepad, "_showing", always(lambda _body: None))),
        direct="tests/pipelines/test_unknown_writes.py::test_a_success_that_says_nothing_counts_as_no_answer",
    ),
    Planted(
        "children_of_failed",
        "what needs a failed change is made all the same",
        ((Lanes, "ended", _done_anyway),),
        direct="tests/pipelines/test_unknown_writes.py::test_what_hangs_on_an_unanswered_create_waits_for_it",
    ),
    Planted(
        "resume_forgets",
        "a resumed plan begins at its start",
        ((verbs, "settled", always({})),),
        direct="tests/pipelines/test_cut_off.py",
    ),
    Planted(
        "equal_writes",
        "equal writes without an answer are not told apart",
        ((applying, "content", lambda _real: lambda *_: object()),),
        direct="tests/simulate/test_defences.py::test_of_two_equal_creates_one_waits_for_the_other",
    ),
)
