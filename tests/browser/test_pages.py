"""Every page: for all eyes, hands and widths, and under the strictest policy."""

from itertools import product

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.examples import PAGES
from tests.browser.looks import EVERY_LOOK, IS_SOAK, OPPOSITES, RULES, Look

pytestmark = pytest.mark.browser
NAMES = [name for name in PAGES if name != "confirm-part"]
# Axe takes seconds a look: every other page in one of two, all in all in a soak.
SEEN = (
    [*product(NAMES, EVERY_LOOK)]
    if IS_SOAK
    else [(name, OPPOSITES[number % 2]) for number, name in enumerate(NAMES)]
)


@pytest.mark.parametrize(("name", "look"), SEEN)
def test_axe_finds_no_violation(page: Page, name: str, look: Look) -> None:
    language, theme, width = look
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"/{name}?theme={theme}&language={language}")

    found = Axe().run(page, options=RULES)

    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("name", NAMES)
def test_a_page_fits_a_telephone_and_the_policy(page: Page, name: str) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.set_viewport_size({"width": 390, "height": 844})

    page.goto(f"/{name}?language=sv", wait_until="networkidle")

    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert said == []


def test_the_page_says_which_language_it_is_in(page: Page) -> None:
    page.goto("/search?language=sv")

    assert page.locator("html").get_attribute("lang") == "sv"
    assert page.get_by_role("link", name="Granskningslogg").is_visible()
