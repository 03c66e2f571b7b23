"""What keeps a record that an authority seems to have dropped: half a list, a limit, a late edit, a lost answer."""

import pytest

from sources.twin import TwinReply
from tests.pipelines.dropping import AMM, DELETE, READY, at_amm, drop, planned
from tests.pipelines.rig import LIMITS, Office, always, failing, lost, once

pytestmark = pytest.mark.usefixtures("unpublished")


def test_a_list_that_was_half_read_deletes_nothing(agreed: Office) -> None:
    drop(agreed, 1)
    always(agreed.vendors.udesk, failing(200, b'{"code": 1000, "departments": [{"id": 2, "na'))
    ran = agreed.run("sync", "--yes", "--json")
    assert (ran.code, ran.json()["plan"]["changes"]) == (5, [])
    assert len(agreed.at_amm()) == 7


def test_an_empty_list_deletes_nothing_and_stops_the_run(agreed: Office) -> None:
    drop(agreed, *range(1, 7))
    ran = agreed.run("sync", "--yes", "--json")
    assert ran.code == 4
    assert len(agreed.at_amm()) == 7


def test_what_was_gone_before_waits_while_the_authority_cannot_be_read(agreed: Office) -> None:
    drop(agreed, 1)
    agreed.configure(AMM + LIMITS)
    agreed.sync()
    agreed.configure(DELETE)
    always(agreed.vendors.udesk, failing(503))
    ran = agreed.run("sync", "--yes")
    assert (ran.code, len(agreed.at_amm())) == (5, 7)
    told = " ".join(ran.text.split())
    assert "no department is taken away at amm: the last read of udesk_cn, an authority, was not whole" in told
    agreed.vendors.udesk.faults.clear()
    agreed.sync()
    assert len(agreed.at_amm()) == 6


def test_more_deletes_than_the_limit_stop_the_run_before_the_first_write(agreed: Office) -> None:
    agreed.configure(AMM + 'on_missing = "delete"\n[limits]\ndeletes = 0\n')
    drop(agreed, 1)
    writes = agreed.writes()
    ran = agreed.run("sync", "--yes", "--json")
    assert ran.code == 4
    [change] = ran.json()["plan"]["changes"]
    assert (change["op"], change["status"], change["rule"]) == ("delete", "refused", "over_limit")
    assert agreed.writes() == writes


def test_a_record_that_came_back_at_the_authority_before_the_delete_is_kept(agreed: Office) -> None:
    name, parent = agreed.vendors.udesk.departments[1]
    drop(agreed, 1)
    assert planned(agreed) == [READY]
    agreed.vendors.udesk.add_department(name, parent, id=1)
    agreed.run("pull")
    ran = agreed.run("apply", "--yes")
    assert (ran.code, "udesk_cn has department" in ran.err) == (2, True)
    assert planned(agreed) == []
    assert len(agreed.at_amm()) == 7


def test_what_somebody_deleted_at_the_target_too_needs_no_change(agreed: Office) -> None:
    here = at_amm(agreed)
    drop(agreed, 1)
    agreed.vendors.scalepad._departments[here["Unit 0"]].deleted = True
    assert planned(agreed) == []


def test_a_record_edited_between_the_plan_and_the_delete_is_left_alone(agreed: Office) -> None:
    here = at_amm(agreed)
    drop(agreed, 1)
    assert planned(agreed) == [READY]
    agreed.vendors.scalepad.rename(here["Unit 0"], "Archive")
    ran = agreed.run("apply", "--yes", "--json")
    assert (ran.code, [one["status"] for one in ran.json()["results"]]) == (3, ["stale"])
    assert "Archive" in agreed.at_amm()


@pytest.mark.parametrize("reply", [500, pytest.param(502, marks=pytest.mark.long)], ids=str)
def test_a_delete_whose_answer_is_lost_is_settled_by_looking_and_sent_once(agreed: Office, reply: int) -> None:
    drop(agreed, 1)
    once(agreed.vendors.scalepad, "DELETE", lost(reply))
    ran = agreed.run("sync", "--yes", "--json")
    assert ran.code in (0, 3)
    agreed.run("pull")
    assert planned(agreed) == []
    assert agreed.writes()["scalepad"].count("DELETE") == 1
    assert len(agreed.at_amm()) == 6


def test_a_plan_whose_setting_was_taken_back_is_not_applied(agreed: Office) -> None:
    drop(agreed, 1)
    assert planned(agreed) == [READY]
    agreed.reconfigure('on_missing = "delete"', 'on_missing = "keep"')
    ran = agreed.run("apply", "--yes")
    assert (ran.code, "on_missing" in ran.err, len(agreed.at_amm())) == (2, True, 7)


def test_an_undocumented_refusal_fails_alone(agreed: Office) -> None:
    drop(agreed, 1, 2)
    refused = TwinReply.of(400, {"error": {"code": "in_use", "message": "used by a policy", "details": {}}})
    once(agreed.vendors.scalepad, "DELETE", lambda _request, _execute: refused)
    ran = agreed.run("sync", "--yes", "--json")
    assert ran.code == 3
    assert sorted(one["status"] for one in ran.json()["apply"]["results"]) == ["done", "failed"]
    assert len(agreed.at_amm()) == 6
