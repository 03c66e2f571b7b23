"""Vendors that installed distributions bring: found by their entry point, told by their distribution when broken."""

from collections.abc import Callable
from pathlib import Path

import pytest

from sources.errors import BrokenVendor
from sources.files.settings import VENDOR as FILES
from sources.registry import OWN, broken, culprit, load_vendor, mapping_of, rehearsal_of, vendor_names
from sources.scalepad.settings import VENDOR as SCALEPAD
from tests.distribution import VENDOR, install, installed

POINT = {"acme": "acme_vendor.settings:VENDOR"}


def site(folder: Path, settings: str = VENDOR, name: str = "orgweave-acme", **files: str) -> Path:
    given = {path.replace("__", "."): text for path, text in files.items()}
    install(folder, name, POINT, {"acme_vendor/__init__.py": "", "acme_vendor/settings.py": settings} | given)
    return folder


def test_a_vendor_that_a_distribution_brings_is_there_by_its_name(tmp_path: Path) -> None:
    with installed(site(tmp_path, **{"acme_vendor/mapping__sql": "SELECT 1", "acme_vendor/rehearsal__py": "twin = 1"})):
        assert vendor_names() == (*OWN, "acme", "files")
        assert load_vendor("acme").title == "Acme"
        assert mapping_of("acme") == "SELECT 1"
        assert rehearsal_of("acme").twin == 1
    assert "acme" not in vendor_names()


def test_files_takes_the_same_road_as_any_other_distribution_s_vendor() -> None:
    assert "files" not in OWN
    assert load_vendor("files") is FILES
    assert "FROM raw" in mapping_of("files")
    assert rehearsal_of("files").stand_in


def test_our_own_vendors_cannot_be_taken_over(tmp_path: Path) -> None:
    point = {"scalepad": "acme_vendor.settings:VENDOR"}
    install(tmp_path, "orgweave-acme", point, {"acme_vendor/settings.py": VENDOR})
    with installed(tmp_path):
        assert vendor_names().count("scalepad") == 1
        assert load_vendor("scalepad") is SCALEPAD


def test_a_name_that_nobody_brings_is_none() -> None:
    with pytest.raises(KeyError):
        load_vendor("acme")


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ("import no_such_module", "ModuleNotFoundError: No module named 'no_such_module'"),
        ("def (", "SyntaxError"),
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("", "AttributeError"),
        ("VENDOR = 7", "is a int, and no sources.vendor.Vendor"),
        (VENDOR.replace('"acme"', '"other"'), "calls itself 'other'"),
        (VENDOR.replace("title=", "resources=(), title="), "has no resources"),
        (VENDOR.replace("title=", "resources=(1,), title="), "has no resources"),
        (VENDOR.replace("title=", 'options={"pace": (str, False)}, title='), "has an option or secret 'pace'"),
    ],
)
def test_a_vendor_that_cannot_be_used_is_told_with_its_distribution(tmp_path: Path, settings: str, why: str) -> None:
    with installed(site(tmp_path, settings)):
        with pytest.raises(BrokenVendor) as fault:
            load_vendor("acme")
        assert load_vendor("files") is FILES
        assert "acme" in vendor_names()
    told = str(fault.value)
    assert "the vendor 'acme', which orgweave-acme 1.2 brings" in told
    assert why in told
    assert told.endswith("What to do: update or mend orgweave-acme, or uninstall it: pip uninstall orgweave-acme")


@pytest.mark.parametrize("ask", [mapping_of, rehearsal_of])
def test_a_vendor_that_lacks_a_part_is_told_with_its_distribution(tmp_path: Path, ask: Callable[[str], object]) -> None:
    with installed(site(tmp_path)), pytest.raises(BrokenVendor, match=r"orgweave-acme 1\.2"):
        ask("acme")


def test_two_distributions_that_bring_one_name_are_both_told(tmp_path: Path) -> None:
    first, second = site(tmp_path / "a"), site(tmp_path / "b", name="acme-too")
    with installed(first, second), pytest.raises(BrokenVendor, match=r"acme-too 1\.2 and orgweave-acme 1\.2 bring"):
        load_vendor("acme")


def test_one_distribution_that_is_found_twice_counts_once(tmp_path: Path) -> None:
    with installed(site(tmp_path / "a"), site(tmp_path / "b")):
        assert load_vendor("acme").name == "acme"


def test_a_fault_is_laid_at_the_door_of_the_code_that_it_began_in(tmp_path: Path) -> None:
    settings = f"{VENDOR}\n\ndef fail():\n    raise TypeError('no')\n"
    with installed(site(tmp_path, settings)):
        load_vendor("acme")
        from acme_vendor.settings import fail  # type: ignore[import-not-found] # made by this test

        with pytest.raises(TypeError) as fault:
            fail()
        assert culprit(fault.value) == "the vendor 'acme', which orgweave-acme 1.2 brings"
        assert "TypeError: no" in str(broken("acme", fault.value))
        with pytest.raises(TypeError):
            broken("scalepad", fault.value)
    with pytest.raises(KeyError) as ours:
        load_vendor("acme")
    assert culprit(ours.value) == ""
