"""Before a department is deleted at Udesk: does nobody belong to it, as far as the list of agents tells?"""

from typing import Any

import pytest

from mappings.model import Entity
from sources.errors import Denied, NotSent, Rejected
from sources.http import ATTEMPTS
from sources.twin import TwinReply, TwinRequest
from sources.vendor import Observed
from tests.contract_ground import Execute
from tests.sources.udesk_rig import Bench, bench

D = Entity.DEPARTMENT


def seen(key: int) -> Observed:
    return Observed(str(key), {}, {})


def deletes(made: Bench) -> int:
    return [method for method, _, _ in made.twin.writes()].count("DELETE")


def answer(made: Bench, body: Any, times: int = 1) -> None:
    """Answer this for the agents instead."""

    def fault(request: TwinRequest, _execute: Execute) -> TwinReply | None:
        return TwinReply.of(200, body) if request.path.endswith("/agents") else None

    made.twin.faults.extend([lambda _request, _execute: None, *[fault] * times])


@pytest.mark.parametrize("form", ["list", "object"])
@pytest.mark.parametrize("disabled", [True, False])
def test_a_department_with_an_agent_on_a_later_page_is_kept(form: str, *, disabled: bool) -> None:
    made = bench(agent_departments=form)
    empty, full = made.twin.add_department("Empty"), made.twin.add_department("Full")
    for number in range(150):
        made.twin.agents.add(f"Agent {number}", [full] if number == 140 else [], disabled=disabled)
    with pytest.raises(Rejected, match="has 1 agents") as refusal:
        made.client.delete(D, seen(full))
    assert (refusal.value.rule, deletes(made)) == ("not_empty", 0)
    made.client.delete(D, seen(empty))
    assert [name for name, _ in made.twin.departments.values()] == ["Full"]


def test_where_no_agent_tells_its_departments_nothing_is_deleted() -> None:
    made = bench(agent_departments="absent")
    key = made.twin.add_department("A")
    made.client.delete(D, seen(key))  # nobody is there at all
    made.twin.agents.add("Ann", [made.twin.add_department("B")])
    with pytest.raises(Rejected) as refusal:
        made.client.delete(D, seen(2))
    assert (refusal.value.rule, deletes(made)) == ("members_unknown", 1)


ANN = {"id": 1, "departments": []}
META = {"current_page": 1, "total_pages": 1, "total_count": 1}


@pytest.mark.parametrize(
    "body",
    [
        {"code": 1000},
        {"code": 1000, "agents": [ANN]},
        {"code": 1000, "agents": {}, "meta": META},
        {"code": 1000, "agents": [ANN], "meta": {**META, "current_page": 2}},
        {"code": 1000, "agents": [ANN], "meta": {**META, "total_pages": "1"}},
        {"code": 1000, "agents": [{"departments": []}], "meta": META},
        {"code": 1000, "agents": [None], "meta": META},
        {"code": 1000, "agents": [{"id": 1, "departments": [{}]}], "meta": META},
        {"code": 1000, "agents": [{"id": 1, "departments": "Sales"}], "meta": META},
        {"code": 1000, "agents": [ANN], "meta": {**META, "total_count": 2}},
    ],
)
def test_agents_that_cannot_be_read_keep_everything(body: Any) -> None:
    made = bench()
    key = made.twin.add_department("A")
    answer(made, body, ATTEMPTS)
    with pytest.raises(NotSent, match="nothing was deleted"):
        made.client.delete(D, seen(key))
    assert deletes(made) == 0


@pytest.mark.parametrize("departments", [None, [], {}, [{"id": 99, "name": "Other"}], {"id": 99}])
def test_whoever_belongs_elsewhere_or_nowhere_keeps_nothing(departments: Any) -> None:
    made = bench()
    key = made.twin.add_department("A")
    older = {"current_page": 1, "total_pages": 1, "count": 1}
    answer(made, {"code": 1000, "agents": [{"id": 1, "departments": departments}], "meta": older})
    made.client.delete(D, seen(key))
    assert made.twin.departments == {}


def test_a_right_that_is_missing_for_the_agents_ends_the_work_before_the_delete() -> None:
    made = bench()
    key = made.twin.add_department("A")
    answer(made, {"code": 2015, "message": "Non-administrators cannot operate"})
    with pytest.raises(Denied):
        made.client.delete(D, seen(key))
    assert deletes(made) == 0


def test_a_list_that_cannot_be_read_again_keeps_everything() -> None:
    made = bench()
    key = made.twin.add_department("A")
    made.twin.faults.extend([lambda _request, _execute: TwinReply(502, b"<html>")] * ATTEMPTS)
    with pytest.raises(NotSent):
        made.client.delete(D, seen(key))
    assert deletes(made) == 0
