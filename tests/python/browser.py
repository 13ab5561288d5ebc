"""A real browser for tests of pages: Debian's Chromium, headless, with no way out of the machine."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@contextmanager
def started() -> Iterator[Browser]:
    """The browser; without one the test is skipped."""
    if not CHROMIUM.exists():
        pytest.skip(f"no browser: {CHROMIUM} is not there (apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@dataclass
class Opened:
    """A page opened from disk with the network cut, and all that it said and asked for."""

    page: Page
    context: BrowserContext
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def show_charts(self) -> None:
        """Shows every chart, so that what is drawn when it comes near is drawn."""
        for place in self.page.locator("[data-chart]").all():
            place.scroll_into_view_if_needed()
        self.page.wait_for_function(
            "[...document.querySelectorAll('[data-chart]')].every(place => place.querySelector('.vega-embed'))"
        )

    def serious(self) -> list[str]:
        """What axe finds serious or critical."""
        violations = Axe().run(self.page).response["violations"]
        return [
            f"{found['id']}: {node['target']} {node['failureSummary']}"
            for found in violations
            if found["impact"] in ("serious", "critical")
            for node in found["nodes"]
        ]


@contextmanager
def opened(browser: Browser, file: Path, address: str = "", **settings: Any) -> Iterator[Opened]:
    """Opens a page from disk, with whatever follows its path in ``address``."""
    context = browser.new_context(offline=True, **settings)
    page = context.new_page()
    seen = Opened(page, context)
    page.on("console", lambda message: seen.said.append(message.text))
    page.on("pageerror", lambda error: seen.said.append(str(error)))
    page.on("dialog", lambda dialog: (seen.said.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda request: seen.asked.append(request.url))
    page.goto(file.as_uri() + address)
    yield seen
    context.close()


def printed_pages(page: Page) -> int:
    """How many sheets the page takes in print."""
    pdf = page.pdf(prefer_css_page_size=True, print_background=True)
    return len(re.findall(rb"/Type\s*/Page\b", pdf))
