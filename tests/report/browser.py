"""A headless Chromium that looks at pages as people would: of a width, in a colour scheme."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage"),
)


def chromium() -> str | None:
    """Return the browser there is."""
    return os.environ.get("BROWSER_PATH") or next(filter(None, map(shutil.which, NAMES)), None)


def needs_chromium() -> None:
    """Skip the test where there is no browser."""
    if chromium() is None:
        pytest.skip("no Chromium here")


@contextmanager
def browser() -> Iterator[Any]:
    """Yield a driver of a headless Chromium; skips the test where there is none."""
    needs_chromium()
    driver = shutil.which("chromedriver")
    if driver is None:
        pytest.skip("no chromedriver here")
    webdriver = pytest.importorskip("selenium.webdriver")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium()
    for argument in QUIET:
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    found = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    try:
        yield found
    finally:
        found.quit()


def look(driver: Any, page: Path, width: int = 1280, scheme: str = "light") -> None:
    """Open a page in a window of that width and wait until its figures are drawn."""
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    driver.execute_cdp_cmd("Network.enable", {})
    driver.execute_cdp_cmd("Network.emulateNetworkConditions", OFFLINE)
    driver.get(page.resolve().as_uri())
    wait(driver, "return [...document.querySelectorAll('.plot')].every(p => p.querySelector('svg'))")


OFFLINE = {"offline": True, "latency": 0, "downloadThroughput": 0, "uploadThroughput": 0}


def wait(driver: Any, script: str, seconds: float = 120) -> None:
    """Wait until a script gives something true."""
    from selenium.webdriver.support.ui import WebDriverWait

    WebDriverWait(driver, seconds).until(lambda found: found.execute_script(script))
