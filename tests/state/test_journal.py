"""The journal of writes: begun durably, ended whole."""

import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from mappings.model import Op, Ref
from state.safety import OpenIntent, Outcome, SafetyRecord, StateError
from tests.state.samples import INTENT, LATER, NOON, change, link, opened, renaming

MINUTE = timedelta(minutes=1)


def test_a_begun_write_is_seen_by_others_before_it_ends(record: SafetyRecord) -> None:
    record.begin(INTENT)
    with closing(sqlite3.connect(record.path)) as other:
        assert other.execute("SELECT op, outcome FROM intents").fetchall() == [("create", None)]


def test_open_intents_come_back_as_they_were_in_the_order_in_which_they_were_begun(record: SafetyRecord) -> None:
    rename = renaming("7", "销售 🧡", before={"name": None}, visible=())
    first, second = record.begin(INTENT), record.begin(rename)
    assert record.open_intents() == [OpenIntent(first, INTENT, 0), OpenIntent(second, rename, 0)]


def test_a_write_cannot_have_left_after_its_run_was_over_or_the_next_one_began(record: SafetyRecord) -> None:
    record.begin(INTENT)
    assert record.open_intents()[0].over_at is None
    record.begin_run("r2", "sync", LATER + MINUTE)
    assert record.open_intents()[0].over_at == LATER + MINUTE
    record.end_run(INTENT.run_id, 3, LATER, {})
    assert record.open_intents()[0].over_at == LATER


def test_an_end_closes_the_intent_adds_the_link_and_moves_the_base(record: SafetyRecord) -> None:
    seq = record.begin(INTENT)
    record.end(seq, Outcome.DONE, LATER, source_id="41", link=link("41", "d-1"), agreed={"name": "客服 🧡"})
    assert record.open_intents() == []
    assert record.links() == [link("41", "d-1")]
    assert record.bases() == {Ref("amm", INTENT.entity, "41"): {"name": "客服 🧡"}}


@pytest.mark.parametrize(
    ("base", "before", "after", "written"),
    [
        ("Ops", "Stores", "North / Stores", "2"),  # its own edit, which nobody followed yet
        ("Stores", "Stores", "North / Stores", "1"),
        ("Ops", "Ops", "Stores", "1"),
    ],
)
def test_a_write_that_only_tells_an_edit_by_its_path_leaves_it_an_edit(
    record: SafetyRecord, base: str, before: str, after: str, written: str
) -> None:
    record.agree({Ref("amm", INTENT.entity, "7"): {"name": base}}, "r1", NOON)
    seq = record.begin(renaming("7", after, before={"name": before}))
    record.end(seq, Outcome.DONE, LATER, agreed={"name": after})
    assert [row[-1] for row in record.bases_since(-1)] == [written]


def test_an_end_whose_link_is_refused_changes_nothing(record: SafetyRecord) -> None:
    record.add_links([link("40", "d-1")], "r1", NOON)
    seq = record.begin(INTENT)
    with pytest.raises(StateError, match="same canonical record"):
        record.end(seq, Outcome.ADOPTED, LATER, source_id="41", link=link("41", "d-1"), agreed={"name": "x"})
    assert record.open_intents() == [OpenIntent(seq, INTENT, 0)]
    assert record.links() == [link("40", "d-1")]
    assert record.bases() == {}


def test_an_end_whose_base_is_refused_changes_nothing(record: SafetyRecord) -> None:
    seq = record.begin(INTENT)
    with pytest.raises(ValueError, match="Out of range"):
        record.end(seq, Outcome.DONE, LATER, source_id="41", link=link("41", "d-1"), agreed={"name": float("nan")})
    with pytest.raises(StateError, match="no source id"):
        record.end(seq, Outcome.DONE, LATER, link=link("41", "d-1"), agreed={"name": "x"})
    assert record.open_intents() == [OpenIntent(seq, INTENT, 0)]
    assert record.links() == []


def test_an_intent_ends_once(record: SafetyRecord) -> None:
    seq = record.begin(INTENT)
    record.end(seq, Outcome.FAILED, LATER, error="name taken")
    for unknown in (seq, seq + 1):
        with pytest.raises(StateError, match="ends once"):
            record.end(unknown, Outcome.DONE, LATER)
        with pytest.raises(StateError, match="only an open one"):
            record.seen_absent(unknown)


def test_two_open_intents_that_look_alike_are_refused_until_the_first_has_ended(record: SafetyRecord) -> None:
    seq = record.begin(INTENT)
    twin = replace(INTENT, change_id="c2", canonical_id="d-2", visible=("1",), begun_at=LATER)
    with pytest.raises(StateError, match="same content"):
        record.begin(twin)
    record.end(seq, Outcome.NOT_DONE, LATER)
    assert record.begin(twin) > seq


def test_the_same_change_to_two_records_or_connections_is_not_a_twin(record: SafetyRecord) -> None:
    record.begin(renaming("7", "Sales"))
    record.begin(renaming("8", "Sales"))
    record.begin(renaming("7", "Sales", connection="hq"))
    record.begin(renaming("7", "Sales", op=Op.UPDATE))
    assert len(record.open_intents()) == 4


def test_an_intent_of_a_run_or_plan_that_was_never_begun_is_refused(record: SafetyRecord) -> None:
    for stray in (replace(INTENT, run_id="r9"), replace(INTENT, plan_id="p9")):
        with pytest.raises(StateError, match="never begun"):
            record.begin(stray)


def test_complete_reads_that_do_not_show_a_write_are_counted(record: SafetyRecord) -> None:
    seq = record.begin(INTENT)
    assert [record.seen_absent(seq), record.seen_absent(seq)] == [1, 2]
    assert record.open_intents() == [OpenIntent(seq, INTENT, 2)]


def test_the_ids_seen_before_are_kept_once_and_only_while_a_write_is_open(record: SafetyRecord) -> None:
    seen = tuple(str(number) for number in range(1000))
    seqs = [record.begin(renaming(str(number), "x", visible=seen)) for number in range(5)]
    assert record._rows("SELECT count(*) FROM sightings") == [(1,)]
    for seq in seqs[1:]:
        record.end(seq, Outcome.DONE, LATER)
    record.use_plan("p1", LATER)
    assert [entry.intent.visible for entry in record.open_intents()] == [seen]
    record.end(seqs[0], Outcome.DONE, LATER)
    record.add_plan("p2", "sha256:2", "r1", LATER, [])
    record.use_plan("p2", LATER)
    assert record._rows("SELECT count(*) FROM sightings") == [(0,)]


def test_every_change_is_told_with_what_became_of_it(record: SafetyRecord) -> None:
    refused = change("c3", op="move", status="refused", rule="vendor_cannot_move", reason="never", source_id="9")
    record.add_plan("p2", "sha256:2", "r1", NOON, [change("c2"), refused, change("c1", source_id="8", op="rename")])
    record.begin_run("r2", "apply", LATER)
    record.begin(renaming("8", "x", plan_id="p2", change_id="c1", run_id="r2", begun_at=LATER))
    seq = record.begin(replace(INTENT, plan_id="p2", change_id="c2", run_id="r2"))
    record.end(seq, Outcome.NOT_SENT, LATER, error="no route")
    seq = record.begin(replace(INTENT, plan_id="p2", change_id="c2", run_id="r2"))
    record.end(seq, Outcome.DONE, LATER, source_id="41")
    record.begin(renaming("8", "parked", plan_id="p2", change_id="parking", run_id="r2"))
    told = [(row.run_id, row.plan_id, row.change_id, row.status, row.source_id, row.error) for row in record.changes()]
    assert told == [
        ("r1", "p1", "c1", "ready", None, None),
        ("r2", "p2", "parking", "unknown", "8", None),
        ("r2", "p2", "c2", "not_sent", None, "no route"),
        ("r2", "p2", "c2", "done", "41", None),
        ("r1", "p2", "c3", "refused", "9", None),
        ("r2", "p2", "c1", "unknown", "8", None),
    ]
    planned, parked, *_rest = record.changes()
    assert (planned.before, planned.after, planned.at) == (None, {"name": "客服"}, NOON)
    assert (parked.before, parked.after, parked.rule) == ({"name": "old"}, {"name": "parked"}, None)
    assert record.changes()[4].rule == "vendor_cannot_move"


KILLED = """
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tests.state.samples import INTENT, opened

with opened(Path(sys.argv[1])) as record:
    for number in range(100_000):
        print(record.begin(replace(INTENT, payload={"name": f"{sys.argv[2]}-{number}"})), flush=True)
"""


def test_no_begun_write_is_lost_when_the_process_is_killed(record: SafetyRecord) -> None:
    folder = record.path.parent
    record.close()
    begun: set[int] = set()
    for turn in range(10):
        command = [sys.executable, "-c", KILLED, str(folder), str(turn)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]) as child:  # noqa: S603 - ours
            assert child.stdout is not None
            begun |= {int(child.stdout.readline()) for _ in range(turn + 1)}
            child.send_signal(signal.SIGKILL)
            begun |= {int(line) for line in child.stdout if line.endswith(b"\n")}
    with opened(folder) as survivor:
        assert begun <= {entry.seq for entry in survivor.open_intents()}
    assert len(begun) >= 55
