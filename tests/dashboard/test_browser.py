"""The dashboard in a real browser: drawn, followed, clicked through and typed through, in all widths and themes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from evometa.dashboard.routes import key_of
from evometa.report.figures import PALETTES
from evometa.store import open_writer
from tests.dashboard import odd
from tests.dashboard.conftest import served
from tests.dashboard.window import FIGURES, MOUSE_ONLY, OUTSIDE, OVERLAPPING, Window, rgb
from tests.report.browser import browser

pytestmark = pytest.mark.clocks
NASTY = key_of(odd.FILE_HTML)
PAGES = [
    *("/", "/run/finished", "/run/begun", "/run/long_rule", "/run/nothing_but_nan", f"/run/{NASTY}"),
    *("/run/finished/lineage", "/run/finished/individual/1", "/run/finished/individual/2/beside/1"),
    *("/run/long_rule/individual/1/beside/0", "/compare", "/run/broken", "/nowhere"),
    f"/compare?run=finished&run=interrupted&run={quote(NASTY)}&run=long_rule",
]


@pytest.fixture(scope="module")
def driver() -> Iterator[Any]:
    """A browser for all tests here."""
    with browser() as found:
        yield found


@pytest.fixture
def window(driver: Any, port: int) -> Iterator[Window]:
    """A window on a folder with runs of every kind; what the console complained of fails the test.

    It is a tab of its own: of 50 pages in one, Chromium forgets those first that scripts have left, as tests do.
    """
    driver.switch_to.new_window("tab")
    found = Window(driver, port)
    found.size(1280)
    yield found
    assert found.complaints() == []
    driver.execute_script("localStorage.clear()")
    driver.close()
    driver.switch_to.window(driver.window_handles[0])


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_every_page_is_readable(window: Window, width: int, scheme: str) -> None:
    window.size(width, scheme)
    for address in PAGES:
        window.go(address)
        window.run("document.querySelectorAll('details').forEach(e => e.open = true)")
        assert window.run("return document.documentElement.scrollWidth") <= width, address
        assert window.run(OUTSIDE) == [], address
        assert window.run(OVERLAPPING) == [], address
        assert window.run(FIGURES) == [], address
        assert window.run(MOUSE_ONLY) == [], address
        paper = window.run("return getComputedStyle(document.body).backgroundColor")
        assert paper == rgb(PALETTES[scheme]["paper"])
        assert len(window.run("return document.querySelectorAll('h1')")) == 1


def test_elements_that_lie_on_each_other_would_be_noticed(window: Window) -> None:
    window.go("/run/finished")
    window.run("document.querySelector('h1').style.marginBottom = '-60px'")
    assert window.run(OVERLAPPING)
    window.run("document.querySelector('.formula').style.whiteSpace = 'nowrap'")
    window.run("document.querySelector('.formula').textContent = 'x'.repeat(500)")
    window.size(390)
    assert window.run(OUTSIDE)
    assert window.run("return document.documentElement.scrollWidth") > 390
    window.run("document.querySelector('h1').style.cursor = 'pointer'")
    assert window.run(MOUSE_ONLY)


def test_nothing_comes_from_elsewhere(window: Window) -> None:
    for address in ("/", "/run/finished"):
        window.go(address)
        asked = window.addresses()
        assert len(asked) > 5
        assert all(one.startswith((window.base + "/", "data:", "blob:")) for one in asked), asked


def test_a_page_follows_its_run_and_disturbs_nobody(driver: Any, tmp_path: Path) -> None:
    odd.interrupted(tmp_path / "a")
    window = Window(driver, served(tmp_path))
    window.size(1280)
    window.go("/run/a")
    assert "interrupted" in window.text(".head")
    window.run("document.querySelector('details summary').click(); document.querySelector('.ways a').id = 'here'")
    window.run(
        "document.querySelectorAll('details.card summary')[0].focus(); window.plot = document.querySelector('.plot')"
    )
    with open_writer(tmp_path / "a") as writer:
        odd.add(writer, 2)
        window.wait("return /3 of 3/.test(document.querySelector('.head').innerText)")
        assert "running" in window.text(".head")
        window.wait("return /#2, born in generation 3/.test(document.querySelector('main').innerText)")
        points = "return document.querySelectorAll('[id*=history] .js-plotly-plot')[0].data.map(d => d.x && d.x.length)"
        window.wait(points + ".some(n => n === 3)")
    window.wait("return /interrupted/.test(document.querySelector('.head').innerText)")
    assert window.run("return window.plot.isConnected && document.activeElement.tagName === 'SUMMARY'")
    assert window.complaints() == []


def test_the_list_follows_the_folder(driver: Any, tmp_path: Path) -> None:
    window = Window(driver, served(tmp_path))
    window.go("/")
    assert "No runs here yet" in window.text()
    odd.interrupted(tmp_path / "first run")
    window.wait("return document.querySelectorAll('.runs > li').length === 1")
    window.run("document.querySelector('.runs .name').focus(); window.row = document.querySelector('.runs > li')")
    with open_writer(tmp_path / "first run") as writer:
        odd.add(writer, 2)
        window.wait("return /3 of 3/.test(document.querySelector('.runs').innerText)")
    assert window.run("return window.row.isConnected && document.activeElement.className === 'name'")
    odd.finished(tmp_path / "second")
    window.wait("return document.querySelectorAll('.runs > li').length === 2")


def test_pages_are_reached_by_links_and_left_by_going_back(window: Window) -> None:
    window.go("/")
    window.run("document.querySelector('.runs a[href=\"/run/finished\"]').click()")
    window.wait("return document.title === 'finished · evometa' && document.querySelector('.head').innerText")
    assert window.run("return [location.pathname, document.activeElement.id]") == ["/run/finished", "main"]
    window.settled()
    window.run("[...document.querySelectorAll('.ways a')].find(a => /tree/.test(a.textContent)).click()")
    window.wait("return document.title === 'Family tree of #2 · evometa'")
    window.settled()
    window.run("document.querySelector('a[href=\"/run/finished/individual/2/beside/1\"]').click()")
    window.wait("return document.title === '#2 beside #1 · evometa' && document.querySelector('mark')")
    assert "mutate node" in window.text()
    window.run("document.querySelectorAll('h2 a')[1].click()")
    window.wait("return document.title === '#1 of finished · evometa'")
    window.settled()
    assert "#0" in window.text()
    assert "#2" in window.text()
    for title in ("#2 beside #1", "Family tree of #2", "finished", "Runs"):
        window.run("history.back()")
        window.wait(f"return document.title === '{title} · evometa'")
        window.settled()
    assert "11 runs" in window.text()


def test_a_click_in_a_family_tree_leads_to_the_individual(window: Window) -> None:
    from selenium.webdriver.common.action_chains import ActionChains

    window.go("/run/finished/lineage")
    window.run("document.querySelector('.plot').scrollIntoView({block: 'center'})")
    numbers = (
        """return [...document.querySelector('.js-plotly-plot').calcdata].flatMap(t => t[0].trace.customdata || [])"""
    )
    assert sorted(window.run(numbers)) == [0, 1, 2]
    (point,) = window.run("return [...document.querySelectorAll('.plot .points path')].slice(0, 1)")
    ActionChains(window.driver).move_to_element(point).pause(0.3).click().perform()
    window.wait("return /^#[012] of finished/.test(document.title)")
    window.settled()


def test_everything_can_be_done_with_the_keyboard(window: Window) -> None:
    from selenium.webdriver.common.keys import Keys

    window.go("/")
    window.wait("return document.querySelectorAll('.runs > li').length === 11")
    first = window.press(Keys.TAB)
    assert (first["text"], first["seen"]) == ("Skip to the content", True)
    assert window.press(Keys.ENTER)["id"] == "main"
    reached = [window.press(Keys.TAB) for _ in range(40)]
    assert [one for one in reached if not one["seen"] and one["tag"] != "BODY"] == []
    texts = [one["text"] for one in reached]
    controls = ["name, recipe, formula …", "all", "running", "finished", "interrupted", "unreadable", "newest", "name"]
    assert texts[: len(controls)] == controls
    window.run("document.activeElement.blur(); document.querySelector('[type=search]').focus()")
    window.press("int", "e", "rrup", "t", "ed")
    assert window.run("return document.activeElement.value") == "interrupted"
    window.wait("return document.querySelectorAll('.runs > li').length === 3")
    for _ in range(2):
        box = window.press(Keys.TAB)
        while not box["text"].startswith("compare "):
            box = window.press(Keys.TAB)
            assert box["tag"] != "BODY"
        assert window.press(Keys.SPACE) == box  # chosen, and the focus has not moved
    window.wait("return document.querySelectorAll('.choose[aria-checked=true]').length === 2")
    window.wait("return document.querySelector('.above-list a').textContent === 'Compare 2 runs'")
    window.run("document.querySelector('.above-list a').focus()")
    window.press(Keys.ENTER)
    window.wait("return /2 runs compared/.test(document.querySelector('main').innerText)")
    window.settled()


def test_a_filter_a_state_and_an_order_are_chosen(window: Window) -> None:
    window.go("/")
    window.wait("return document.querySelectorAll('.runs > li').length === 11")
    names = "return [...document.querySelectorAll('.runs .name')].map(e => e.textContent)"
    press = "[...document.querySelectorAll('.choices button')].find(e => e.textContent === arguments[0]).click()"
    window.run(press, "unreadable")
    window.wait("return document.querySelectorAll('.runs > li').length === 3")
    window.run(press, "name")
    window.wait(f"{names}.join() === 'broken,file out,link out'")
    pressed = "return [...document.querySelectorAll('[aria-pressed=true]')].map(e => e.textContent)"
    assert window.run(pressed) == ["unreadable", "name"]
    window.run("document.querySelector('.brand').click()")
    assert window.run(pressed) == ["unreadable", "name"]


def test_the_theme_is_the_systems_or_ones_own(window: Window) -> None:
    light, dark = PALETTES["light"]["ink"], PALETTES["dark"]["ink"]

    def drawn(colour: str) -> None:
        window.wait(f"return document.querySelector('.js-plotly-plot')._fullLayout?.font?.color === '{colour}'")

    window.size(1280, "dark")
    window.go("/run/finished")
    drawn(dark)
    window.size(1280, "light")
    drawn(light)
    button = "document.querySelector('#next-theme')"
    window.run(f"{button}.click()")
    window.wait(f"return {button}.textContent === 'Theme: light'")
    window.run(f"{button}.click()")
    drawn(dark)
    window.go("/run/finished")
    drawn(dark)
    assert window.run(f"return {button}.textContent") == "Theme: dark"


def test_names_are_shown_as_they_are(window: Window) -> None:
    for address in ("/", f"/run/{NASTY}", f"/run/{quote(odd.UNICODE)}", f"/compare?run={quote(NASTY)}&run=finished"):
        window.go(address)
        assert odd.FILE_HTML in window.text() or odd.UNICODE in window.text()
        assert window.run("return document.querySelectorAll('img, main script, iframe, [onmouseover]').length") == 0
        assert window.run("return [...document.querySelectorAll('.plot text a, .plot text b')].length") == 0
    window.go(f"/run/{NASTY}")
    assert window.run("return document.title") == f"{odd.FILE_HTML} · evometa"


def test_another_site_cannot_frame_or_read_it(window: Window) -> None:
    window.go("/")
    other = window.base.replace("127.0.0.1", "localhost")
    assert window.run(f"return fetch('{other}/_dash-layout').then(r => 'read', e => 'refused')") == "refused"
    assert any("Content Security Policy" in line or "CORS" in line for line in window.complaints())
