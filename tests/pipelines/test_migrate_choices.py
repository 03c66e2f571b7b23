"""What may be chosen for a migration: names that are cut, and a file that holds the choices."""

import tomllib
from pathlib import Path

import pytest

from pipelines.errors import UsageError
from pipelines.migration_file import Choices, chosen
from tests.docs import DOCS
from tests.pipelines.rig import Office
from tests.pipelines.test_migrate import changes, migrate, states

pytestmark = pytest.mark.usefixtures("unpublished")

LONG = "Customer care, field service and everything that has no name of its own yet, " * 4
"""308 characters; Udesk takes 255."""


@pytest.fixture
def amm(office: Office) -> Office:
    """Two departments at ScalePad whose names are too long for Udesk and begin alike, and a short one."""
    office.configure("")
    for name in (f"{LONG}A", f"{LONG}B", "Sales"):
        office.vendors.scalepad.add_department(name)
    return office


def at_udesk(office: Office) -> list[str]:
    return sorted(name for name, _ in office.vendors.udesk.departments.values())


def test_a_name_that_is_too_long_is_refused_unless_shorter_ones_are_asked_for(amm: Office) -> None:
    told = migrate(amm, "--yes", source="amm", to="udesk_cn", code=3)
    refused = [one for one in told["plan"]["changes"] if one["status"] == "refused"]
    assert {one["rule"] for one in refused} == {"name_too_long"}
    assert "--shorten" in refused[0]["reason"]
    assert at_udesk(amm) == ["Sales"]


def test_a_shortened_name_is_told_and_known_again_in_every_later_run(amm: Office) -> None:
    told = migrate(amm, "--yes", "--shorten", source="amm", to="udesk_cn")
    short = [name for name in at_udesk(amm) if name != "Sales"]
    assert [len(name) <= 255 for name in short] == [True, True]
    lost = {one["value"]: one["instead"] for one in told["loss"]["records"] if one["field"] == "name"}
    assert set(lost) == {f"{LONG}A", f"{LONG}B"}
    assert all(any(f"characters: '{name}'" in text for text in lost.values()) for name in short)
    for words in ((), ("--shorten",)):
        assert states(migrate(amm, "--check", *words, source="amm", to="udesk_cn")) == {"same": 3}
        assert changes(migrate(amm, "--yes", *words, source="amm", to="udesk_cn")) == []
    [key] = [key for key, (name, _) in amm.vendors.scalepad.departments.items() if name.endswith("A")]
    amm.vendors.scalepad.rename(key, f"{LONG}C")
    again = migrate(amm, "--yes", "--shorten", source="amm", to="udesk_cn")
    assert [(op, status) for op, status, _ in changes(again)] == [("rename", "ready")]
    assert len(at_udesk(amm)) == 3
    amm.configure('[departments]\nauthority = ["amm"]\nwrite_to = ["udesk_cn"]\n')
    assert amm.sync()["plan"]["changes"] == []


def test_a_file_holds_the_choices_and_a_flag_wins_over_it(amm: Office) -> None:
    file = amm.folder / "migration.toml"
    file.write_text('from = "amm"\nto = "hq"\nshorten = true\nmarkdown = "loss.md"\n', encoding="utf-8")
    ran = amm.run("migrate", "--file", str(file), "--to", "udesk_cn", "--yes", "--json")
    assert (ran.code, ran.json()["to"]) == (0, "udesk_cn"), ran.text
    assert len(at_udesk(amm)) == 3
    assert "shortened to" in (amm.folder / "loss.md").read_text(encoding="utf-8")
    assert amm.run("migrate", "--to", "hq").code == 2


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("shortn = true", "unknown key shortn; did you mean shorten"),
        ('token = "tok-000"', "token: no secret stands here"),
        (
            '[connections.hq]\npassword = "tok-000"',
            "It belongs into $CONNECTIONS__<ACCOUNT>__PASSWORD or .dlt/secrets.toml",
        ),
        ("yes = true", "unknown key yes"),
        ('sample = "five"', "migration.toml: sample: a whole number is wanted, not a text in quotes"),
        ('only = "teams"', "migration.toml: only: a list, [...] is wanted, not a text in quotes"),
        ("only = [3]", "only[0]: a text in quotes is wanted, not a whole number"),
        ("sample = 0", "1 or more"),
        ('max_wait = "8 hours"', "max_wait: '8 hours' is not a duration such as 120s"),
        ("from = [", "not TOML"),
    ],
)
def test_a_mistake_in_the_file_is_told_with_file_and_key(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "migration.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError) as told:
        chosen(Choices(), file)
    assert says in str(told.value)
    assert str(file) in str(told.value)
    assert "What to do" in str(told.value)
    assert "tok-000" not in str(told.value)


def test_the_file_in_the_how_to_is_one_with_every_key(tmp_path: Path) -> None:
    [text] = [one for one in (DOCS / "migrate.md").read_text(encoding="utf-8").split("```") if one.startswith("toml\n")]
    file = tmp_path / "migration.toml"
    file.write_text(text.removeprefix("toml\n"), encoding="utf-8")
    told = chosen(Choices(sample=2), file)
    assert told.sample == 2
    assert told.people == tmp_path / "people.csv"
    assert len(tomllib.loads(file.read_text(encoding="utf-8"))) == len(Choices.__slots__)
