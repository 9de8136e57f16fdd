"""What tests ask of a page in a real browser: who is where, what lies on what, what the keyboard reaches."""

from __future__ import annotations

from typing import Any

from tests.report.browser import wait

# Elements with a text of their own, and controls: the boxes that must not lie on each other.
BOXES = """
const text = e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim());
const hidden = e => e && getComputedStyle(e).position === 'absolute';
const all = [...document.querySelectorAll('header *, main *')]
  .filter(e => text(e) || e.matches('a, button, input, progress, figure'))
  .filter(e => e.checkVisibility() && !e.closest('.plot, .skip') && !hidden(e.closest('thead')));
const wide = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left);
const high = (a, b) => Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
const found = [];
"""
OVERLAPPING = f"""
{BOXES}
const boxes = all.map(e => [...e.getClientRects()]);
all.forEach((e, i) => all.slice(i + 1).forEach((f, n) => {{
  if (e.contains(f) || f.contains(e)) return;
  if (boxes[i].some(a => boxes[i + 1 + n].some(b => wide(a, b) > 1 && high(a, b) > 3)))
    found.push(e.outerHTML.slice(0, 120) + '  ON  ' + f.outerHTML.slice(0, 120));
}}));
return found;
"""
OUTSIDE = f"""
{BOXES}
return all.filter(e => !e.closest('.scrolling, pre')).filter(e => {{
  const range = document.createRange();
  range.selectNodeContents(e);
  const box = text(e) ? range.getBoundingClientRect() : e.getBoundingClientRect();
  return box.width && (box.left < -1 || box.right > innerWidth + 1);
}}).map(e => e.outerHTML.slice(0, 120));
"""
# Texts of figures that leave their figure, or lie on another text of the same figure.
FIGURES = f"""
{BOXES}
const kinds = '.xtitle, .annotation-text, .legendtext, .xtick text, .ytick text, .gtitle';
document.querySelectorAll('.plot').forEach(plot => {{
  const room = plot.getBoundingClientRect();
  const texts = [...plot.querySelectorAll(kinds)].map(t => [t, t.getBoundingClientRect()]).filter(([t, b]) => b.width);
  texts.forEach(([t, a], i) => {{
    if (a.left < room.left - 2 || a.right > room.right + 2 || a.top < room.top - 2 || a.bottom > room.bottom + 2)
      found.push('outside: ' + t.textContent);
    texts.slice(i + 1).forEach(([u, b]) => {{
      if (wide(a, b) > 2 && high(a, b) > 4) found.push(t.textContent + '  ON  ' + u.textContent);
    }});
  }});
}});
return found;
"""
# Where the focus is, and whether that can be seen.
FOCUS = """
const e = document.activeElement, style = getComputedStyle(e), box = e.getBoundingClientRect();
return {tag: e.tagName, text: (e.innerText || e.ariaLabel || e.placeholder || '').trim(), id: e.id,
  seen: e.matches(':focus-visible') && style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2
    && box.width > 0 && box.top >= -1 && box.left >= -1 && box.right <= innerWidth + 1};
"""
# What looks as if it could be clicked but cannot be reached by the keyboard.
MOUSE_ONLY = """
const reach = 'a[href], button, input, summary, [tabindex="0"], label';
return [...document.querySelectorAll('header *, main *')].filter(e => !e.closest('.plot') && !e.closest(reach)
  && getComputedStyle(e).cursor === 'pointer').map(e => e.outerHTML.slice(0, 120));
"""
SETTLED = """
const slots = [...document.querySelectorAll('[id*=text]:not([id*=damage])')];
const plots = [...document.querySelectorAll('.plot')].filter(p => getComputedStyle(p).display !== 'none');
const count = document.querySelector('main [role=status]');
return slots.every(e => e.childNodes.length) && plots.every(p => p.querySelector('.js-plotly-plot')?.layout?.meta)
  && !(count && /Looking/.test(count.textContent));
"""


class Window:
    """A browser's window on a dashboard."""

    def __init__(self, driver: Any, port: int) -> None:
        self.driver, self.base = driver, f"http://127.0.0.1:{port}"

    def size(self, width: int, scheme: str = "light", height: int = 900) -> None:
        """Be so wide, on a system with that colour scheme."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    def go(self, address: str) -> None:
        """Open an address, and wait until the page and its figures are there."""
        self.driver.get(self.base + address)
        self.wait("return document.querySelector('main h1')")
        self.settled()

    def settled(self) -> None:
        """Wait until all slots are filled and all figures drawn."""
        self.wait(SETTLED)

    def wait(self, script: str, seconds: float = 120) -> Any:
        """Wait until a script gives something true."""
        from selenium.common.exceptions import TimeoutException

        try:
            wait(self.driver, script, seconds)
        except TimeoutException:
            where = self.run("return [location.href, document.title, document.querySelector('main').innerText]")
            raise AssertionError(f"{script} never came at {where}; console: {self.complaints()}") from None
        return self.run(script)

    def run(self, script: str, *arguments: Any) -> Any:
        """Run a script in the page."""
        return self.driver.execute_script(script, *arguments)

    def text(self, selector: str = "main") -> str:
        """Return what can be read in an element."""
        return str(self.run("return document.querySelector(arguments[0]).innerText", selector))

    def press(self, *keys: str) -> dict[str, Any]:
        """Press keys, one after the other; return where the focus is then."""
        from selenium.webdriver.common.action_chains import ActionChains

        for key in keys:
            ActionChains(self.driver).send_keys(key).perform()
        found: dict[str, Any] = self.run(FOCUS)
        return found

    def complaints(self) -> list[str]:
        """Return what the browser's console has complained of since the last time."""
        return [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]

    def addresses(self) -> list[str]:
        """Return everything that the page has asked for over the network."""
        found: list[str] = self.run("return performance.getEntries().map(e => e.name).filter(n => /^[a-z]+:/.test(n))")
        return found


def rgb(colour: str) -> str:
    """Return a colour as a browser tells it."""
    return "rgb({}, {}, {})".format(*(int(colour[i : i + 2], 16) for i in (1, 3, 5)))
