"""Planted faults of reading: what is believed of an answer, and what is concluded from absence."""

from collections.abc import Callable
from typing import Any

from pipelines import plausible
from sources import reading
from sources.errors import VendorError
from sources.nexudus import judge
from sources.secret import Scrubber
from state.working import Working
from tests.simulate.engine import Engine
from tests.simulate.planted import Planted, always

Real = Callable[..., Any]


def _end_of_list(real: Real) -> Real:
    """A page that fails is the end of the list."""

    def walked(walk: Any, pages: Any, sink: Any) -> Any:
        fault = real(walk, pages, sink)
        if isinstance(fault, VendorError) and walk.pages:
            walk.ends, walk.declared, walk.whole = "it failed", len(walk.ids), True
            return None
        return fault

    return walked


def _by_end_signal(_real: Real) -> Real:
    def close(self: Any) -> None:
        self.declared, self.whole = len(self.ids), True

    return close


def _not_throttled(_real: Real) -> Real:
    return lambda reply: reply.status == 429


def _any_time(real: Real) -> Real:
    """Nothing is older than it was."""

    def stage(self: Working, *words: Any) -> list[Any]:
        real(self, *words)
        return []

    return stage


FAULTS = (
    Planted("no_witness_guard", "an empty list is believed", ((plausible, "no_witness", always(0)),)),
    Planted(
        "no_guards",
        "an empty list is believed, and any shrinking",
        ((plausible, "no_witness", always(0)), (plausible, "implausible", always(0))),
    ),
    Planted("failed_page_ends", "a failed page is the end of the list", ((reading, "_walked", _end_of_list),)),
    Planted(
        "totals_not_compared", "fewer rows than declared are believed", ((reading._Walk, "close", _by_end_signal),)
    ),
    Planted(
        "throttle_is_conflict",
        "409 with Retry-After counts as a conflict",
        ((judge, "_throttled", _not_throttled),),
        direct="tests/faults/test_rate_limits.py",
    ),
    Planted(
        "stale_lists",
        "lists that go back in time are believed",
        ((Engine, "_stale", always(0)), (Working, "stage", _any_time)),
        direct="tests/pipelines/test_lying_vendors.py",
    ),
    Planted(
        "walks_forget",
        "a walk that lacks what an earlier one showed is believed",
        ((reading._Walk, "doubt", always(None)),),
        direct="tests/sources/test_scalepad_reading.py",
    ),
    Planted(
        "absence_not_asked",
        "what a list of several pages leaves out is gone",
        ((plausible, "_contradicted", always(None)),),
        direct="tests/pipelines/test_reads.py::"
        "test_what_two_pages_of_different_age_leave_out_is_gone_only_where_the_call_for_it_says_so",
    ),
    Planted(
        "no_scrubbing",
        "vendors' words are repeated as they come",
        ((Scrubber, "clean", lambda _real: lambda _self, text: text),),
    ),
)
