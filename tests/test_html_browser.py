"""The HTML report in headless Chromium: filters, keyboard, screens of all kinds, and whether everybody can use it."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import Browser, executable, started
from reports import hostile, large, mixed

from migrator.report import html
from migrator.settings import Mode

PROGRAM = executable()
pytestmark = pytest.mark.skipif(PROGRAM is None, reason="needs Chromium (apt-get install chromium)")

SHOWN = "[...document.querySelectorAll('.file:not([hidden])')].map((file) => file.dataset.path)"
NOTES = (
    "[...document.querySelectorAll('.note')].filter((note) => note.checkVisibility()).map((note) => note.dataset.code)"
)
RESULT = "document.getElementById('result').textContent"
WIDEST = "document.documentElement.scrollWidth"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    assert PROGRAM is not None
    with started(PROGRAM) as running:
        yield running


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages that the tests look at."""
    folder = tmp_path_factory.mktemp("pages")
    runs = {"mixed": mixed(), "verify": mixed(Mode.VERIFY), "hostile": hostile(), "large": large(300, 10)}
    for name, record in runs.items():
        (folder / f"{name}.html").write_text(html.render(record), "ascii")
    return folder


@pytest.fixture
def page(folder: Path) -> Path:
    return folder / "mixed.html"


def choose(browser: Browser, name: str, value: str) -> None:
    """Set a field as a person does, so that the page is told."""
    field = f"document.forms[0].elements[{json.dumps(name)}]"
    browser.js(f"{field}.value = {json.dumps(value)}; {field}.dispatchEvent(new Event('input', {{bubbles: true}}))")


# Filters --------------------------------------------------------------------------------------------------------------


def test_all_is_shown_at_first(browser: Browser, page: Path) -> None:
    browser.open(page)
    assert browser.js(SHOWN) == ["app/good.py", "app/web/both.py", "lib/left.py", "torn.py"]
    assert browser.js(RESULT) == "4 files, 5 calls, 3 findings"


@pytest.mark.parametrize(
    ("name", "value", "files", "result"),
    [
        ("status", "migrated", ["app/good.py", "app/web/both.py"], "2 of 4 files, 2 of 5 calls"),
        ("status", "refused", ["lib/left.py"], "1 of 4 files, 1 of 5 calls, 1 of 3 findings"),
        ("status", "error", ["torn.py"], "1 of 4 files, 1 of 3 findings"),
        ("level", "review", ["app/web/both.py"], "1 of 4 files, 1 of 5 calls, 1 of 3 findings"),
        ("code", "MG101", ["lib/left.py"], "1 of 4 files, 2 of 5 calls, 1 of 3 findings"),
        ("dir", "app", ["app/good.py", "app/web/both.py"], "2 of 4 files, 3 of 5 calls, 1 of 3 findings"),
        ("dir", ".", ["torn.py"], "1 of 4 files, 1 of 3 findings"),
        ("q", "CACHED_content place", ["lib/left.py"], "1 of 4 files, 1 of 3 findings"),
        ("q", "both.py", ["app/web/both.py"], "1 of 4 files, 2 of 5 calls, 1 of 3 findings"),
        ("q", "no such words", [], "0 of 4 files, 0 of 5 calls, 0 of 3 findings"),
    ],
)
def test_a_filter(browser: Browser, page: Path, name: str, value: str, files: list[str], result: str) -> None:
    browser.open(page)
    choose(browser, name, value)
    assert browser.settled(SHOWN) == files
    assert browser.js(RESULT) == result
    assert browser.js("document.getElementById('none').checkVisibility()") is not bool(files)
    state = browser.js("location.hash")
    browser.open(page, state)  # the address holds the state
    assert browser.js(SHOWN) == files
    assert browser.js(f"document.forms[0].elements[{name!r}].value") == value
    browser.js("document.getElementById('clear').click()")
    assert len(browser.settled(SHOWN)) == 4
    assert browser.js("location.hash") == ""


def test_findings_that_do_not_match_are_hidden_in_their_file(browser: Browser, page: Path) -> None:
    browser.open(page, "#status=review")
    browser.js("document.getElementById('unfold').click()")
    assert browser.settled(NOTES) == ["MG107", "MG107"]
    choose(browser, "status", "migrated")
    browser.settled("document.getElementById('unfold').click()")
    assert browser.settled(NOTES) == ["MG400", "MG400"]
    choose(browser, "status", "")
    browser.settled("document.getElementById('unfold').click()")
    assert len(browser.settled(NOTES)) == 8


def test_a_number_leads_to_what_it_counts(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.js("document.querySelector('.reasons a[aria-label]').click()")
    assert browser.settled(SHOWN) == ["lib/left.py"]
    assert browser.js("document.activeElement.id") == "files"
    browser.js("history.back()")
    assert len(browser.settled(SHOWN)) == 4


def test_a_link_to_a_finding_unfolds_its_file(browser: Browser, page: Path) -> None:
    browser.open(page, "#f3n1")
    assert browser.js("document.getElementById('f3').open")
    assert browser.settled("document.querySelector('.note:target').checkVisibility()")


def test_an_address_that_leads_nowhere_does_no_harm(browser: Browser, page: Path) -> None:
    for fragment in ("#nowhere", "#%", "#code=MG999&dir=no/such", "#__proto__=x"):
        browser.open(page, fragment)
        assert browser.said() == [], fragment


# Keyboard -------------------------------------------------------------------------------------------------------------


def test_everything_is_reached_by_the_keyboard(browser: Browser, page: Path) -> None:
    browser.open(page)
    reached = []
    for _ in range(200):
        browser.key("Tab")
        told = browser.js(
            "(() => { const it = document.activeElement, style = getComputedStyle(it);"
            "return it === document.body ? null : [it.tagName, it.id || it.textContent.slice(0, 30),"
            "it.matches(':focus-visible') && style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2] })()"
        )
        if told is None:
            break
        reached.append(told)
    assert all(seen for *_, seen in reached), [each for each in reached if not each[2]]
    names = [name for _, name, _ in reached]
    assert names[0] == "Skip to the files"
    assert [name for name in names if name in {"q", "status", "level", "code", "dir"}] == [
        "q",
        "status",
        "level",
        "code",
        "dir",
    ]
    assert sum(tag == "SUMMARY" for tag, *_ in reached) == 4


def test_the_skip_link_and_a_file_by_keys(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.key("Tab")
    browser.key("Enter", "\r")
    assert browser.settled("document.activeElement.id") == "files"
    browser.js("document.querySelector('#f1 > summary').focus()")
    browser.key("Enter", "\r")
    assert browser.settled("document.getElementById('f1').open && document.querySelector('#f1 ins') !== null")


# Screens --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["mixed", "verify", "hostile", "large"])
@pytest.mark.parametrize("width", [320, 360, 768, 1280])
def test_nothing_scrolls_sideways(browser: Browser, folder: Path, name: str, width: int) -> None:
    browser.open(folder / f"{name}.html", width=width)
    browser.js("[...document.querySelectorAll('.file')].slice(0, 4).forEach((file) => { file.open = true; })")
    assert browser.settled(WIDEST) <= width
    assert browser.said() == []


def test_sides_are_one_above_the_other_on_a_phone(browser: Browser, page: Path) -> None:
    edges = "['del', 'ins'].map((tag) => document.querySelector('#f1 ' + tag).getBoundingClientRect().left)"
    for width, beside in ((360, False), (1280, True)):
        browser.open(page, "#f1", width=width)
        left, right = browser.settled(edges)
        assert (right > left) is beside


def test_dark(browser: Browser, page: Path) -> None:
    shades = []
    for dark in (False, True):
        browser.open(page, dark=dark)
        shades.append(browser.js("getComputedStyle(document.body).backgroundColor"))
    assert shades == ["rgb(255, 255, 255)", "rgb(19, 20, 23)"]


def test_nothing_moves_while_it_loads(browser: Browser, folder: Path) -> None:
    browser.open(folder / "large.html")
    moved = browser.settled(
        "new Promise((done) => { let sum = 0; new PerformanceObserver((list) => {"
        "for (const entry of list.getEntries()) sum += entry.value;"
        "}).observe({type: 'layout-shift', buffered: true}); setTimeout(() => done(sum), 200); })"
    )
    assert moved < 0.01


def test_paper_shows_every_file_unfolded_and_no_filters(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.js("dispatchEvent(new Event('beforeprint'))")
    browser.call("Emulation.setEmulatedMedia", media="print")
    assert browser.settled("document.querySelector('form').checkVisibility()") is False
    assert browser.js("document.querySelector('#f1 ins').getBoundingClientRect().height") > 0
    assert browser.js("document.querySelectorAll('noscript').length") == 0


def test_without_scripts_it_is_all_there(browser: Browser, page: Path) -> None:
    browser.open(page, "#f1", scripts=False)
    nodes = browser.call("DOM.getDocument", depth=-1, pierce=True)["root"]["nodeId"]
    assert browser.call("DOM.querySelectorAll", nodeId=nodes, selector=".note")["nodeIds"]
    form = browser.call("DOM.querySelector", nodeId=nodes, selector="form")["nodeId"]
    style = browser.call("CSS.enable") or browser.call("CSS.getComputedStyleForNode", nodeId=form)["computedStyle"]
    assert {"name": "display", "value": "none"} in style


# Trust ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["mixed", "hostile"])
def test_no_harm_no_errors_and_no_network(browser: Browser, folder: Path, name: str) -> None:
    page = folder / f"{name}.html"
    browser.open(page)
    browser.js("document.getElementById('unfold').click()")
    assert browser.settled("document.querySelectorAll('noscript').length") == 0
    assert browser.js("window.harm") is None
    assert browser.js("document.querySelectorAll('img, iframe, object').length + document.scripts.length") == 1
    assert browser.requests() == [page.as_uri()]
    assert browser.said() == []


def test_the_policy_stops_what_would_get_in(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.settled(
        "void document.body.insertAdjacentHTML('beforeend', '<img src=https://example.org/ onerror=harm()>')"
    )
    assert any("Content Security Policy" in each for each in browser.said())


# Everybody ------------------------------------------------------------------------------------------------------------


def axe() -> str:
    """The source of axe-core (github.com/dequelabs/axe-core), which checks rules of the WCAG."""
    found = importlib.util.find_spec("axe_core_python")
    assert found is not None
    assert found.submodule_search_locations
    return Path(found.submodule_search_locations[0], "axe.min.js").read_text("utf-8")


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("name", ["mixed", "verify"])
def test_accessibility(browser: Browser, folder: Path, name: str, width: int, dark: bool) -> None:
    browser.open(folder / f"{name}.html", width=width, dark=dark)
    browser.js("document.getElementById('unfold').click()")
    browser.settled("1")
    browser.js(axe())
    found: list[dict[str, Any]] = browser.js("axe.run(document).then((told) => told.violations)")
    assert [(it["id"], [node["html"][:120] for node in it["nodes"]][:3]) for it in found] == []


def test_what_a_screen_reader_meets(browser: Browser, page: Path) -> None:
    browser.open(page)
    tree = browser.call("Accessibility.getFullAXTree")["nodes"]
    roles: dict[str, list[str]] = {}
    for node in tree:
        if not node.get("ignored"):
            roles.setdefault(node["role"]["value"], []).append(node.get("name", {}).get("value", ""))
    assert {"main", "navigation", "search", "banner", "contentinfo", "status", "table"} <= roles.keys()
    assert roles["searchbox"] == ["Search"]
    assert roles["combobox"] == ["Status", "Level", "Code", "Directory"]
    assert set(roles["region"]) == {"Reasons", "Directories", "Files", "Explanations"}
    assert roles["table"] == ["What is said, by reason", "Calls by directory"]
    assert "1 findings with MG101" in roles["link"]


# Size -----------------------------------------------------------------------------------------------------------------


def test_a_large_report_is_quick(browser: Browser, folder: Path) -> None:
    page = folder / "large.html"
    assert page.stat().st_size < 7_000_000
    browser.open(page)
    assert browser.js(RESULT) == "300 files, 3,000 calls, 3,000 findings"
    assert browser.js("document.querySelectorAll('*').length") < 12_000  # lines are made when they are looked at
    took = browser.js(
        "new Promise((done) => { const start = performance.now(); document.forms[0].elements.q.value = 'module_77';"
        "document.forms[0].requestSubmit(); requestAnimationFrame(() => requestAnimationFrame(() =>"
        "done(performance.now() - start))); })"
    )
    assert browser.js(SHOWN) == ["src/area5/part2/module_77.py"]
    assert took < 2_000  # some 40 ms on a machine that does nothing else
