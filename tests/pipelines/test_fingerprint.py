"""A connection that is another account than the one its links were made with is not read into them, nor written."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest

from pipelines.sandbox import CLIENT_ID
from sources.scalepad.sandbox import ScalePadTwin
from sources.udesk.sandbox import UdeskTwin
from tests.pipelines.keeping import kept
from tests.pipelines.rig import Office, always, failing

pytestmark = pytest.mark.usefixtures("unpublished")

OTHER_CLIENT = "bb7cf840-9ca9-46a3-9778-9015d6580d50"
ACTIVE = "SELECT name FROM org.departments WHERE active ORDER BY name"


@pytest.fixture
@kept
def synced(office: Office) -> Office:
    """Three departments at Udesk and at both targets."""
    office.tree(("Unit 1",), ("Unit 2",), ("Unit 3",))
    office.sync()
    return office


def other_udesk(office: Office) -> UdeskTwin:
    """Another Udesk tenant with the same ids and other names, in the place of the first."""
    twin = UdeskTwin(email="admin@example.test", token="sandbox-udesk-token", now=office.clock.now)
    for number in range(1, 4):
        twin.add_department(f"Stranger {number}")
    office.twins["other"] = twin
    office.reconfigure(f"{office.server.url}/udesk", f"{office.server.url}/other")
    return twin


def other_client(office: Office) -> None:
    office.vendors.scalepad._client_id = OTHER_CLIENT
    office.reconfigure(CLIENT_ID, OTHER_CLIENT)


def other_business(office: Office) -> None:
    office.reconfigure("business_id = 123", "business_id = 124")


def other_vendor(office: Office) -> None:
    lines = f'vendor = "scalepad"\nbase_url = "{office.server.url}/scalepad/v2"\nclient_id = "{CLIENT_ID}"'
    office.reconfigure(lines, f'vendor = "udesk"\nbase_url = "{office.server.url}/udesk"')


@pytest.mark.usefixtures("published")
def test_an_authority_at_another_address_is_not_asked_and_its_ids_rename_nothing(synced: Office) -> None:
    twin, writes = other_udesk(synced), synced.writes()
    for words in (("sync", "--yes"), ("pull",), ("pull", "udesk_cn", "--full")):
        ran = synced.run(*words)
        assert ran.code == 4
        assert f"base_url was {synced.server.url}/udesk, is {synced.server.url}/other" in ran.err
        assert "orgweave pull udesk_cn --accept-shrink udesk_cn" in ran.err
    assert (twin.log, synced.writes()) == ([], {**writes, "other": []})
    assert synced.ask(ACTIVE) == [("Unit 1",), ("Unit 2",), ("Unit 3",)]


@pytest.mark.parametrize(
    ("other", "name", "told"),
    [
        (other_client, "amm", f"client_id was {CLIENT_ID}, is {OTHER_CLIENT}"),
        (other_business, "hq", "business_id was 123, is 124"),
        (other_vendor, "amm", "vendor was scalepad, is udesk"),
    ],
)
def test_a_target_that_is_another_account_stops_the_sync_before_any_write(
    synced: Office, other: Callable[[Office], None], name: str, told: str
) -> None:
    synced.vendors.udesk.add_department("New")
    other(synced)
    writes = synced.writes()
    if "udesk" in told:  # from the environment: dlt reads its files from the folder of this process's first command
        os.environ["CONNECTIONS__AMM__EMAIL"] = "admin@example.test"
        os.environ["CONNECTIONS__AMM__OPEN_API_TOKEN"] = "tok-000"
    ran = synced.run("sync", "--yes", "--json")
    assert (ran.code, ran.json()["apply"], synced.writes()) == (4, None, writes)
    assert f"{name}: not read" in ran.err
    assert told in ran.err
    assert ran.json()["pull"]["udesk_cn"]["complete"] is True


def test_a_plan_that_was_made_for_another_account_is_not_applied(synced: Office) -> None:
    synced.vendors.udesk.add_department("New")
    assert synced.run("pull").code == synced.run("plan").code == 0
    other_client(synced)
    writes = synced.writes()
    ran = synced.run("apply", "--yes", "--json")
    assert (ran.code, ran.json()["results"], synced.writes()) == (4, [], writes)
    assert f"amm: another account than the one that its records are linked with (client_id was {CLIENT_ID}" in ran.err
    synced.reconfigure(OTHER_CLIENT, CLIENT_ID)
    synced.vendors.scalepad._client_id = CLIENT_ID
    assert synced.run("apply", "--yes").code == 0
    assert "New" in synced.at_amm()


@pytest.mark.usefixtures("published")
def test_the_same_account_at_another_address_goes_on_once_that_is_accepted(synced: Office) -> None:
    synced.twins["moved"] = synced.vendors.nexudus
    synced.reconfigure(f"{synced.server.url}/nexudus", f"{synced.server.url}/moved")
    assert synced.run("sync", "--yes").code == 4
    ids, before = "SELECT canonical_id, source_id FROM org.crosswalk ORDER BY ALL", synced.writes()
    linked = synced.ask(ids)
    pulled = synced.run("pull", "hq", "--accept-shrink", "hq", "--json")
    assert (pulled.code, pulled.json()["connections"]["hq"]["reads"]["departments"]) == (0, 3)  # all, not the changes
    synced.sync()
    assert (synced.ask(ids), synced.writes()) == (linked, before)


def test_an_account_that_was_accepted_and_not_read_whole_is_still_another_one(synced: Office) -> None:
    other_client(synced)
    always(synced.vendors.scalepad, failing(503))
    assert synced.run("pull", "amm", "--accept-shrink", "amm").code == 5
    synced.vendors.scalepad.faults.clear()
    assert synced.run("sync", "--yes").code == 4
    assert synced.run("pull", "amm", "--accept-shrink", "amm").code == 0
    synced.sync()


def test_a_connection_that_holds_nothing_yet_may_be_pointed_elsewhere(office: Office) -> None:
    assert office.run("pull").code == 0
    other_client(office)
    other_udesk(office)
    office.sync()
    assert office.at_amm() == ["Stranger 1", "Stranger 2", "Stranger 3"]


def test_the_same_address_in_another_spelling_is_the_same_account(synced: Office) -> None:
    synced.reconfigure(f"{synced.server.url}/udesk", f"{synced.server.url}/udesk//")
    synced.sync()


def test_a_workspace_of_an_earlier_version_takes_its_fingerprints_with_the_next_pull(synced: Office) -> None:
    with closing(sqlite3.connect(synced.workspace / "journal.sqlite")) as db, db:
        db.execute("DELETE FROM fingerprints")
    synced.sync()
    other_client(synced)
    assert synced.run("sync", "--yes").code == 4


def test_a_connection_is_guarded_from_its_first_read_on_though_a_part_of_it_failed(office: Office) -> None:
    office.vendors.nexudus.add_department(Name="Front desk", Description="d")
    office.vendors.nexudus.faults.extend([lambda _request, _execute: None])
    always(office.vendors.nexudus, failing(403))
    assert office.run("pull", "hq").code == 5
    office.vendors.nexudus.faults.clear()
    other_business(office)
    assert office.run("pull", "hq").code == 4


@pytest.mark.usefixtures("published")
def test_a_new_name_for_the_other_account_leaves_the_first_ones_links_alone(synced: Office) -> None:
    twin = ScalePadTwin(token="sandbox-scalepad-token", client_id=OTHER_CLIENT, now=synced.clock.now)
    twin.add_department("Theirs")
    synced.twins["theirs"] = twin
    os.environ["CONNECTIONS__THEIRS__TOKEN"] = "sandbox-scalepad-token"
    lines = f'vendor = "scalepad"\nbase_url = "{synced.server.url}/theirs/v2"\nclient_id = "{OTHER_CLIENT}"\n'
    synced.configure(connections={"theirs": lines})
    synced.sync()
    assert ("Theirs",) in synced.ask(ACTIVE)
