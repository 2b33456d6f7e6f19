"""Debian's Chromium, and the example pages it looks at."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

from tests.browser.preview import ARGUMENTS, CHROMIUM, served
from tests.missing import missing


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, object]:
    if not Path(CHROMIUM).exists():
        missing("Chromium", "apt-get install chromium")
    return {"executable_path": CHROMIUM, "args": ARGUMENTS}


@pytest.fixture(scope="session")
def base_url() -> Iterator[str]:
    """Where the example pages are served."""
    if finders.find("valv/app.js") is None:
        missing("The bundled pages", "make setup")
    with served() as address:
        yield address
