"""Planted faults of deciding: the merge, what the planner refuses, the order of changes."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from mappings import diff, limits, order, refusal
from mappings.model import Link, Method, Ref
from mappings.plan import Status
from pipelines import matching, planning
from tests.simulate import engine, merge, mind
from tests.simulate.planted import Planted, always

Real = Callable[..., Any]


def _last_seen(_real: Real) -> Real:
    """The base moves to whatever was seen."""

    def agree(self: mind.Mind) -> dict[Any, Any]:
        found: dict[Any, dict[str, Any]] = {}
        for (connection, entity), links in self.links.items():
            carries = self.voices[entity][connection].carries if entity in self.voices else frozenset()
            for key, seen in self.shadows[connection, entity].items():
                if key in links and seen.present:
                    ref = Ref(connection, entity, key)
                    new = {one: seen.values.get(one) for one in carries}
                    if self.bases.get(ref) != new:
                        found[ref] = new
        return found

    return agree


def _made_again(_real: Real) -> Real:
    return lambda record, wanted, target, _source_id: diff._create(record, wanted, target, _POLICY[0])


_POLICY: list[Any] = []


def _noting_policy(real: Real) -> Real:
    def compare(golden: Any, names: Any, target: Any, policy: Any) -> Iterator[Any]:
        _POLICY[:] = [policy]
        return iter(real(golden, names, target, policy))

    return compare


def _certain(real: Real) -> Real:
    return lambda *words, **named: replace(real(*words, **named), uncertain=frozenset())


def _undisputed(real: Real) -> Real:
    return lambda *words, **named: replace(real(*words, **named), disputed={})


def _linked_once(real: Real) -> Real:
    """Who was linked once is there for ever."""
    return lambda target, canonical_id: target.here.get(canonical_id) is not None or real(target, canonical_id)


def _nobody_is_anybody(real: Real) -> Real:
    """Every record is taken for a new one."""

    def match(*words: Any, **named: Any) -> Any:
        found = real(*words, **named)
        links = [
            one
            if one.method == Method.FOUNDED
            else Link(one.ref, f"{one.canonical_id[:-4]}{one.ref.source_id[-4:]:0>4}", Method.FOUNDED)
            for one in found.links
        ]
        return replace(found, links=links)

    return match


def _one_level(real: Real) -> Real:
    """Children wait for the next run."""

    def settle(drafts: Any, target: Any) -> Any:
        return [
            refusal.refuse(one, "parent_missing", "next time") if one.status == Status.READY and one.depends_on else one
            for one in real(drafts, target)
        ]

    return settle


def _any_order(real: Real) -> Real:
    """What the changes need of each other is forgotten."""

    def settle(drafts: Any, target: Any) -> Any:
        return [replace(one, depends_on=()) for one in sorted(real(drafts, target), key=lambda one: one.id)]

    return settle


FAULTS = (
    Planted(
        "two_way_merge",
        "no base: the first authority always wins",
        ((merge.Said, "moved", lambda _real: property(lambda _self: False)),),
    ),
    Planted(
        "base_is_last_seen",
        "the base is what was last seen",
        ((mind.Mind, "agree", _last_seen),),
        direct="tests/simulate/test_defences.py::test_an_edit_that_could_not_be_passed_on_is_not_set_back",
    ),
    Planted(
        "made_again",
        "what somebody took away is made again",
        ((diff, "_gone", _made_again), (planning, "diff", _noting_policy)),
    ),
    Planted("protected_ignored", "[protect] is not looked at", ((refusal, "_names", always(frozenset())),)),
    Planted(
        "no_limits",
        "no limit on the number of changes",
        ((limits, "allowed", always(None)),),
        direct="tests/mappings/test_limits.py",
    ),
    Planted("unknown_not_held", "a record with an open write is planned again", ((planning, "target_of", _certain),)),
    Planted(
        "vanished_parent",
        "a create below a parent that vanished",
        ((order, "_present", _linked_once),),
        direct="tests/simulate/test_defences.py::test_nothing_is_sent_for_a_child_whose_parent_somebody_took_away",
    ),
    Planted(
        "no_exact_match",
        "equal records are not matched",
        ((engine, "match", _nobody_is_anybody), (matching, "match", _nobody_is_anybody)),
        direct="tests/pipelines/test_matching.py",
    ),
    Planted(
        "one_level_a_run",
        "children are made in the next run",
        ((planning, "settle", _one_level),),
        direct="tests/simulate/test_defences.py::test_a_branch_of_any_depth_is_made_in_one_run",
    ),
    Planted("any_order", "changes do not wait for each other", ((planning, "settle", _any_order),)),
    Planted(
        "disputes_ignored",
        "a create that a person was asked about is made",
        ((planning, "target_of", _undisputed),),
        direct="tests/pipelines/test_matching.py",
    ),
)
