"""Debian's Chromium, and the example pages it looks at."""

from collections.abc import Iterator

import pytest
from django.contrib.staticfiles import finders

from tests.browser.conversations import Archive, conversations
from tests.browser.living import archive
from tests.browser.preview import ARGUMENTS, CHROMIUM, served
from tests.missing import missing


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, object]:
    if not CHROMIUM:
        missing("Chromium", "apt-get install chromium-headless-shell")
    return {"executable_path": CHROMIUM, "args": ARGUMENTS}


@pytest.fixture(scope="session")
def base_url() -> Iterator[str]:
    """Where the example pages are served."""
    if finders.find("valv/app.js") is None:
        missing("The bundled pages", "make setup")
    with served() as address:
        yield address


@pytest.fixture(scope="session")
def home() -> Iterator[str]:
    """Where a real archive is served, with people made up for it."""
    if finders.find("valv/app.js") is None:
        missing("The bundled pages", "make setup")
    with archive() as address:
        yield address


@pytest.fixture(scope="session")
def spoken() -> Iterator[Archive]:
    """A real server with conversations to hear and read."""
    if finders.find("valv/app.js") is None:
        missing("The bundled pages", "make setup")
    with conversations() as running:
        yield running
