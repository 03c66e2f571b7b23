"""However records change, in whatever order and while they are read: changes tell in the end what a full read tells."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pipelines.asking import Want
from pipelines.config import load
from pipelines.pull import pull
from pipelines.run import Run, start
from pipelines.sandbox import BUSINESS_ID, SECRETS
from pipelines.verbs import open_secrets
from sources.nexudus import sandbox_lists
from sources.nexudus.sandbox import NexudusTwin
from sources.secret import Scrubber
from sources.twin import TwinReply, TwinRequest
from tests.pipelines.rig import RULES, Office

pytestmark = pytest.mark.long  # make test-long: a minute and more

Rows = dict[tuple[str, str], Any]
ACTS = ("name", "members", "administrators", "notes", "description", "add", "remove", "wait")
Act = tuple[str, int]
ACT = st.tuples(st.sampled_from(ACTS), st.integers(0, 9))
PAUSES = (timedelta(), timedelta(seconds=0.4), timedelta(seconds=61), timedelta(minutes=11))


class Town:
    """A location with people, and others at work in it. Whatever changes moves ``UpdatedOn``, as a form in it does."""

    def __init__(self, office: Office, **switches: Any) -> None:
        self.office = office
        told = {"checks_references": False, "membership_moves_updated_on": True, **switches}
        token = SECRETS["CONNECTIONS__HQ__TOKEN"]
        self.twin = NexudusTwin(business_id=BUSINESS_ID, token=token, now=office.clock.now, **told)
        self.people = [self.twin.add_coworker(f"P{number}", "p@example.test") for number in range(4)]
        self.made = 0
        self.meanwhile: list[list[Act]] = []
        answer = self.twin.answer

        def disturbed(request: TwinRequest) -> TwinReply:
            reply = answer(request)
            for act in self.meanwhile.pop(0) if self.meanwhile else ():
                self.act(act)
            return reply

        self.twin.answer = disturbed  # type: ignore[method-assign] # the sandbox, with others at work in it
        office.twins["nexudus"] = self.twin

    def act(self, act: Act) -> None:
        """Somebody does something to one of the records."""
        what, which = act
        self.made += 1
        kind = ("team", "task", "department")[which % 3]
        ids = self.twin.ids("team" if what in ("members", "administrators") else "task" if what == "notes" else kind)
        if what == "wait":
            self.office.clock.sleep(PAUSES[which % 4].total_seconds())
        elif what == "add":
            fields = {"Description": "d"} if kind == "department" else {"Notes": "n"} if kind == "task" else {}
            getattr(self.twin, f"add_{kind}")(Name=f"N{self.made}", **fields)
        elif ids:
            self.change(what, kind, ids[which % len(ids)], which)

    def change(self, what: str, kind: str, number: int, which: int) -> None:
        """Change a record, or take it away."""
        if what == "remove":
            if number != self.twin.ids(kind)[0]:  # one of each kind stays: where all are gone a person is asked
                self.twin.remove(kind, number)
        elif what == "members":
            self.twin.edit("team", number, TeamMembers=self.people[: self.made % 4])
        elif what == "administrators":
            self.twin.edit("team", number, TeamAdministrators=self.people[: self.made % 3])
        elif what == "notes":
            self.twin.edit("task", number, Notes=None if which % 2 else f"n{self.made}")
        elif what == "description" and kind != "task":
            self.twin.edit(kind, number, Description=f"d{self.made}")
        else:
            self.twin.edit(kind, number, Name=f"R{self.made}")

    def read(self, *, full: bool = False) -> tuple[bool, Rows]:
        """Pull: whether every read was whole, and the shadows that are there."""
        with opened(self.office) as run:
            (one,) = pull(run, ["hq"], Want(full=full))
            told = "SELECT entity, source_id, * EXCLUDE (fingerprint) FROM shadow.records WHERE present"
            rows = {(entity, key): tuple(rest) for entity, key, *rest in run.working.db.execute(told).fetchall()}
            return one.reason is None, rows


@contextmanager
def opened(office: Office) -> Iterator[Run]:
    """A run, without the command line around it."""
    with start(load(office.config), "pull", Scrubber(), lambda _: None, office.clock) as run:
        open_secrets(run, ["hq"])
        yield run


@pytest.mark.parametrize(
    ("size", "switches"),
    [
        (1000, {}),
        (2, {}),
        (2, {"list_blanks_notes": True}),
        (2, {"dir_mode": "1/-1"}),
        (1000, {"ignores_updated_filter": True}),
    ],
    ids=["one page", "many pages", "lists hold notes back", "the other direction", "the filter is ignored"],
)
@settings(
    max_examples=4, deadline=None, derandomize=True, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)
@given(
    before=st.lists(ACT, max_size=8),
    pulls=st.lists(st.tuples(st.lists(ACT, max_size=5), st.lists(st.lists(ACT, max_size=2), max_size=8)), max_size=4),
)
def test_after_any_changes_the_shadows_of_all_that_is_left_equal_a_full_reads(
    office: Office,
    monkeypatch: pytest.MonkeyPatch,
    switches: dict[str, Any],
    size: int,
    before: list[Act],
    pulls: list[tuple[list[Act], list[list[Act]]]],
) -> None:
    monkeypatch.setattr(sandbox_lists, "LARGEST_SIZE", size)
    turn = office.clock.now().timestamp()  # a workspace of its own for every example
    office.configure(RULES + f'[workspace]\ndir = "of-{turn}"\n')
    town = Town(office, **switches)
    for kind in (0, 1, 2, 0, 1, 2):
        town.act(("add", kind))
    for act in before:
        town.act(act)
    town.read()
    for acts, meanwhile in pulls:
        for act in acts:
            town.act(act)
        town.meanwhile = [list(some) for some in meanwhile]
        town.read()
    town.meanwhile = []
    whole, changed = town.read()
    everything = town.read(full=True)
    assert whole
    assert everything[0]
    assert everything[1].keys() <= changed.keys()
    assert {key: changed[key] for key in everything[1]} == everything[1]
