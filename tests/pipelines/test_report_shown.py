"""The report in a browser: what is seen, searched and unfolded, by mouse and by keys. Needs Debian's Chromium."""

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipelines.report.document import document
from pipelines.report.page import page
from state.published import open_published
from tests import browser
from tests.browser import Browser, Page
from tests.pipelines.published_org import HOSTILE, make

BINARY = browser.found()
pytestmark = pytest.mark.skipif(BINARY is None, reason="no Chromium here: apt-get install chromium-headless-shell")

CHOOSE = """(id, value) => {
  const field = document.getElementById(id);
  field.value = value;
  field.dispatchEvent(new Event(field.tagName === 'SELECT' ? 'change' : 'input'));
}"""
NAMES = "[...document.querySelectorAll('#tree .name')].map((one) => one.textContent)"
MARKED = "[...document.querySelectorAll('#tree .chip')].map((one) => one.textContent)"


@pytest.fixture(scope="module")
def opened() -> Iterator[Browser]:
    assert BINARY is not None
    with browser.browser(BINARY) as one:
        yield one


def _show(opened: Browser, folder: Path, size: int, **more: Any) -> Page:
    path = make(folder / "org.duckdb", size, **more)
    with open_published(path) as published:
        told = document(published, path.name)
    file = folder / "page.html"
    file.write_text(page(told), encoding="utf-8")
    opened.events.clear()
    shown = opened.open(file)
    assert shown.run("document.documentElement.dataset.ready") == "yes"
    return shown


def _choose(shown: Page, field: str, value: str) -> None:
    shown.run(f"({CHOOSE})({field!r}, {value!r})")
    shown.run("new Promise((done) => setTimeout(done, 200))")  # a search waits until typing has stopped


def test_hostile_names_are_seen_letter_by_letter_and_nothing_is_asked_of_anybody(
    opened: Browser, tmp_path: Path
) -> None:
    shown = _show(opened, tmp_path, 12, names=HOSTILE)
    names = shown.run(NAMES)
    assert HOSTILE[0] in names
    assert HOSTILE[1] in names
    assert any("U+202EevilU+2066" in name for name in names)
    assert "owned" not in shown.run("document.title")
    assert shown.run("document.querySelectorAll('img, iframe, main script').length") == 0
    assert [one["request"]["url"] for one in shown.said("Network.requestWillBeSent")] == [
        (tmp_path / "page.html").as_uri()
    ]
    assert shown.said("Log.entryAdded", "Runtime.exceptionThrown") == []


def test_a_small_organisation_is_unfolded_with_what_is_to_be_said_of_each(opened: Browser, tmp_path: Path) -> None:
    shown = _show(opened, tmp_path, 10)
    assert len(shown.run(NAMES)) == 10
    marks = shown.run(MARKED)
    told = (
        "new",
        "renamed, was Old 3; written to hq",
        "create failed in amm",
        "create refused in amm",
        "conflict: name",
    )
    assert set(told) <= set(marks)
    head = shown.run("document.getElementById('subline').textContent")
    assert re.match(r"10 departments in \d systems, as of \d{4}-\d\d-\d\d \d\d:\d\d UTC ", head)
    assert "A person is needed" in shown.run("document.querySelector('h1').textContent")
    assert shown.run("document.querySelectorAll('#waiting article').length") == 2
    assert shown.run("document.querySelectorAll('#runs svg g').length") == 5 * 40
    assert shown.run("document.querySelectorAll('#reads .bad').length") == 1


def test_ten_thousand_departments_open_at_once_and_unfold_by_branches(opened: Browser, tmp_path: Path) -> None:
    began = time.monotonic()
    shown = _show(opened, tmp_path, 10_000)
    assert time.monotonic() - began < 20  # some two seconds; the machine may be busy with other tests
    assert len(shown.run(NAMES)) == 3
    assert shown.run("document.getElementById('found').textContent") == "9,897 departments and 103 gone"
    shown.run("document.querySelector('#tree svg.twisty').dispatchEvent(new MouseEvent('click', {bubbles: true}))")
    assert len(shown.run(NAMES)) == 12
    for _ in range(5):
        shown.run("document.getElementById('unfold').click()")
    assert 1_000 < len(shown.run(NAMES)) < 9_000
    shown.run("document.getElementById('fold').click()")
    assert len(shown.run(NAMES)) == 3


def test_a_long_branch_shows_a_hundred_and_then_the_next(opened: Browser, tmp_path: Path) -> None:
    shown = _show(opened, tmp_path, 1_000, branch=5_000)
    shown.run("document.querySelector('#tree svg.twisty').dispatchEvent(new MouseEvent('click', {bubbles: true}))")
    assert len(shown.run(NAMES)) == 103
    button = "[...document.querySelectorAll('#tree button')].at(-1)"
    assert shown.run(f"{button}.textContent") == "Show 100 more of 897"
    shown.run(f"{button}.click()")
    assert len(shown.run(NAMES)) == 203


def test_a_search_shows_what_matches_below_what_it_is_in(opened: Browser, tmp_path: Path) -> None:
    shown = _show(opened, tmp_path, 10_000)
    _choose(shown, "seek-text", "quality 99")
    names = shown.run(NAMES)
    matches = [name for name in names if name.startswith("Quality 99")]
    assert shown.run("document.getElementById('found').textContent") == (
        f"{len(matches)} departments of 10,000, gone ones included"
    )
    assert len(names) > len(matches) > 3
    assert shown.run("document.querySelectorAll('#tree mark').length") == len(matches)
    _choose(shown, "seek-text", "no such thing")
    assert shown.run("document.getElementById('tree').textContent") == "No department is so."


def test_the_tree_is_narrowed_to_a_system_to_a_remark_and_to_a_span(opened: Browser, tmp_path: Path) -> None:
    shown = _show(opened, tmp_path, 10)
    _choose(shown, "seek-what", "refused")
    assert shown.run("document.getElementById('found').textContent") == "1 department of 10"
    _choose(shown, "seek-system", "1")  # hq, where nothing was refused
    assert shown.run("document.getElementById('found').textContent") == "0 departments of 10"
    _choose(shown, "seek-what", "missing")
    assert shown.run("document.getElementById('found').textContent") == "1 department of 10"
    _choose(shown, "seek-system", "-1")
    _choose(shown, "seek-what", "marked")
    before = len(shown.run(MARKED))
    _choose(shown, "seek-since", "0")
    assert len(shown.run(MARKED)) == before


def test_the_tree_is_walked_unfolded_and_read_by_keys(opened: Browser, tmp_path: Path) -> None:
    shown = _show(opened, tmp_path, 500)
    shown.run("document.querySelector('#tree [tabindex=\"0\"]').focus()")
    here = "document.activeElement.querySelector('.name').textContent"
    first = shown.run(here)
    shown.press("ArrowRight")
    assert shown.run("document.activeElement.getAttribute('aria-expanded')") == "true"
    shown.press("ArrowRight", "ArrowDown")
    assert shown.run("document.activeElement.getAttribute('aria-level')") == "2"
    shown.press("Enter")
    assert "orgweave why department" in shown.run("document.activeElement.querySelector('.detail').textContent")
    shown.press("ArrowLeft", "ArrowLeft")
    assert (shown.run(here), shown.run("document.activeElement.getAttribute('aria-expanded')")) == (first, "false")
    assert shown.run("document.querySelectorAll('#tree [tabindex=\"0\"]').length") == 1


@pytest.mark.parametrize("dark", [False, True])
def test_it_fits_a_telephone_and_its_text_stands_out_from_what_is_behind_it(
    opened: Browser, tmp_path: Path, *, dark: bool
) -> None:
    shown = _show(opened, tmp_path, 60, names=HOSTILE)
    for width in (390, 1280):
        shown.size(width, dark=dark)
        assert shown.run("document.documentElement.scrollWidth") <= width
    faint = shown.run(FAINT)
    assert faint == []


FAINT = """(() => {
  const part = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((one) => one / 255)
    .map((one) => one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4)
    .reduce((sum, one, at) => sum + one * [0.2126, 0.7152, 0.0722][at], 0);
  const behind = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const colour = part(getComputedStyle(at).backgroundColor);
      if (colour.length < 4 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const faint = new Set();
  for (const node of document.querySelectorAll('body *')) {
    if (![...node.childNodes].some((one) => one.nodeType === 3 && one.data.trim())) continue;
    if (!node.getClientRects().length || node.closest('script, option')) continue;
    const [one, other] = [light(part(getComputedStyle(node).color)), light(behind(node))];
    const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    if (ratio < 4.5) faint.add(`${node.tagName}.${node.className} ${ratio.toFixed(2)}`);
  }
  return [...faint];
})()"""
"""The kinds of text whose contrast is less than WCAG's 4.5 : 1."""
