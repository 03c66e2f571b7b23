"""What the tests of ``orgweave review`` share: a tie to decide, and a look at what became of it."""

from typing import Any

from state.safety import SafetyRecord
from tests.pipelines.rig import Office, Ran


def tie(office: Office) -> str:
    """Two namesakes in Udesk's tree, and a record at ScalePad that could be either, to be read yet; its id there."""
    office.tree(("A",), ("A", "Support"), ("A", "Support", "Tier 1"), ("B",), ("B", "Support"))
    return office.vendors.scalepad.add_department("Support")


def at_amm(office: Office) -> str:
    """The id of the one record at ScalePad."""
    [found] = office.vendors.scalepad.departments
    return found


def waiting(office: Office) -> dict[str, Any]:
    """``review --json``."""
    ran = office.run("review", "--json")
    assert ran.code in (0, 3), ran.text
    found: dict[str, Any] = ran.json()
    return found


def proposed(office: Office) -> str:
    """The id of the one proposal that waits."""
    [one] = waiting(office)["proposals"]
    return str(one["id"])


def decide(office: Office, *words: str, code: int = 0) -> Any:
    """``review … --json``, which must decide."""
    ran = office.run("review", *words, "--by", "lee", "--json")
    assert ran.code == code, ran.text
    return ran.json()


def refused(office: Office, *words: str) -> str:
    """Why ``review …`` decides nothing."""
    before = _decided(office)
    ran: Ran = office.run("review", *words)
    assert (ran.code, ran.out) == (2, ""), ran.text
    assert _decided(office) == before
    return ran.err


def _decided(office: Office) -> int:
    journal = office.workspace / "journal.sqlite"
    if not journal.exists():
        return 0
    with SafetyRecord.look(journal) as safety:
        return len(safety.decisions())


def canonical(office: Office, path: str) -> str:
    """The id of the department of this path."""
    [found] = [key for key, name in office.ask("SELECT department_id, path FROM org.departments") if name == path]
    return str(found)


def linked(office: Office, connection: str = "amm") -> dict[str, tuple[str, str]]:
    """Source id → (canonical id, method) of an account's live links of departments."""
    rows = office.ask(
        "SELECT connection, source_id, canonical_id, method FROM org.crosswalk "
        "WHERE entity = 'department' AND unlinked_at IS NULL"
    )
    return {source_id: (key, method) for name, source_id, key, method in rows if name == connection}
