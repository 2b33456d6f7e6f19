"""Every page: for all eyes, hands and widths, and under the strictest policy."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page

from tests.browser.examples import PAGES
from tests.browser.looks import Look, assert_accessible, dealt

pytestmark = pytest.mark.browser
TELEPHONE = ("sv", "dark", 390)  # one of the opposites
NAMES = [name for name in PAGES if name != "confirm-part"]


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


def see(page: Page, name: str, look: Look) -> None:
    """Load a page as it is in a look, in which nothing of it lies beyond the edge."""
    language, theme, width = look
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"/{name}?theme={theme}&language={language}")
    page.evaluate("new Promise(done => requestIdleCallback(done, { timeout: 1000 }))")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(("name", "look"), dealt(NAMES))
def test_a_page_is_for_all_and_fits_a_telephone_and_the_policy(
    one: Page, said: list[str], name: str, look: Look
) -> None:
    for seen in dict.fromkeys((TELEPHONE, look)):
        see(one, name, seen)

    assert said == []
    assert_accessible(one)


def test_the_page_says_which_language_it_is_in(page: Page) -> None:
    page.goto("/search?language=sv")

    assert page.locator("html").get_attribute("lang") == "sv"
    assert page.get_by_role("link", name="Granskningslogg").is_visible()
