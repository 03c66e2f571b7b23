"""``orgweave report``: what the page holds, that it asks nobody for anything, and that no name in it is obeyed."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.report.document import document
from pipelines.report.page import embedded, page
from state.lock import lock
from state.published import open_published
from tests.pipelines.published_org import HOSTILE, NOW, make
from tests.pipelines.rig import Office, run

CONFIG = """
[workspace]
publish = "org.duckdb"

[connections.udesk_cn]
vendor = "udesk"
base_url = "https://example.test"
"""


class Read(HTMLParser):
    """The page as a browser splits it: its elements with their attributes, and the text of scripts and styles."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.raw: dict[str, list[str]] = {"script": [], "style": []}
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.elements and self.elements[-1][0] in self.raw and self.cdata_elem:
            self.raw[self.elements[-1][0]].append(data)

    def data(self) -> Any:
        """What the page has to tell."""
        return json.loads(self.raw["script"][0])


def _listed(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir())


def told(path: Path) -> dict[str, Any]:
    with open_published(path) as published:
        return document(published, path.name)


def test_a_run_is_told_as_it_was(office: Office) -> None:
    office.tree(("Ops",), ("Ops", "Support"))
    office.sync()
    done = office.run("report", "--json").json()
    place = office.folder / "org-report.html"
    assert (done["report"], done["departments"], done["waiting"]) == (str(place), 2, 0)
    data = Read(place.read_text(encoding="utf-8")).data()
    assert [run["command"] for run in data["runs"]] == ["sync"]
    assert (data["runs"][0]["done"], data["runs"][0]["exit_code"], data["changes"]["of_all"]) == (4, 0, 4)
    assert sorted(data["departments"]["name"]) == ["Ops", "Support"]
    assert data["systems"] == ["amm", "hq", "udesk_cn"]
    assert len(data["holdings"]["of"]) == 6
    assert all(read["complete"] for read in data["reads"])


def test_what_was_renamed_and_what_is_new_is_told_and_the_first_run_is_no_news(office: Office) -> None:
    office.tree(("Ops",), ("Legal",))
    office.sync()
    assert told(office.published)["happenings"]["of"] == []
    office.vendors.udesk.rename(1, "Operations")
    office.tree(("Sales",))
    office.sync()
    data = told(office.published)
    columns = (data["happenings"][name] for name in ("of", "what", "was"))
    assert {(data["departments"]["name"][of], what, was) for of, what, was in zip(*columns, strict=True)} == {
        ("Operations", "renamed", "Ops"),
        ("Sales", "new", None),
    }
    assert {(row["op"], row["connection"]) for row in data["changes"]["rows"]} == {
        *(("rename", "amm"), ("rename", "hq"), ("create", "amm"), ("create", "hq")),
    }


def test_what_an_account_says_otherwise_is_told_beside_what_survived(office: Office) -> None:
    office.tree(("Ops",))
    office.vendors.scalepad.add_department("Ops", "Rooms and keys")
    office.vendors.nexudus.add_department(Name="Ops", Description="Everything else")
    office.sync()
    told_of = [
        (row["record"], row["field"], row["survived"], row["survived_from"], row["connection"], row["value"])
        for row in told(office.published)["differences"]["rows"]
    ]
    assert told_of == [("Ops", "description", "Rooms and keys", "amm", "hq", "Everything else")]


def test_names_are_data_whatever_they_hold(tmp_path: Path) -> None:
    path = make(tmp_path / "org.duckdb", 40, names=HOSTILE)
    text = page(told(path))
    read = Read(text)
    assert [tag for tag, _ in read.elements if tag in ("script", "style", "img", "link", "iframe")] == [
        *("style", "script", "script"),
    ]
    names = read.data()["departments"]["name"]
    assert names[0] == HOSTILE[0]
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)
    assert any("U+202E" in name and "U+001B" in name for name in names)


def test_nothing_ends_the_block_of_data() -> None:
    for text in (*HOSTILE, "</SCRIPT", "<!--<script>", "]]>", "\u2028"):
        block = embedded({"name": text})
        assert not {*"<>&\u2028\u2029"} & {*block}
        assert json.loads(block) == {"name": text}


def test_the_policy_allows_this_style_and_this_script_and_nothing_else(tmp_path: Path) -> None:
    text = page(told(make(tmp_path / "org.duckdb", 10)))
    read = Read(text)
    policy = next(at["content"] for tag, at in read.elements if tag == "meta" and at.get("http-equiv"))
    assert policy is not None
    rules = dict(one.strip().split(" ", 1) for one in policy.split(";"))
    assert rules.keys() == {"default-src", "script-src", "style-src", "base-uri", "form-action"}
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'"
    for kind, where in (("script", 1), ("style", 0)):
        digest = hashlib.sha256(read.raw[kind][where].encode()).digest()
        assert rules[f"{kind}-src"] == f"'sha256-{base64.b64encode(digest).decode()}'"
    assert not [at for _, at in read.elements if at.keys() & {"src", "style", "action", "onclick", "onload"}]
    assert all((at.get("href") or "#").startswith("#") for _, at in read.elements)
    assert "http://" not in text.replace("http://www.w3.org/2000/svg", "")
    assert "innerHTML" not in text
    assert "document.write" not in text


def test_it_works_while_a_run_holds_the_workspace_and_leaves_everything_as_it_was(office: Office) -> None:
    office.tree(("Ops",))
    office.sync()
    before = (office.published.read_bytes(), _listed(office.workspace), office.asked())
    with lock(office.workspace / "lock", "sync", NOW):
        assert office.run("report", "--out", str(office.folder / "deep" / "page.html")).code == 0
    assert (office.published.read_bytes(), _listed(office.workspace), office.asked()) == before
    assert _listed(office.folder / "deep") == ["page.html"]


def test_it_needs_the_published_file_alone(tmp_path: Path) -> None:
    make(tmp_path / "org.duckdb", 12)
    (tmp_path / "orgweave.toml").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "org.duckdb").chmod(0o640)
    assert run("report", config=tmp_path / "orgweave.toml").code == 0
    place = tmp_path / "org-report.html"
    assert place.stat().st_mode & 0o777 == 0o640
    place.chmod(0o604)
    assert run("report", config=tmp_path / "orgweave.toml").code == 0
    assert place.stat().st_mode & 0o777 == 0o604


@pytest.mark.parametrize("words", [(), ("--json",)])
def test_before_anything_was_published_it_says_what_to_do(tmp_path: Path, words: tuple[str, ...]) -> None:
    (tmp_path / "orgweave.toml").write_text(CONFIG, encoding="utf-8")
    refused = run("report", *words, config=tmp_path / "orgweave.toml")
    assert (refused.code, "What to do: orgweave pull" in refused.err) == (2, True)


def test_a_place_that_cannot_be_written_is_named_and_the_old_page_stays(tmp_path: Path) -> None:
    make(tmp_path / "org.duckdb", 12)
    (tmp_path / "orgweave.toml").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    for out in (tmp_path, tmp_path / "file" / "page.html"):
        refused = run("report", "--out", str(out), config=tmp_path / "orgweave.toml")
        assert (refused.code, str(out) in refused.err, "What to do" in refused.err) == (2, True, True)
    assert _listed(tmp_path) == ["file", "org.duckdb", "orgweave.toml"]


def test_departments_of_a_circle_are_told_as_roots_and_every_other_after_its_parent(tmp_path: Path) -> None:
    path = make(tmp_path / "org.duckdb", 30)
    with duckdb.connect(str(path)) as db:
        [(one,), (other,)] = db.execute(
            "SELECT department_id FROM org.departments WHERE name IN (?, ?)", CIRCLE
        ).fetchall()
        turn = "UPDATE org.departments SET parent_id = ?, depth = NULL WHERE department_id = ?"
        db.executemany(turn, [(one, other), (other, one)])
    told_of = told(path)["departments"]
    assert all(parent < place for place, parent in enumerate(told_of["parent"]))
    places = [told_of["name"].index(name) for name in CIRCLE]
    assert [(told_of["parent"][place], told_of["depth"][place]) for place in places] == [(-1, None), (-1, None)]


CIRCLE = ["Quality 23", "Legal 25"]


def test_of_what_is_too_much_for_a_page_the_first_is_told_and_how_much_there_is(tmp_path: Path) -> None:
    path = make(tmp_path / "org.duckdb", 20)
    with duckdb.connect(str(path)) as db:
        db.execute(
            "INSERT INTO ops.conflicts BY NAME SELECT 'c' || n AS conflict_id, 'team' AS entity FROM range(900) t(n)"
        )
        db.execute("UPDATE ops.changes SET reason = repeat('very ', 100000)")
    conflicts = told(path)["conflicts"]
    assert (len(conflicts["rows"]), conflicts["of_all"]) == (500, 901)
    assert all(len(row["reason"]) < 3_000 for row in told(path)["changes"]["rows"])


def test_a_record_that_a_value_refers_to_is_told_by_its_name(tmp_path: Path) -> None:
    path = make(tmp_path / "org.duckdb", 20)
    with duckdb.connect(str(path)) as db:
        [(parent, name)] = db.execute("SELECT department_id, name FROM org.departments LIMIT 1").fetchall()
        db.execute("UPDATE ops.changes SET after = {'parent_id': ?::VARCHAR}::JSON", [parent])
    assert [row["after"] for row in told(path)["changes"]["rows"]] == [{"parent_id": name}] * 2
