"""The page in a real browser, without a network: drawn, readable at all widths, in both schemes, by keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from evometa.presentation.run import Run
from evometa.report import write_report
from evometa.report.figures import CATALOGUE, PALETTES
from tests.report.browser import browser, look, wait

# Every element that says something must lie within the window, and texts must not lie upon one another.
OUTSIDE = """
const inside = e => e.closest('.scroll, pre, .hero, details:not([open])');
return [...document.querySelectorAll('main *, header *, nav *')].filter(e => {
  const box = e.getBoundingClientRect();
  return box.width && !inside(e) && !e.closest('svg') && (box.left < -1 || box.right > innerWidth + 1);
}).map(e => e.tagName + '.' + e.className + ' ' + e.getBoundingClientRect().right);
"""
CLIPPED = """
return [...document.querySelectorAll('.plot')].flatMap(plot => {
  const room = plot.getBoundingClientRect();
  return [...plot.querySelectorAll('text')].filter(t => {
    const box = t.getBoundingClientRect();
    return box.width && (box.left < room.left - 2 || box.right > room.right + 2
      || box.top < room.top - 2 || box.bottom > room.bottom + 2);
  }).map(t => plot.id + ': ' + t.textContent);
});
"""
OVERLAPPING = """
const kinds = '.xtitle, .annotation-text, .legendtext, .xtick text, .ytick text, .gtitle';
return [...document.querySelectorAll('.plot')].flatMap(plot => {
  const texts = [...plot.querySelectorAll(kinds)].map(t => [t, t.getBoundingClientRect()]).filter(([t, b]) => b.width);
  const found = [];
  texts.forEach(([t, a], i) => texts.slice(i + 1).forEach(([u, b]) => {
    const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
    const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
    if (wide > 2 && high > 4) found.push(plot.id + ': ' + t.textContent + ' | ' + u.textContent);
  }));
  return found;
});
"""
CARDS = """
const boxes = [...document.querySelectorAll('section > *, .facts > div')].filter(e => !e.querySelector('.facts'))
  .map(e => [e, e.getBoundingClientRect()]).filter(([e, b]) => b.width && !e.matches('.facts'));
const found = [];
boxes.forEach(([e, a], i) => boxes.slice(i + 1).forEach(([f, b]) => {
  if (!e.contains(f) && !f.contains(e) && Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
    && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1) found.push(e.outerHTML.slice(0, 60));
}));
return found;
"""
SMALL = """
return [...document.querySelectorAll('body *')].filter(e => e.childNodes.length && e.offsetParent !== null
  && [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())
  && parseFloat(getComputedStyle(e).fontSize) < 11 && !e.closest('math'))
  .map(e => e.tagName + e.textContent.slice(0, 40));
"""


@pytest.fixture(scope="module")
def driver() -> Iterator[Any]:
    """A browser for all tests here."""
    with browser() as found:
        yield found


@pytest.fixture(scope="module", params=["full", "hostile"])
def written(request: pytest.FixtureRequest, run: Run, hostile_run: Run, place: Path) -> Path:
    """A written page."""
    return write_report({"full": run, "hostile": hostile_run}[request.param], place / f"{request.param}.html")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_it_is_readable(driver: Any, written: Path, width: int, scheme: str) -> None:
    look(driver, written, width, scheme)
    assert driver.execute_script("return document.documentElement.scrollWidth") <= width
    assert driver.execute_script(OUTSIDE) == []
    assert driver.execute_script(CLIPPED) == []
    assert driver.execute_script(OVERLAPPING) == []
    assert driver.execute_script(CARDS) == []
    assert driver.execute_script(SMALL) == []
    said = [row for row in driver.get_log("browser") if row["level"] in ("SEVERE", "WARNING")]
    assert said == []


def test_every_figure_is_drawn_and_no_alert_comes_up(driver: Any, written: Path) -> None:
    look(driver, written)
    drawn = driver.execute_script("return [...document.querySelectorAll('.plot .main-svg')].length")
    assert drawn >= len(CATALOGUE) - 4
    assert driver.execute_script("return document.querySelectorAll('main script, main img').length") == 0
    assert driver.title.endswith("evometa report")


@pytest.mark.parametrize("scheme", PALETTES)
def test_page_and_figures_have_the_colours_asked_for(driver: Any, run: Run, place: Path, scheme: str) -> None:
    look(driver, write_report(run, place / "colours.html", force=True), scheme=scheme)
    ink = PALETTES[scheme]["ink"]
    rgb = f"rgb({int(ink[1:3], 16)}, {int(ink[3:5], 16)}, {int(ink[5:7], 16)})"
    assert driver.execute_script("return getComputedStyle(document.body).color") == rgb
    label = "return getComputedStyle(document.querySelector('#figure-history .annotation-text')).fill"
    assert driver.execute_script(label) == rgb


def test_figures_follow_when_the_scheme_changes(driver: Any, run: Run, place: Path) -> None:
    look(driver, write_report(run, place / "colours.html", force=True), scheme="light")
    features = [{"name": "prefers-color-scheme", "value": "dark"}]
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    ink = PALETTES["dark"]["ink"]
    wanted = f"rgb({int(ink[1:3], 16)}, {int(ink[3:5], 16)}, {int(ink[5:7], 16)})"
    label = "getComputedStyle(document.querySelector('#figure-history .annotation-text')).fill"
    wait(driver, f"return {label} === '{wanted}'")


def test_it_can_be_walked_by_keyboard(driver: Any, run: Run, place: Path) -> None:
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys

    look(driver, write_report(run, place / "keys.html", force=True))
    body = driver.find_element(By.TAG_NAME, "body")
    seen = []
    for _ in range(60):
        driver.switch_to.active_element.send_keys(Keys.TAB)
        now = driver.switch_to.active_element
        if now == body:
            break
        outline = driver.execute_script("return getComputedStyle(arguments[0]).outlineStyle", now)
        assert outline != "none", now.get_attribute("outerHTML")[:80]
        seen.append(now.tag_name)
    assert seen[0] == "a"
    assert seen.count("a") >= 8
    assert {"summary", "div", "pre"} <= set(seen)
    first = driver.find_element(By.CSS_SELECTOR, "#evolution summary")
    first.send_keys(Keys.ENTER)
    assert driver.execute_script("return arguments[0].parentElement.open", first)


def test_a_page_that_is_too_wide_would_be_noticed(driver: Any, place: Path) -> None:
    bad = place / "bad.html"
    bad.write_text("<main><section><p style='width:2000px;font-size:5px'>wide</p></section></main>")
    driver.get(bad.as_uri())
    assert driver.execute_script(OUTSIDE) != []
    assert driver.execute_script(SMALL) != []
