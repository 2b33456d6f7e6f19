"""What opens on a page: menus, more parameters, dialogs."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.looks import assert_accessible

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_no_violation_in_what_opens(page: Page, theme: str) -> None:
    page.goto(f"/search?theme={theme}")
    page.get_by_text("More search parameters and columns").click()
    page.locator("details.who > summary").click()
    page.wait_for_selector("[data-theme-form] button >> nth=0")

    assert_accessible(page)


WIDTHS = (1500, 1440, 1280, 1061, 800, 390)


def test_the_header_has_room_for_all_that_is_in_it(page: Page) -> None:
    page.goto("/search?language=sv")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 700})

        assert page.evaluate(
            "document.querySelector('nav > ul > li:last-child')"
            ".getBoundingClientRect().right"
            " <= document.querySelector('.who').getBoundingClientRect().left"
        ), width


@pytest.mark.parametrize("width", [1280, 390])
def test_every_setting_can_be_reached_on_a_low_screen(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 420})
    page.goto("/search")
    page.locator("nav summary").click()
    last = page.get_by_role("link", name="Access log")
    last.scroll_into_view_if_needed()

    expect(last).to_be_in_viewport(ratio=1)


def test_escape_closes_a_menu_and_gives_the_focus_back(page: Page) -> None:
    page.goto("/search")
    summary = page.locator("details.who > summary")
    summary.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")

    page.keyboard.press("Escape")

    expect(page.locator("details.who")).not_to_have_attribute("open", "")
    expect(summary).to_be_focused()


def test_what_is_picked_is_said(page: Page) -> None:
    page.goto("/search")

    page.locator("details.pick > summary").first.click()
    page.get_by_role("checkbox", name="Faktura").check()

    expect(page.locator("#s-queue")).to_have_text("Support, Faktura")


def test_own_dates_show_only_when_asked_for(page: Page) -> None:
    page.goto("/search")
    expect(page.get_by_label("From", exact=True)).to_be_hidden()

    page.get_by_role("radio", name="Own period").check()

    expect(page.get_by_label("From", exact=True)).to_be_visible()


def test_the_theme_changes_at_once(page: Page) -> None:
    page.goto("/search")
    page.locator("details.who > summary").click()

    page.get_by_role("button", name="Dark").click()

    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.get_by_role("button", name="Dark")).to_have_attribute(
        "aria-pressed", "true"
    )


def test_a_deletion_asks_in_a_dialog(page: Page) -> None:
    page.goto("/call")

    page.locator("#recording-1").get_by_role("link", name="Delete").click()

    expect(page.get_by_role("dialog")).to_contain_text("Delete recording 1?")
    expect(page.get_by_label("Reason")).to_have_attribute("required", "")
    assert_accessible(page)


def test_a_chat_log_is_copied_as_text(page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/chat")

    page.get_by_role("button", name="Copy to clipboard").first.click()

    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    text = page.evaluate("navigator.clipboard.readText()")
    assert "14:05:29 Anna Exempel: Hej, min leverans har inte kommit." in text


def test_a_recording_is_loaded_only_when_play_is_pressed(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/call")
    second = page.locator("#recording-2")
    expect(second.locator("audio")).to_have_count(0)

    second.get_by_role("button", name="Play").click()
    expect(second.get_by_label("Purpose")).to_be_focused()  # it is restricted
    assert not [url for url in asked if url.endswith("/play")]
    second.get_by_label("Purpose").select_option("quality")
    second.get_by_role("button", name="Play").click()

    expect(second.get_by_role("button", name="Pause")).to_be_focused()
    assert [url for url in asked if url.endswith("/recordings/2/play")]


def test_a_transcript_takes_the_focus_when_it_comes(page: Page) -> None:
    page.goto("/call")

    page.get_by_role("button", name="See the transcript").click()

    expect(page.locator("#transcript-1")).to_contain_text("Tack, då vet jag!")
    expect(page.locator("#transcript-1")).to_be_focused()
