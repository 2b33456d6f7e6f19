"""How pages are looked at: two looks that differ in all, and every one in a soak.

Axe takes a long time over long tables, whose rows are all made alike: of each it is
shown a screenful.
"""

import os
from collections.abc import Sequence
from itertools import product

from axe_playwright_python.base import AXE_SCRIPT, AxeResults
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
RUN = """([context, rules]) => axe.run(context, rules)
    .then(({ violations }) => ({ violations }))"""


def dealt(names: Sequence[str]) -> list[tuple[str, Look]]:
    """Every other name in one of the two looks; in a soak each in all."""
    if IS_SOAK:
        return list(product(names, EVERY_LOOK))
    return [(name, OPPOSITES[number % 2]) for number, name in enumerate(names)]


def assert_accessible(page: Page) -> None:
    """Axe finds no violation of WCAG 2.2 AA in the page as it is, and no bad habit."""
    page.evaluate(AXE_SCRIPT)
    found = AxeResults(page.evaluate(RUN, [LONG, RULES]))
    assert found.violations_count == 0, found.generate_report()
