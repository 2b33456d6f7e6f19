"""Every page: for all eyes, hands and widths, and under the strictest policy."""

import os
from itertools import product

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Page

from tests.browser.examples import PAGES

pytestmark = pytest.mark.browser
NAMES = [name for name in PAGES if name != "confirm-part"]
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]}


# Each light, width and language once; all that they make together in hours of it.
LOOKS = [("light", 1440, "en"), ("dark", 390, "sv")]
EVERY_LOOK = [*product(("light", "dark"), (1440, 390), ("en", "sv"))]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("theme", "width", "language"), EVERY_LOOK if os.environ.get("VALV_SOAK") else LOOKS
)
def test_axe_finds_no_violation(
    page: Page, name: str, theme: str, width: int, language: str
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"/{name}?theme={theme}&language={language}")

    found = Axe().run(page, options=RULES)

    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("name", NAMES)
def test_a_page_breaks_no_rule_of_the_content_policy(page: Page, name: str) -> None:
    said: list[str] = []

    def note(message: ConsoleMessage) -> None:
        said.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: said.append(str(error)))

    page.goto(f"/{name}")
    page.wait_for_timeout(200)

    assert said == []


@pytest.mark.parametrize("name", NAMES)
def test_a_page_fits_a_telephone(page: Page, name: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})

    page.goto(f"/{name}?language=sv")

    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_page_says_which_language_it_is_in(page: Page) -> None:
    page.goto("/search?language=sv")

    assert page.locator("html").get_attribute("lang") == "sv"
    assert page.get_by_role("link", name="Granskningslogg").is_visible()
