"""A browser for the pages, and pages to open in it."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from assay.viewer.page.document import write_page

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium of the system; `REQUIRE_BROWSER=1` makes its absence a failure.

    No longer than a module: while it runs, so does an event loop in this thread, and tests elsewhere start
    their own.
    """
    program = next((found for name in NAMES if (found := shutil.which(name))), None)
    if program is None:
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail("no Chromium, but REQUIRE_BROWSER is set")
        pytest.skip("no Chromium")
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        started = playwright.chromium.launch(executable_path=program, args=arguments)
        yield started
        started.close()


@pytest.fixture
def open_page(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """Open the text of a page as a file; what the browser complains about, or asks the network for, fails."""
    complaints: list[str] = []
    context = browser.new_context()
    context.set_default_timeout(10_000)

    def opened(text: str, *, width: int = 1200, dark: bool = False, part: str = "") -> Page:
        file = write_page(tmp_path / "page.html", text)
        page = context.new_page()
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme="dark" if dark else "light")
        page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: complaints.append(f"dialog {dialog.message}"))
        page.on(
            "request",
            lambda request: None if request.url.startswith("file:") else complaints.append(request.url),
        )
        page.goto(f"{file.as_uri()}{part}")
        return page

    yield opened
    context.close()
    assert not complaints
