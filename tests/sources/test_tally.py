"""What counts as a write of a connection: each request that may have left, and nothing that provably did not."""

from dataclasses import dataclass, field

import httpx
import pytest

from mappings.card import Pace
from sources.errors import Exhausted, NotSent, Rejected, Throttled, Unavailable, Unknown
from sources.http import ATTEMPTS, Bearer, Wire
from sources.message import Call, Reply
from sources.secret import Secret
from sources.twin import FaultyTwin, TwinReply, TwinRequest, TwinTransport
from tests.clock import FakeClock
from tests.sources.nexudus_rig import says

POST, GET = Call("POST", "/x", body={}), Call("GET", "/x")
PROOF = Bearer(Secret("tok-000"))


@dataclass
class Tally:
    """Counts in a list; ``budget`` writes are allowed."""

    budget: int = 100
    taken: list[int] = field(default_factory=list)
    made: int = 0

    def take(self) -> int:
        if len(self.taken) >= self.budget:
            raise Exhausted("none is left")
        self.made += 1
        self.taken.append(self.made)
        return self.made

    def give_back(self, number: int) -> None:
        self.taken.remove(number)


class Plain(FaultyTwin):
    """Answers 200 to everything."""

    def answer(self, _request: TwinRequest) -> TwinReply:
        return TwinReply(200)


def judge(reply: Reply) -> None:
    if reply.status == 429:
        raise Throttled("later")
    if reply.status == 400:
        raise Rejected("no")
    if reply.status >= 500:
        raise Unavailable("broken")


def wired(tally: Tally, *statuses: int) -> tuple[Wire, Plain]:
    twin = Plain()
    for status in statuses:
        twin.faults.append(says(status))
    clock = FakeClock()
    return Wire("http://127.0.0.1:1", Pace(), transport=TwinTransport(twin), clock=clock, tally=tally), twin


def test_a_write_counts_once_and_a_read_not_at_all() -> None:
    tally = Tally()
    wire, _ = wired(tally)
    wire.exchange(POST, judge, PROOF)
    wire.exchange(GET, judge, PROOF)
    assert tally.taken == [1]


def test_a_sign_in_is_no_write_of_the_budget_for_reads_need_it_too() -> None:
    tally = Tally(budget=0)
    wire, _ = wired(tally)
    wire.exchange(POST, judge)
    assert tally.made == 0


def test_a_throttled_write_counts_each_time_that_it_is_sent() -> None:
    tally = Tally()
    wire, _ = wired(tally, 429, 429)
    wire.exchange(POST, judge, PROOF)
    assert len(tally.taken) == 3


@pytest.mark.parametrize(("status", "fault"), [(400, Rejected), (500, Unknown)])
def test_a_write_that_was_refused_or_has_no_answer_counts(status: int, fault: type[Exception]) -> None:
    tally = Tally()
    wire, _ = wired(tally, status)
    with pytest.raises(fault):
        wire.exchange(POST, judge, PROOF)
    assert len(tally.taken) == 1


def test_a_write_that_never_left_does_not_count() -> None:
    tally = Tally()
    wire, twin = wired(tally)

    def nobody(_request: TwinRequest, _execute: object) -> TwinReply:
        raise httpx.ConnectError("refused")

    twin.faults.extend([nobody] * ATTEMPTS)
    with pytest.raises(NotSent):
        wire.exchange(POST, judge, PROOF)
    assert (tally.made, tally.taken) == (ATTEMPTS, [])


def test_no_request_leaves_once_the_budget_is_used_up_not_even_between_two_tries() -> None:
    tally = Tally(budget=2)
    wire, twin = wired(tally, *[429] * ATTEMPTS)
    with pytest.raises(Exhausted):
        wire.exchange(POST, judge, PROOF)
    assert len(twin.log) == 2
