"""A real browser for the tests of pages: Debian's Chromium, driven by Selenium, without network."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from pathlib import Path

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
DRIVER = shutil.which("chromedriver")
_FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--mute-audio",
    "--force-prefers-reduced-motion",
    "--host-resolver-rules=MAP * ~NOTFOUND",  # nothing may come from a network
)


def missing():
    """Tell what a browser test lacks here; nothing if it can run."""
    if not CHROMIUM or not DRIVER:
        return "needs Chromium and its driver: apt-get install chromium chromium-driver"
    try:
        import selenium  # noqa: F401
    except ImportError:
        return "needs Selenium: pip install '.[dev]'"
    return ""


def axe():
    """Give the path of axe-core's script, or None: `KWSPOT_AXE`, or npm's folder beside us."""
    named = os.environ.get("KWSPOT_AXE")
    here = Path(__file__).parents[1] / "node_modules/axe-core/axe.min.js"
    path = Path(named) if named else here
    return path if path.is_file() else None


@contextmanager
def browser(profile, downloads):
    """Start Chromium with a new profile; what it downloads goes to a folder."""
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in (*_FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    service = webdriver.ChromeService(executable_path=DRIVER)  # or Selenium would fetch one
    driver = webdriver.Chrome(options=options, service=service)
    try:
        where = {"behavior": "allow", "downloadPath": str(downloads)}
        driver.execute_cdp_cmd("Browser.setDownloadBehavior", where)
        driver.set_script_timeout(30)
        yield driver
    finally:
        driver.quit()


def view(driver, width, scheme, height=900):
    """Look through a window of this width, in the light or in the dark."""
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
