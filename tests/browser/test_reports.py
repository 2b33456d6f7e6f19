"""Storage times, nights, surveys and the log, in a browser, on a real server."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conversations import Archive, cookies_of, prefer
from tests.browser.looks import LOOKS, Look, assert_accessible, dealt

pytestmark = pytest.mark.browser
REPORTS = ["surveys", "storage-times", "tonight", "audit-log", "recording-rules"]


@pytest.fixture(scope="module")
def cookies(browser: Browser, spoken: Archive) -> list[Any]:
    return cookies_of(browser, spoken.home, "cleo")


@pytest.fixture
def cleo(page: Page, spoken: Archive, cookies: list[Any]) -> Page:
    page.context.add_cookies(cookies)
    page.set_default_timeout(15_000)
    return page


@pytest.fixture
def in_english(cleo: Page, spoken: Archive) -> Page:
    prefer(cleo, spoken.home, language="en", theme="light")
    return cleo


def looks(page: Page, spoken: Archive, look: Look) -> Page:
    language, theme, width = look
    prefer(page, spoken.home, language=language, theme=theme)
    page.set_viewport_size({"width": width, "height": 900})
    return page


def assert_clean(page: Page) -> None:
    assert_accessible(page)
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: "-".join(map(str, look)))
def test_axe_finds_no_violation_in_a_call_being_played(
    cleo: Page, spoken: Archive, look: Look
) -> None:
    page = looks(cleo, spoken, look)
    page.goto(spoken.call())
    page.locator("button[data-play-button]").first.click()
    expect(page.locator("[data-deck]")).to_be_visible()

    assert_clean(page)


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: "-".join(map(str, look)))
def test_axe_finds_no_violation_in_a_chat_being_read(
    cleo: Page, spoken: Archive, look: Look
) -> None:
    page = looks(cleo, spoken, look)
    page.goto(spoken.chat())
    page.locator("#chat-log-1 .acts button").first.click()
    expect(page.locator(".turn").first).to_be_visible()

    assert_clean(page)


@pytest.mark.parametrize(("name", "look"), dealt(REPORTS))
def test_axe_finds_no_violation_in_a_report(
    cleo: Page, spoken: Archive, name: str, look: Look
) -> None:
    spoken.call(days=20)
    page = looks(cleo, spoken, look)
    page.goto(f"{spoken.home}/{name}")

    assert_clean(page)


def test_no_page_breaks_a_rule_of_the_content_policy(
    cleo: Page, spoken: Archive
) -> None:
    said: list[str] = []
    cleo.on("console", lambda message: said.append(message.text))
    cleo.on("pageerror", lambda error: said.append(str(error)))

    for address in (spoken.call(), *(f"{spoken.home}/{name}" for name in REPORTS)):
        cleo.goto(address)
        cleo.wait_for_load_state("networkidle")

    assert said == []


def test_storage_times_are_previewed_and_then_saved(
    in_english: Page, spoken: Archive
) -> None:
    spoken.call(days=8)
    page = in_english
    page.goto(f"{spoken.home}/storage-times")
    field = page.get_by_label("Recordings: days", exact=True)
    before = field.input_value()

    field.fill("7")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator(".diff")).to_contain_text(f"{before} days")
    # Restricted recordings have no days of their own, and so follow.
    expect(page.locator(".diff ins")).to_have_text(["7 days", "7 days"])
    assert int(page.locator(".goes .bad").first.inner_text()) >= 1
    page.locator("button[value=save]").click()

    expect(page.get_by_role("status")).to_contain_text("saved")
    expect(field).to_have_value("7")


def test_a_wrong_number_of_days_is_said_at_its_class(
    in_english: Page, spoken: Archive
) -> None:
    in_english.goto(f"{spoken.home}/storage-times")
    in_english.get_by_label("Chat logs: days").fill("soon")

    in_english.get_by_role("button", name="Preview").click()

    expect(in_english.locator("#e-chat_logs")).to_contain_text("whole number")
    expect(in_english.get_by_label("Chat logs: days")).to_have_attribute(
        "aria-invalid", "true"
    )


def test_days_are_asked_for_only_where_they_count(
    in_english: Page, spoken: Archive
) -> None:
    in_english.goto(f"{spoken.home}/storage-times")

    in_english.get_by_label("Chat logs: how").select_option("follow")

    expect(in_english.get_by_label("Chat logs: days")).to_be_hidden()


def test_tonight_is_a_picture_and_a_table(in_english: Page, spoken: Archive) -> None:
    spoken.call(days=30)
    in_english.goto(f"{spoken.home}/tonight")

    expect(in_english.locator(".tally")).to_contain_text("Recordings")
    assert in_english.locator(".plot rect").count() >= 1
    in_english.get_by_text("As a table").click()
    expect(in_english.get_by_role("table").locator("tbody tr")).to_have_count(14)


def test_surveys_come_to_a_distribution_and_a_trend(
    in_english: Page, spoken: Archive
) -> None:
    spoken.call()
    in_english.goto(f"{spoken.home}/surveys")

    expect(in_english.locator(".figure").first).to_contain_text("9")
    expect(in_english.locator("[data-trend] canvas")).to_be_visible()
    with in_english.expect_download() as download:
        in_english.get_by_role("button", name="Export to xlsx").click()
    assert download.value.suggested_filename.endswith(".xlsx")


def test_the_log_is_narrowed_while_one_types(in_english: Page, spoken: Archive) -> None:
    page = in_english
    page.goto(f"{spoken.home}/audit-log")

    page.get_by_role("searchbox", name="User", exact=True).press_sequentially("nobody*")

    expect(page.locator("#entries")).to_contain_text("No log entries")
    page.get_by_role("searchbox", name="User", exact=True).fill("cleo*")
    expect(page.locator("#entries .entry").first).to_contain_text("User Cleo")
    assert "cleo" not in page.url


def test_the_log_is_verified_by_one_button(in_english: Page, spoken: Archive) -> None:
    in_english.goto(f"{spoken.home}/audit-log")

    in_english.get_by_role("button", name="Verify the log").click()

    expect(in_english.get_by_role("status").first).to_contain_text("The log is whole")
