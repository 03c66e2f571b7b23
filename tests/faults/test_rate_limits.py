"""A vendor's "later", in every form, and a pace that all threads of a connection share."""

import threading
from bisect import insort
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mappings.card import Pace, Rate
from sources.errors import Denied, Rejected, Throttled, Unavailable, Unknown
from sources.http import ATTEMPTS, PATIENCE, Wire
from sources.message import LONGEST_WAIT, Call, Reply
from sources.pace import PaceKeeper
from sources.twin import TwinReply, TwinRequest, TwinTransport
from tests.clock import FakeClock
from tests.faults.rigs import GROUNDS, D
from tests.faults.toxic import HastyClock

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
DATE = {"date": format_datetime(NOW, usegmt=True)}
GET, POST = Call("GET", "/x"), Call("POST", "/x", body={})


def at(seconds: float) -> str:
    return format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)


@pytest.mark.parametrize(
    ("told", "wait"),
    [
        ("7", 7),
        ("0", 0),
        ("1.5", 1.5),
        ("1000000000", LONGEST_WAIT),
        ("9" * 20, LONGEST_WAIT),
        (at(30), 30),
        (at(-30), 0),
        (at(86_400), LONGEST_WAIT),
        ("Sunday, 01-Mar-26 08:00:12 GMT", 12),
        *[(text, None) for text in ("", "-5", "soon", "NaN", "inf", "1e9", "²", "٣", "1,5", "9" * 5000, "7;8")],
        *[(text, None) for text in ("Sun, 99 Mar 2026 08:00:30 GMT", "Sun, 01 Mar 99999999999 08:00:30 GMT")],
    ],
)
def test_a_named_wait_is_read_in_every_form_and_cut_to_the_longest(told: str, wait: float | None) -> None:
    assert Reply(429, {"retry-after": told, **DATE}, b"").retry_after() == wait


def test_a_date_without_the_vendors_own_clock_is_no_wait() -> None:
    assert Reply(429, {"retry-after": at(30)}, b"").retry_after() is None


@given(st.text(), st.text())
def test_no_header_breaks_the_reading_of_a_wait(told: str, date: str) -> None:
    wait = Reply(429, {"retry-after": told, "date": date}, b"").retry_after()
    assert wait is None or 0 <= wait <= LONGEST_WAIT


class Vendor:
    """Answers from a list, the last for ever; ``sent`` are the moments of the requests by the wire's clock."""

    def __init__(self, clock: Any, *replies: TwinReply) -> None:
        self._clock, self._replies = clock, list(replies)
        self.faults: Any = None
        self.log: list[tuple[str, str, int]] = []
        self.sent: list[float] = []

    def handle(self, _request: TwinRequest) -> TwinReply:
        self.sent.append(self._clock.monotonic())
        return self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]


def judge(reply: Reply) -> None:
    if reply.status in (409, 429):
        raise Throttled("later", reply.retry_after())
    if reply.status >= 500:
        raise Unavailable("down", reply.retry_after())


def wired(vendor: Vendor, clock: Any, pace: Pace | None = None, **more: Any) -> Wire:
    transport = TwinTransport(vendor)
    return Wire("http://127.0.0.1:1", pace or Pace(), transport=transport, clock=clock, jitter=lambda: 0.5, **more)


@pytest.mark.parametrize("status", [409, 429, 503])
@pytest.mark.parametrize(("told", "wait"), [("3", 3), ("0", 0.5), (at(20), 20), (at(-20), 0.5), ("50", 50)])
def test_a_named_wait_is_kept_before_a_read_is_sent_again(status: int, told: str, wait: float) -> None:
    clock = FakeClock()
    vendor = Vendor(clock, TwinReply(status, b"", {"Retry-After": told, **DATE}), TwinReply(200))
    wired(vendor, clock).exchange(GET, judge)
    assert vendor.sent == [0, pytest.approx(wait, abs=0.1)]


@pytest.mark.parametrize("status", [409, 429])
def test_a_throttled_write_is_sent_again_after_the_wait_and_one_behind_a_503_is_not(status: int) -> None:
    clock = FakeClock()
    vendor = Vendor(clock, TwinReply(status, b"", {"Retry-After": "3"}), TwinReply(200))
    wired(vendor, clock).exchange(POST, judge)
    assert vendor.sent == [0, pytest.approx(3, abs=0.1)]
    vendor = Vendor(clock, TwinReply(503, b"", {"Retry-After": "3"}))
    with pytest.raises(Unknown):
        wired(vendor, clock).exchange(POST, judge)
    assert len(vendor.sent) == 1


@pytest.mark.parametrize("status", [429, 500])
def test_without_a_named_wait_each_is_longer_than_the_one_before_and_differs_by_chance(status: int) -> None:
    spans = []
    for chance in (0.0, 0.5, 1.0):
        clock = FakeClock()
        vendor = Vendor(clock, TwinReply(status))
        wire = Wire("http://h", Pace(), transport=TwinTransport(vendor), clock=clock, jitter=lambda: chance)  # noqa: B023 - used at once
        with pytest.raises((Throttled, Unavailable)):
            wire.exchange(GET, judge)
        waits = [after - before for before, after in zip(vendor.sent, vendor.sent[1:], strict=False)]
        assert len(waits) == ATTEMPTS - 1
        assert waits == sorted(set(waits))
        spans.append(sum(waits))
    assert spans == sorted(set(spans))


def test_a_wait_longer_than_the_patience_is_told_and_not_waited_for() -> None:
    clock = FakeClock()
    vendor = Vendor(clock, TwinReply(429, b"", {"Retry-After": "3600"}), TwinReply(200))
    wire = wired(vendor, clock)
    with pytest.raises(Throttled, match="asks to be left alone for 3600 s"):
        wire.exchange(GET, judge)
    wire.exchange(GET, judge)  # the next call is the vendor's to refuse
    assert (vendor.sent, clock.monotonic()) == ([0, 0], 0)


def test_a_wait_ends_where_the_run_is_to_stop() -> None:
    clock = FakeClock()
    vendor = Vendor(clock, TwinReply(429, b"", {"Retry-After": "60"}), TwinReply(200))
    wire = wired(vendor, clock)
    wire.halted = lambda: clock.monotonic() >= 3
    with pytest.raises(Throttled, match="the run was stopped"):
        wire.exchange(POST, judge)
    assert len(vendor.sent) == 1
    assert clock.monotonic() == pytest.approx(3)


@pytest.mark.parametrize("told", ["100", "50"])
def test_all_waits_of_a_call_together_stay_below_its_patience(told: str) -> None:
    clock = FakeClock()
    with pytest.raises(Throttled):
        wired(Vendor(clock, TwinReply(429, b"", {"Retry-After": told})), clock).exchange(GET, judge)
    assert 0 < clock.monotonic() <= PATIENCE
    clock = FakeClock()
    vendor = Vendor(clock, TwinReply(429, b"", {"Retry-After": told}))
    with pytest.raises(Throttled):
        wired(vendor, clock, patience=10).exchange(GET, judge)
    assert (clock.slept, len(vendor.sent)) == ([], 1)


def test_waiting_for_a_turn_does_not_use_up_the_patience() -> None:
    clock = FakeClock()
    vendor = Vendor(clock, TwinReply(200), TwinReply(500), TwinReply(200))
    wire = wired(vendor, clock, Pace(reads=Rate(1, 300.0)), patience=5)
    wire.exchange(GET, judge)
    wire.exchange(GET, judge)
    assert len(vendor.sent) == 3


def test_a_wait_that_the_vendor_names_holds_for_every_call_of_the_connection() -> None:
    clock = FakeClock()
    vendor = Vendor(clock, TwinReply(429, b"", {"Retry-After": "40"}), TwinReply(200))
    wire = wired(vendor, clock, patience=5)
    with pytest.raises(Throttled):
        wire.exchange(GET, judge)
    wire.exchange(POST, judge)
    assert vendor.sent == [0, 40]


def test_a_refusal_or_a_closed_door_is_never_asked_again() -> None:
    for fault in (Denied("no"), Rejected("no")):
        clock = FakeClock()
        vendor = Vendor(clock, TwinReply(200))

        def refuse(_reply: Reply, fault: Exception = fault) -> None:
            raise fault

        with pytest.raises(type(fault)):
            wired(vendor, clock).exchange(GET, refuse)
        assert (len(vendor.sent), clock.slept) == (1, [])


@pytest.mark.parametrize("vendor", GROUNDS)
def test_a_vendor_that_stays_throttled_ends_a_read_as_throttled_after_the_attempts_of_one_layer(vendor: str) -> None:
    ground = GROUNDS[vendor]()
    ground.plant(ground.throttled, times=50)
    found = ground.read(D)
    assert isinstance(found.fault, Throttled)
    assert found.receipt.calls <= ATTEMPTS
    assert sum(ground.clock.slept) <= PATIENCE


RATES = st.builds(Rate, st.integers(1, 6), st.sampled_from([0.1, 1.0, 5.0, 60.0]))


def most(moments: list[float], rate: Rate) -> int:
    """The most calls that any window of the rate holds."""
    return max(sum(start <= other < start + rate.seconds for other in moments) for start in moments)


@settings(max_examples=60, deadline=None)
@given(rate=RATES, gaps=st.lists(st.floats(0, 2), min_size=1, max_size=40))
def test_no_window_ever_holds_more_calls_than_the_rate_allows(rate: Rate, gaps: list[float]) -> None:
    clock = FakeClock()
    keeper = PaceKeeper(Pace(reads=rate, shared=True), clock)
    moments = []
    for number, gap in enumerate(gaps):
        clock.sleep(gap)
        keeper.take(write=number % 2 == 0)
        moments.append(clock.monotonic())
    assert most(moments, rate) <= rate.calls


@pytest.mark.parametrize("rate", [Rate(10, 0.1), Rate(60, 60.0)])
def test_many_threads_share_one_pace(rate: Rate) -> None:
    clock = HastyClock()
    wire = wired(Vendor(clock, TwinReply(200)), clock, Pace(reads=rate))
    moments: list[float] = []
    lock = threading.Lock()

    real = wire._pace._reads
    assert real is not None
    put: Callable[[Any], bool] = real._bucket.put

    def counted(item: Any) -> bool:
        taken = put(item)
        if taken:
            with lock:
                insort(moments, item.timestamp / 1000)
        return taken

    real._bucket.put = counted  # type: ignore[method-assign] # to see the moments that were given
    threads = [
        threading.Thread(target=lambda: [wire.exchange(GET, judge) for _ in range(rate.calls // 2)]) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(moments) == wire.calls == 8 * (rate.calls // 2)
    assert most(moments, rate) <= rate.calls
