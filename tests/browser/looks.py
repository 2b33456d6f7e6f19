"""How pages are looked at: two looks that differ in all, and every one in a soak.

Axe takes a long time over long tables, whose rows are all made alike: of each it is
shown a screenful.
"""

import os
from itertools import product

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

Look = tuple[str, str, int]
OPPOSITES: list[Look] = [("en", "light", 1440), ("sv", "dark", 390)]
EVERY_LOOK: list[Look] = [*product(("en", "sv"), ("light", "dark"), (1440, 390))]
IS_SOAK = bool(os.environ.get("VALV_SOAK"))
LOOKS = EVERY_LOOK if IS_SOAK else OPPOSITES
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
LONG = {"exclude": [["tbody > tr:nth-child(n + 9)"]]}


def assert_accessible(page: Page) -> None:
    """Axe finds no violation of WCAG 2.2 AA in the page as it is, and no bad habit."""
    found = Axe().run(page, context=LONG, options=RULES)
    assert found.violations_count == 0, found.generate_report()
