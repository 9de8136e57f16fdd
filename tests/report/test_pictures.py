"""Figures as files and within the page, drawn by a real browser; and what is said where there is none."""

from __future__ import annotations

import re
import struct
from pathlib import Path
from xml.etree import ElementTree

import pytest

from evometa.errors import InputError
from evometa.presentation.run import Run
from evometa.report import write_report
from evometa.report.figures import PALETTES, history, verdict
from evometa.report.pictures import write_pictures
from evometa.report.svg import settled
from tests.report.browser import browser, look, needs_chromium
from tests.report.reading import Page


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_figures_are_written_at_their_size(run: Run, tmp_path: Path) -> None:
    needs_chromium()
    figures = {"history": history(run), "verdict": verdict(run)}
    for kind in ("svg", "png"):
        files = write_pictures(figures, tmp_path, kind)
        assert [file.name for file in files] == [f"history.{kind}", f"verdict.{kind}"]
    root = ElementTree.parse(tmp_path / "history.svg").getroot()
    height = figures["history"].layout.height
    assert (root.attrib["width"], root.attrib["height"]) == ("900", str(height))
    assert "Fitness, generation by generation" in "".join(root.itertext())
    assert struct.unpack(">II", (tmp_path / "history.png").read_bytes()[16:24]) == (1800, 2 * height)


def test_without_a_browser_the_remedy_is_told(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BROWSER_PATH", str(tmp_path / "none"))
    monkeypatch.setenv("PATH", "")
    with pytest.raises(InputError, match="--format html") as refused:
        write_pictures({"verdict": verdict(run)}, tmp_path, "png")
    assert "Chromium" in str(refused.value)


@pytest.fixture(scope="module")
def fixed(run: Run, place: Path) -> Path:
    """The page with fixed figures."""
    needs_chromium()
    return write_report(run, place / "fixed.html", "static")


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_page_with_fixed_figures_is_small_and_has_no_script(fixed: Path) -> None:
    html = fixed.read_text(encoding="utf-8")
    told = Page(html)
    assert fixed.stat().st_size < 1_000_000
    assert told.scripts == []
    policy = next(a["content"] or "" for tag, a in told.elements if tag == "meta" and "http-equiv" in a)
    assert "script-src 'none'" in policy
    ids = told.attributes("id")
    assert len(ids) == len(set(ids))
    used = set(re.findall(r"url\(['\"]?#([^)'\"]+)", html))
    assert used <= set(ids)
    assert len([tag for tag, a in told.elements if tag == "svg" and "fixed" in (a.get("class") or "")]) == 28
    light = {colour for colour in PALETTES["light"].values() if colour.startswith("#")}
    body = html[html.index("</style>") :]
    written = {tuple(int(c[i : i + 2], 16) for i in (1, 3, 5)) for c in light}
    assert not {tuple(map(int, rgb)) for rgb in re.findall(r"rgb\((\d+), (\d+), (\d+)\)", body)} & written


@pytest.mark.parametrize("width", [1280, 390])
def test_fixed_figures_fit_and_have_the_readers_colours(fixed: Path, width: int) -> None:
    with browser() as driver:
        look(driver, fixed, width, "dark")
        assert driver.execute_script("return document.documentElement.scrollWidth") <= width
        shown = "return [...document.querySelectorAll('.fixed')].filter(e => e.getBoundingClientRect().width).length"
        assert driver.execute_script(shown) == 14
        ink = PALETTES["dark"]["ink"]
        rgb = f"rgb({int(ink[1:3], 16)}, {int(ink[3:5], 16)}, {int(ink[5:7], 16)})"
        label = "return getComputedStyle(document.querySelector('#figure-history .annotation-text')).fill"
        assert driver.execute_script(label) == rgb
        assert driver.get_log("browser") == []


def inner(svg: str) -> str:
    """What becomes of the elements of a picture on a page."""
    text = settled(f'<svg xmlns="http://www.w3.org/2000/svg" class="main-svg">{svg}</svg>', "x-wide")
    head = '<svg xmlns="http://www.w3.org/2000/svg" class="fixed wide" aria-hidden="true">'
    assert text.startswith(head)
    return text.removeprefix(head).removesuffix("</svg>").replace(" />", "/>")


def test_lines_of_one_style_become_one_path() -> None:
    line = '<path class="js-line" d="M{}" style="{}"/>'
    rest = f"{line.format('4,4', 'b')}</g><g>{line.format('5,5', 'a')}</g>"
    svg = f"<g>{line.format('0,0L1,1', 'a')}{line.format('2,2L3,3', 'a')}{rest}"
    assert inner(svg) == f"<g>{line.format('0,0L1,1M2,2L3,3', 'a')}{rest}"
    other = f"{line.format('0,0', 'a')}<g/>{line.format('1,1', 'a')}"  # one lies over the g, one under it
    assert inner(other) == other


def test_names_within_a_picture_are_its_own() -> None:
    svg = '<g id="clip1"/><g id="clip12"/><p clip-path="url(#clip1)" style="fill: url(\'#clip12\')" href="#clip1"/>'
    assert inner(svg) == (
        '<g id="x-wide-0"/><g id="x-wide-1"/>'
        '<p clip-path="url(#x-wide-0)" style="fill: url(\'#x-wide-1\')" href="#x-wide-0"/>'
    )
    linked = '<svg xmlns:l="http://www.w3.org/1999/xlink"><g id="a"/><use l:href="#a"/></svg>'
    assert 'xlink:href="#x-0"' in settled(linked, "x")


def test_colours_of_the_palette_become_those_of_the_page() -> None:
    assert "var(--ink)" in inner('<text style="fill: rgb(27, 32, 39);"/>')
    assert inner('<stop stop-color="rgb(1, 2, 3)"/>') == '<stop style="stop-color: rgb(1, 2, 3)"/>'
    assert inner("<text style=\"font-family: a, 'b'; font-size: 1px\"/>") == '<text style="font-size: 1px"/>'


def test_the_ground_of_a_picture_is_the_pages() -> None:
    assert inner('<rect x="0" y="0" width="9" height="9" style="fill: white;"/><rect/>') == "<rect/>"
