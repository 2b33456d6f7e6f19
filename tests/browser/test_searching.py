"""Searching a real archive, by hand, by keyboard, and without script."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl  # type: ignore[import-untyped]
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from tests.browser.conversations import cookies_of
from tests.browser.living import ask, choose, sign_in
from tests.browser.looks import LOOKS, Look, assert_accessible
from tests.cast import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.sqlite]
HITS = "a[data-hit]"


@pytest.fixture(scope="module")
def cookies(browser: Browser, home: str) -> list[Any]:
    return cookies_of(browser, home, "alma")


@pytest.fixture
def alma(page: Page, cookies: list[Any]) -> Page:
    """Alma's browser, signed in."""
    page.context.add_cookies(cookies)
    page.set_default_timeout(15_000)
    return page


def said_by(page: Page) -> list[str]:
    """What the browser complains of, as it comes."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    return said


def test_hits_come_while_one_types_the_last_digits(alma: Page, home: str) -> None:
    alma.goto(f"{home}/search")
    alma.wait_for_selector(".scripted")

    alma.keyboard.press("/")
    alma.keyboard.type("0605")

    expect(alma.locator(HITS)).to_have_count(15)
    expect(alma.locator("#said")).to_have_text("15 träffar")
    expect(alma.locator("[name=phone]")).to_be_focused()
    assert "0605" not in alma.url
    assert alma.url.startswith(f"{home}/search/")


def test_the_keyboard_walks_chooses_and_opens(alma: Page, home: str) -> None:
    ask(alma, home, phone="0605")
    alma.locator("h1").click(force=True)

    for key in ("j", "j", "x"):
        alma.keyboard.press(key)
    expect(alma.locator("[data-chosen]")).to_have_text("1")
    expect(alma.locator(HITS).nth(1)).to_be_focused()
    href = alma.locator(HITS).nth(1).get_attribute("href")
    alma.keyboard.press("Enter")

    alma.wait_for_url(f"{home}{href}")
    expect(alma.locator("main")).to_contain_text("+46701740605")


def test_going_back_finds_the_hits_again(alma: Page, home: str) -> None:
    ask(alma, home, phone="0605")
    alma.locator(HITS).first.click()
    alma.wait_for_url("**/interactions/*")

    alma.go_back()

    expect(alma.locator(HITS)).to_have_count(15)
    expect(alma.locator("[name=phone]")).to_have_value("0605")


def test_the_chosen_leave_as_a_spreadsheet(
    alma: Page, home: str, tmp_path: Path
) -> None:
    ask(alma, home, phone="0605")
    alma.locator("[data-select-page]").check()

    with alma.expect_download() as downloading:
        alma.locator("button[value=xlsx]").click()

    kept = tmp_path / downloading.value.suggested_filename
    downloading.value.save_as(kept)
    sheet = openpyxl.load_workbook(kept).active
    assert sheet is not None
    assert sheet.max_row == 1 + 15


def test_all_hits_leave_beyond_the_page(alma: Page, home: str, tmp_path: Path) -> None:
    ask(alma, home, phone="+46*")
    expect(alma.locator(HITS)).to_have_count(50)
    alma.locator("input[name=scope][value=all]").check(force=True)

    with alma.expect_download() as downloading:
        alma.locator("button[value=xlsx]").click()

    kept = tmp_path / "all.xlsx"
    downloading.value.save_as(kept)
    sheet = openpyxl.load_workbook(kept).active
    assert sheet is not None
    assert sheet.max_row == 1 + 60


def test_pages_turn_in_place(alma: Page, home: str) -> None:
    ask(alma, home, phone="+46*")
    first = alma.locator(HITS).first.get_attribute("href")

    alma.locator(".paging a").click()

    expect(alma.locator(HITS)).to_have_count(10)
    expect(alma.locator("caption")).to_contain_text("60 träffar")
    assert alma.locator(HITS).first.get_attribute("href") != first


def delete_for_a_reason(page: Page) -> None:
    """On the page of the job that was planned: of those that it is done to, all."""
    page.locator("[name=reason]").fill("Kunden bad om det")
    page.locator("button[value=delete]").click()

    expect(page.locator("#state")).to_contain_text("Klar")
    expect(page.locator("#h-result ~ .tally")).to_contain_text("5 klara")


def test_a_deletion_is_looked_at_first(alma: Page, home: str) -> None:
    ask(alma, home, phone="0699")
    alma.locator("[data-select-page]").check()

    alma.locator("button[value=delete-recordings]").click()
    expect(alma.locator(".tally").first).to_contain_text("5 med innehåll")
    delete_for_a_reason(alma)

    ask(alma, home, phone="0699")
    expect(alma.locator(".has.s-deleted")).to_have_count(5)


def press(page: Page) -> None:
    """Where the hand is, not waiting for what comes of it."""
    page.mouse.down()
    page.mouse.up()


def test_a_second_press_is_not_posted_again(alma: Page, home: str) -> None:
    alma.goto(f"{home}/holds")
    for name in ("matter", "owner", "reason", "queue"):
        alma.locator(f"[name={name}]").fill("Pressed twice")
    posted: list[Route] = []
    alma.route(f"{home}/holds", lambda route: posted.append(route))
    alma.locator("form[action='/holds'] button.main").hover()

    with alma.expect_request(f"{home}/holds"):
        press(alma)
    press(alma)

    posted[0].continue_()
    expect(alma.locator("h1")).to_have_text("Pressed twice")
    assert len(posted) == 1


def test_a_column_may_be_left_out(alma: Page, home: str) -> None:
    ask(alma, home, phone="0605")
    alma.get_by_text("Fler sökparametrar och kolumner").click()

    alma.locator("input[name=column][value=queue]").uncheck()

    expect(alma.locator(".c-queue")).to_have_count(0)
    ask(alma, home, phone="0605")
    expect(alma.locator(".c-queue")).to_have_count(0)
    alma.get_by_text("Fler sökparametrar och kolumner").click()
    alma.locator("input[name=column][value=queue]").check()


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: "-".join(map(str, look)))
def test_axe_finds_no_violation_and_the_policy_none_either(
    alma: Page, home: str, look: Look
) -> None:
    language, theme, width = look
    said = said_by(alma)
    choose(alma, home, language=language, theme=theme)
    alma.set_viewport_size({"width": width, "height": 900})

    ask(alma, home, phone="+46*")

    assert_accessible(alma)
    assert said == []
    assert alma.evaluate("document.documentElement.scrollWidth") <= width
    choose(alma, home, language="sv", theme="light")


def test_without_script_one_searches_pages_and_deletes(
    new_context: Callable[..., BrowserContext], home: str
) -> None:
    page = new_context(java_script_enabled=False).new_page()
    sign_in(page, home)
    page.locator("[name=name]").fill("Växel*")
    page.locator("#search button.main").click()

    expect(page.locator(HITS)).to_have_count(15)
    page.locator("input[name=scope][value=all]").check(force=True)
    page.locator("button[value=delete-recordings]").click()
    delete_for_a_reason(page)


def test_a_wrong_password_is_told_to_a_screen_reader(page: Page, home: str) -> None:
    page.goto(f"{home}/sign-in")
    page.locator("[name=username]").fill("alma@acme.example")
    page.locator("[name=password]").fill(PASSWORD + "?")
    page.locator("main button.main").click()

    expect(page.get_by_role("alert")).to_contain_text("do not belong together")


def test_who_signs_out_is_out(page: Page, home: str) -> None:
    sign_in(page, home)
    page.locator("details.who > summary").click()
    page.locator("form[action='/sign-out'] button").click()
    page.wait_for_url(f"{home}/sign-in")

    page.goto(f"{home}/search")

    assert "/sign-in?next=" in page.url
