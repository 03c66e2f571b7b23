"""Every scenario from its cassette alone: no server, no network, not even loopback."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from vcr.errors import CannotOverwriteExistingCassetteException  # type: ignore[import-untyped]  # it ships no types
from vcr.serializers import yamlserializer  # type: ignore[import-untyped]  # likewise

from sources.nexudus.settings import VENDOR as NEXUDUS
from tests.record import CASSETTES, HEADER, record_all, replay
from tests.scenarios import SCENARIOS
from tests.scenarios.stage import Scenario

BY_ID = {scenario.id: scenario for scenario in SCENARIOS}
FILES = sorted(CASSETTES.glob("*/*"))
COMMAND = re.compile(r"(Added|Removed|New|Clear)[A-Z]\w*")  # a write's commands, null in every answer
WRITTEN = [one for one in NEXUDUS.resources if not one.prefix]  # people are only read
LARGEST = 16 * 1024  # bytes; what is larger nobody reads


def load(name: str, folder: Path = CASSETTES) -> list[dict[str, Any]]:
    """A cassette's interactions."""
    text = (folder / f"{name}.yaml").read_text(encoding="ascii")
    interactions: list[dict[str, Any]] = yamlserializer.deserialize(text)["interactions"]
    return interactions


def spoilt(folder: Path, name: str, spoil: Callable[[list[dict[str, Any]]], object]) -> Scenario:
    """A scenario whose cassette in ``folder`` differs from the recorded one."""
    interactions = load(name)
    spoil(interactions)
    path = folder / f"{name}.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(yamlserializer.serialize({"version": 1, "interactions": interactions}), encoding="ascii")
    return BY_ID[name]


@pytest.mark.usefixtures("no_loopback")
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.id)
def test_the_adapter_makes_of_the_recorded_bytes_what_the_scenario_says(scenario: Scenario) -> None:
    played = replay(scenario)
    assert played.seen == scenario.seen
    assert played.calls == scenario.calls == len(played.cassette)
    assert played.cassette.all_played


def test_every_scenario_has_one_cassette_and_every_cassette_its_scenario() -> None:
    assert len(BY_ID) == len(SCENARIOS)
    assert [path.relative_to(CASSETTES).as_posix() for path in FILES] == sorted(f"{name}.yaml" for name in BY_ID)
    assert len(FILES) < 200


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_cassette_says_what_it_is_and_is_small(path: Path) -> None:
    text = path.read_text(encoding="ascii")
    assert text.startswith(f"{HEADER}# {BY_ID[f'{path.parent.name}/{path.stem}'].says}\n")
    assert len(text) < LARGEST


def test_recording_again_changes_no_byte(tmp_path: Path) -> None:
    record_all(tmp_path)
    again = sorted(tmp_path.glob("*/*"))
    assert [path.relative_to(tmp_path) for path in again] == [path.relative_to(CASSETTES) for path in FILES]
    changed = [path.name for path, before in zip(again, FILES, strict=True) if path.read_bytes() != before.read_bytes()]
    assert changed == []


@pytest.mark.parametrize(
    "name", ["rename_department", "rename_team", "rename_team_every_field", "rename_task", "task_done_and_put_off"]
)
def test_a_put_sends_every_field_back_that_was_read_but_the_changed_ones(name: str) -> None:
    interactions = load(f"nexudus/{name}")
    put = next(number for number, one in enumerate(interactions) if one["request"]["method"] == "PUT")
    sent = json.loads(interactions[put]["request"]["body"])
    held = json.loads(interactions[put - 1]["response"]["body"]["string"])
    off = {"DueDateLocal"} if name == "task_done_and_put_off" else set()
    changed = {"Completed", "DueDate"} if off else {"Name"}
    assert held.keys() - sent.keys() == off
    assert {key for key in sent if sent[key] != held[key] and not COMMAND.fullmatch(key)} == changed
    assert not any(sent[key] for key in sent if COMMAND.fullmatch(key))


def test_a_put_of_a_team_holds_the_documented_fields() -> None:
    sent = json.loads(load("nexudus/rename_team_every_field")[0]["request"]["body"])
    put = json.loads(load("nexudus/rename_team_every_field")[2]["request"]["body"])
    assert {key: put[key] for key in sent} == {**sent, "Name": "New"}
    assert len(sent) > 35


def test_the_recorded_list_is_the_documented_sample() -> None:
    twice = {"id": 11, "name": "Sub-department 2", "sub_department": []}
    first = [{"id": 10, "name": "Sub-department 1", "sub_department": [twice]}, twice]
    others: list[object] = [{"id": key, "name": f"Department {key}", "sub_department": []} for key in (2, 3)]
    sample = {"code": 1000, "departments": [{"id": 1, "name": "Department 1", "sub_department": first}, *others]}
    (recorded,) = load("udesk/list_subtree")
    assert json.loads(recorded["response"]["body"]["string"]) == sample


@pytest.mark.parametrize("name", sorted(name for name in BY_ID if name.startswith("udesk/")))
def test_every_udesk_request_carries_the_five_signing_parameters_once(name: str) -> None:
    for interaction in load(name):
        _, _, query = interaction["request"]["uri"].partition("?")
        keys = [pair.partition("=")[0] for pair in query.split("&")]
        asked = ["page", "per_page", "with_disabled"] if "/agents?" in interaction["request"]["uri"] else []
        assert keys == [*asked, "email", "timestamp", "sign", "nonce", "sign_version"]


@pytest.mark.parametrize("resource", WRITTEN, ids=lambda resource: resource.name)
def test_a_refused_nexudus_create_is_recorded_in_the_documented_form(resource: Any) -> None:
    answers = [
        json.loads(one["response"]["body"]["string"])
        for name in ("refused_department", "refused_team", "refused_task")
        for one in load(f"nexudus/{name}")
        if one["request"]["method"] == "POST" and one["request"]["uri"].endswith(resource.path)
    ]
    error = {"AttemptedValue": None, "Message": "is a required field", "PropertyName": "Name"}
    sample = {"Message": "Name: is a required field", "Value": None, "Errors": [error], "WasSuccessful": False}
    assert answers[0] == sample


def _other_code(interactions: list[dict[str, Any]]) -> None:
    body = interactions[0]["response"]["body"]
    body["string"] = body["string"].replace("1000", "2059")


def _other_name(interactions: list[dict[str, Any]]) -> None:
    body = interactions[1]["response"]["body"]
    body["string"] = body["string"].replace("Department 12", "Department 13")


@pytest.mark.usefixtures("no_loopback")
@pytest.mark.parametrize(
    ("name", "spoil"),
    [("udesk/list_subtree", _other_code), ("udesk/create_below_parent", _other_name)],
    ids=["code", "name"],
)
def test_another_answer_leads_to_another_outcome(
    name: str, spoil: Callable[[list[dict[str, Any]]], object], tmp_path: Path
) -> None:
    scenario = spoilt(tmp_path, name, spoil)
    assert replay(scenario, tmp_path).seen != scenario.seen


def _other_body(interactions: list[dict[str, Any]]) -> None:
    request = interactions[1]["request"]
    request["body"] = request["body"].replace('"Twitter":"@x",', "")


@pytest.mark.usefixtures("no_loopback")
@pytest.mark.parametrize(
    ("name", "spoil"),
    [
        ("nexudus/rename_team", _other_body),
        ("nexudus/rename_team", list.pop),
        ("scalepad/refused_name_taken", list.reverse),
    ],
    ids=["a write's body", "a request too many", "another order"],
)
def test_a_request_that_is_not_the_recorded_one_is_refused(
    name: str, spoil: Callable[[list[dict[str, Any]]], object], tmp_path: Path
) -> None:
    scenario = spoilt(tmp_path, name, spoil)
    with pytest.raises(CannotOverwriteExistingCassetteException):
        replay(scenario, tmp_path)


@pytest.mark.usefixtures("no_loopback")
def test_a_recorded_request_that_is_not_sent_is_noticed(tmp_path: Path) -> None:
    scenario = spoilt(tmp_path, "udesk/list_tree", lambda interactions: interactions.append(interactions[0]))
    played = replay(scenario, tmp_path)
    assert not played.cassette.all_played
    assert played.calls < len(played.cassette)
