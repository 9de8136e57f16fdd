"""Make the README's pictures anew: `python runs/showcase/pictures.py [report] [run]`, in docs/pictures.

run.svg is what a terminal of 80 columns shows at the end of `evometa run delta`; report.png is the beginning of the
report on `evometa run alphabets` (three minutes) in a window of 1280 pixels, for which a Chromium is needed.
"""

from __future__ import annotations

import asyncio
import base64
import io
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import DEFAULT_TERMINAL_THEME

import evometa
from evometa.presentation.events import Start
from evometa.presentation.view import LiveView, View
from evometa.report import write_report

HERE = Path(__file__).resolve().parent
PICTURES = HERE.parent.parent / "docs" / "pictures"
FONTS = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"
PAGE = """\
<svg viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg" role="img">
<title>A terminal after evometa run delta: the champion beside tuned stock rules</title>
<style>
.{unique_id}-matrix {{ font-family: FONTS; font-size: 21px; line-height: {line_height}px }}
.{unique_id}-title {{ font-size: 16px; font-family: sans-serif }}
rect[stroke] {{ stroke: #c9cdd6 }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
""".replace("FONTS", FONTS)
PART = """(() => {
const box = found => document.querySelector(found).getBoundingClientRect();
const figure = box("#verdict figure");
return [box("nav").left, box("#summary").top, figure.right, figure.bottom].map(Math.round);
})()"""  # left, top, right, bottom, in pixels


class Still(LiveView):
    """The live view as it stands on the screen when all is over, not redrawn before."""

    def begin(self, info: Start) -> None:
        View.begin(self, info)

    def close(self) -> None:
        if self.stats:
            self.console.print(self.picture())
            self.stats = {}


def draw_run(target: Path, columns: int = 80, settings: Sequence[str] = ()) -> None:
    """Run recipe delta with some `settings`, and write what the terminal shows of it at its end as SVG."""
    console = Console(width=columns, record=True, force_terminal=True, color_system="truecolor", file=io.StringIO())
    console.print("[bold]$[/] evometa run delta", highlight=False)
    with tempfile.TemporaryDirectory() as scratch, Still(console) as view:
        view.begin = lambda info: Still.begin(view, info.model_copy(update={"out": "runs/delta-1"}))  # type: ignore[method-assign]
        evometa.run("delta", settings=settings, out=Path(scratch) / "run", watch=view)
    text = console.export_svg(title="", theme=DEFAULT_TERMINAL_THEME, code_format=PAGE, unique_id="run")
    target.write_text("\n".join(line.rstrip() for line in text.splitlines()) + "\n", encoding="utf-8")


async def draw_report(target: Path, report: Path) -> None:
    """Open a report in a light window 1280 pixels wide, and write it from its summary to its first figure as PNG."""
    import choreographer

    async with choreographer.Browser(headless=True) as browser:
        tab = await browser.create_tab("about:blank")
        screen = {"width": 1280, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        light = {"features": [{"name": "prefers-color-scheme", "value": "light"}]}
        await tab.send_command("Emulation.setDeviceMetricsOverride", params=screen)
        await tab.send_command("Emulation.setEmulatedMedia", params=light)
        await tab.send_command("Page.enable")
        await tab.send_command("Page.navigate", params={"url": report.as_uri()})
        await asyncio.sleep(3.0)
        place = await tab.send_command("Runtime.evaluate", params={"expression": PART, "returnByValue": True})
        left, top, right, bottom = place["result"]["result"]["value"]
        clip = {"x": left - 24, "y": top - 16, "width": right - left + 48, "height": bottom - top + 40, "scale": 1}
        asked = {"captureBeyondViewport": True, "clip": clip}
        found = await tab.send_command("Page.captureScreenshot", params=asked)
    target.write_bytes(base64.b64decode(found["result"]["data"]))


if __name__ == "__main__":
    wanted = sys.argv[1:] or ["report", "run"]
    PICTURES.mkdir(parents=True, exist_ok=True)
    if "report" in wanted:
        with tempfile.TemporaryDirectory() as scratch:
            whole = evometa.run("alphabets", out=Path(scratch) / "alphabets-1")
            asyncio.run(draw_report(PICTURES / "report.png", write_report(whole)))
    if "run" in wanted:
        draw_run(PICTURES / "run.svg")
