"""Every page: for all eyes, hands and widths, and under the strictest policy."""

from collections.abc import Iterator
from itertools import product

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page

from tests.browser.examples import PAGES
from tests.browser.looks import EVERY_LOOK, IS_SOAK, OPPOSITES, Look, assert_accessible

pytestmark = pytest.mark.browser
NAMES = [name for name in PAGES if name != "confirm-part"]
# Axe takes seconds a look: every other page in one of two, all in all in a soak.
SEEN = (
    [*product(NAMES, EVERY_LOOK)]
    if IS_SOAK
    else [(name, OPPOSITES[number % 2]) for number, name in enumerate(NAMES)]
)


@pytest.fixture(scope="module")
def one(browser: Browser, base_url: str) -> Page:
    """One page for all, which what was fetched once is not fetched for again."""
    return browser.new_context(base_url=base_url).new_page()


@pytest.fixture
def said(one: Page) -> Iterator[list[str]]:
    """What the browser says of a page, and of what went wrong in it."""
    heard: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        heard.append(message.text)

    def err(error: Error) -> None:
        heard.append(str(error))

    one.on("console", hear)
    one.on("pageerror", err)
    yield heard
    one.remove_listener("console", hear)
    one.remove_listener("pageerror", err)


@pytest.mark.parametrize(("name", "look"), SEEN)
def test_axe_finds_no_violation(one: Page, name: str, look: Look) -> None:
    language, theme, width = look
    one.set_viewport_size({"width": width, "height": 900})
    one.goto(f"/{name}?theme={theme}&language={language}")

    assert_accessible(one)


@pytest.mark.parametrize("name", NAMES)
def test_a_page_fits_a_telephone_and_the_policy(
    one: Page, said: list[str], name: str
) -> None:
    one.set_viewport_size({"width": 390, "height": 844})

    one.goto(f"/{name}?language=sv")
    one.evaluate("new Promise(done => requestIdleCallback(done))")

    assert one.evaluate("document.documentElement.scrollWidth") <= 390
    assert said == []


def test_the_page_says_which_language_it_is_in(page: Page) -> None:
    page.goto("/search?language=sv")

    assert page.locator("html").get_attribute("lang") == "sv"
    assert page.get_by_role("link", name="Granskningslogg").is_visible()
