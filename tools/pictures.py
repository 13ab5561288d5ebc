"""``python -m tools.pictures``: the pictures of the documentation, of what `make demo` and `make study` made of synthetic data."""

import argparse
from pathlib import Path

from playwright.sync_api import sync_playwright

from runner.settings import PROJECT

WIDTH, HEIGHT = 1440, 1000


def take(
    page: Path, picture: Path, height: int = HEIGHT, open_rows: int = 0, chromium: str = "/usr/bin/chromium"
) -> None:
    """Takes the picture of the top of a page; the first rows of its ranking can be open."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--headless", "--no-sandbox", "--disable-gpu"]
        )
        opened = browser.new_context(offline=True, viewport={"width": WIDTH, "height": height}).new_page()
        opened.goto(page.as_uri())
        for row in range(open_rows):
            opened.locator(".fold").nth(row).click()
        opened.mouse.move(0, 0)
        opened.wait_for_timeout(1000)
        opened.screenshot(path=picture)
        browser.close()


def main() -> None:
    """Writes docs/page.png and, where there is a study, docs/study.png."""
    parser = argparse.ArgumentParser(prog="python -m tools.pictures", description=__doc__)
    parser.add_argument("--exports", type=Path, default=PROJECT / "demo" / "exports")
    exports = parser.parse_args().exports.resolve()
    take(exports / "brief.html", PROJECT / "docs" / "page.png", open_rows=1)
    if (exports / "study.html").exists():
        take(exports / "study.html", PROJECT / "docs" / "study.png", 1250)


if __name__ == "__main__":
    main()
