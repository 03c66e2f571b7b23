"""``[metrics]``: a file that Prometheus' text format allows, whole at any time, of the last runs."""

import re

from pipelines.prometheus import Gauge, rendered
from tests.pipelines.rig import DEPARTMENTS, LIMITS, Office, always, failing

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"'
SAMPLE = re.compile(rf"({NAME})(?:\{{({LABEL}(?:,{LABEL})*)\}})? (-?[0-9.e+-]+)")
METRICS = DEPARTMENTS + LIMITS + '\n[metrics]\nfile = "orgweave.prom"\n'

Samples = dict[str, dict[str, float]]


def parsed(text: str) -> Samples:
    """Name → labels as they stand → number; a line that the format does not allow fails."""
    found: Samples = {}
    helped: set[str] = set()
    typed: dict[str, str] = {}
    assert text.endswith("\n")
    for line in text.splitlines():
        if line.startswith("# HELP "):
            name = line.split(" ")[2]
            assert name not in helped
            helped.add(name)
        elif line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert name in helped
            typed[name] = kind
        else:
            sample = SAMPLE.fullmatch(line)
            assert sample is not None, line
            assert typed[sample[1]] == "gauge"
            here = found.setdefault(sample[1], {})
            assert (sample[2] or "") not in here
            here[sample[2] or ""] = float(sample[3])
    return found


def measured(office: Office) -> Samples:
    return parsed((office.folder / "orgweave.prom").read_text("utf-8"))


def test_a_run_leaves_its_numbers(office: Office) -> None:
    office.configure(METRICS)
    office.tree(("Ops",), ("Sales",))
    assert office.run("sync", "--yes").code == 0
    told = measured(office)
    assert told["orgweave_last_run_exit_code"] == {'command="sync"': 0}
    assert (
        told["orgweave_last_whole_run_timestamp_seconds"][""]
        == told["orgweave_last_run_timestamp_seconds"]['command="sync"']
    )
    assert told["orgweave_last_run_timestamp_seconds"]['command="sync"'] // 86400 * 86400 == 1772323200  # 2026-03-01
    assert told["orgweave_last_run_duration_seconds"]['command="sync"'] > 0
    assert told["orgweave_connection_reads_complete"] == {f'connection="{one}"': 1 for one in ("udesk_cn", "amm", "hq")}
    assert told["orgweave_connection_records"]['connection="udesk_cn",resource="departments"'] == 2
    assert told["orgweave_connection_calls"]['connection="amm"'] > 0
    assert told["orgweave_plan_changes"] == {'status="ready"': 4, 'status="refused"': 0, 'status="held"': 0}
    assert told["orgweave_apply_changes"]['status="done"'] == 4
    waiting = [told[f"orgweave_open_{one}"][""] for one in ("proposals", "conflicts", "intents")]
    assert waiting == [0, 0, 0]
    assert (office.folder / "orgweave.prom").stat().st_mode & 0o777 == 0o644
    assert not list(office.folder.glob(".orgweave.prom*"))


def test_another_command_leaves_the_numbers_of_the_others_standing(office: Office) -> None:
    office.configure(METRICS)
    office.tree(("Ops",))
    assert office.run("sync", "--yes").code == 0
    always(office.vendors.udesk, failing(404))
    assert office.run("pull").code == 5
    told = measured(office)
    codes = told["orgweave_last_run_exit_code"]
    assert (codes['command="sync"'], codes['command="pull"']) == (0, 5)
    assert told["orgweave_connection_reads_complete"]['connection="udesk_cn"'] == 0
    assert told["orgweave_apply_changes"]['status="done"'] == 2


def test_a_run_that_breaks_off_is_measured_too(office: Office) -> None:
    office.configure(METRICS)
    office.tree(("Ops",))
    assert office.run("pull").code == 0
    assert office.run("apply").code == 2
    assert measured(office)["orgweave_last_run_exit_code"] == {'command="apply"': 2, 'command="pull"': 0}


def test_what_waits_for_a_person_is_what_is_published_as_open(office: Office) -> None:
    office.configure(METRICS)
    office.tree(("Sales Team",))
    office.vendors.scalepad.add_department("Sales  Teams", None)
    assert office.run("pull").code == 0
    (open_ones,) = office.ask("SELECT count(*) FROM ops.proposals WHERE decided_at IS NULL")
    assert measured(office)["orgweave_open_proposals"][""] == open_ones[0] > 0


def test_a_file_that_cannot_be_written_is_a_warning(office: Office) -> None:
    office.configure(METRICS.replace('"orgweave.prom"', '"nowhere/orgweave.prom"'))
    done = office.run("pull", "--quiet")
    assert (done.code, "metrics: FileNotFoundError" in done.err) == (0, True)


def test_labels_and_help_are_escaped() -> None:
    evil = 'a"b\\c\nd{},='
    text = rendered(
        [Gauge("x_seconds", "told\nin \\ two", [({"name": evil, "other": "é"}, 1.5), ({}, 2)]), Gauge("y", "", [])]
    )
    assert text.splitlines()[0] == "# HELP x_seconds told\\nin \\\\ two"
    assert parsed(text) == {"x_seconds": {'name="a\\"b\\\\c\\nd{},=",other="é"': 1.5, "": 2}}
