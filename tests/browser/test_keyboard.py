"""Hands on the keyboard: find, choose, open, play, without a mouse."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

pytestmark = pytest.mark.browser


@pytest.fixture
def hits(page: Page) -> Page:
    page.goto("/search")
    page.wait_for_selector(".scripted")
    return page


def test_a_slash_goes_to_the_search_field(hits: Page) -> None:
    hits.keyboard.press("/")

    expect(hits.get_by_label("Caller's number")).to_be_focused()
    assert hits.get_by_label("Caller's number").input_value() == ""


def test_j_and_k_walk_through_the_hits(hits: Page) -> None:
    hits.keyboard.press("j")
    hits.keyboard.press("j")
    hits.keyboard.press("j")
    hits.keyboard.press("k")

    expect(hits.locator("a[data-hit]").nth(1)).to_be_focused()


def test_x_chooses_and_the_bar_counts(hits: Page) -> None:
    delete = hits.locator("button[value=delete-recordings]")
    expect(delete).to_be_disabled()

    hits.keyboard.press("j")
    hits.keyboard.press("x")

    expect(delete).to_be_enabled()
    expect(hits.locator("[data-chosen]")).to_have_text("1")


def test_the_page_is_chosen_at_once(hits: Page) -> None:
    hits.get_by_label("Select the page").check()

    expect(hits.locator("[data-chosen]")).to_have_text("24")


def test_all_hits_need_no_choosing(hits: Page) -> None:
    hits.locator("input[name=scope][value=all]").check(force=True)

    expect(hits.locator("button[value=xlsx]")).to_be_enabled()


def test_letters_typed_in_a_field_stay_letters(hits: Page) -> None:
    hits.get_by_label("Name", exact=True).press_sequentially("jx?/")

    assert hits.get_by_label("Name", exact=True).input_value() == "jx?/"
    expect(hits.locator("#keys")).not_to_be_visible()


def test_the_shortcuts_may_be_switched_off(hits: Page) -> None:
    hits.keyboard.press("?")
    hits.get_by_label("Use keyboard shortcuts").uncheck()
    hits.keyboard.press("Escape")

    hits.keyboard.press("j")

    expect(hits.locator("a[data-hit]").first).not_to_be_focused()


def test_the_first_stop_skips_to_the_content(hits: Page) -> None:
    hits.keyboard.press("Tab")

    expect(hits.get_by_role("link", name="Skip to content")).to_be_focused()


def test_space_plays_and_pauses(page: Page) -> None:
    page.goto("/call")
    page.wait_for_selector(".scripted")
    page.locator("h1").click()

    page.keyboard.press(" ")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    page.keyboard.press(" ")

    expect(page.locator("[data-deck] [data-play-button]")).to_have_attribute(
        "aria-label", "Play"
    )


def test_the_arrow_keys_seek(page: Page) -> None:
    page.goto("/call")
    slider = page.get_by_role("slider")
    page.wait_for_function("document.querySelector('audio').readyState >= 1")

    slider.focus()
    page.keyboard.press("End")

    assert page.evaluate("document.querySelector('audio').currentTime") > 3


def test_without_script_the_recording_has_plain_controls(
    new_context: Callable[..., BrowserContext],
) -> None:
    page = new_context(java_script_enabled=False).new_page()

    page.goto("/call")

    assert page.locator("audio").get_attribute("controls") is not None
    expect(page.locator("audio")).to_be_visible()
