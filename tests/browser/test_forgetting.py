"""The whole of forgetting in a real browser, until somebody else checks the receipt."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.living import archive, ask, choose, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.sqlite]
NUMBER = "031-390 06 21"
VERIFIER = Path(__file__).parents[2] / "scripts" / "verify_receipt.py"


@pytest.fixture
def home() -> Iterator[str]:
    """An archive of its own, for others look for whom it forgets."""
    with archive() as address:
        yield address


@pytest.fixture
def alma(page: Page, home: str) -> Page:
    """Alma's browser: signed in, at the search."""
    page.set_default_timeout(15_000)
    sign_in(page, home)
    return page


def test_from_a_storage_time_to_a_receipt_that_anybody_can_check(
    alma: Page, home: str, tmp_path: Path
) -> None:
    choose(alma, home, language="en", theme="light")
    shorten_recordings(alma, home)
    release_at_once(alma, home)
    hold_all_of(alma, home, NUMBER)
    forget(alma, home, NUMBER)
    expect(alma.locator(".notice.note").first).to_contain_text("on hold")
    alma.locator("button[value=cancel]").click()
    release(alma, home)
    forget(alma, home, NUMBER)
    alma.locator("button[value=now]").click()
    expect(alma.locator("#state")).to_contain_text("Done")

    receipt, key = receipt_of(alma, tmp_path), key_of(alma, home)

    assert is_verified(receipt, key)
    receipt.write_text(
        receipt.read_text().replace("count interactions 1", "count interactions 2")
    )
    assert not is_verified(receipt, key)
    alma.goto(f"{home}/search")
    alma.locator("[name=phone]").press_sequentially("3900621")
    expect(alma.locator("#said")).to_contain_text("0 hits")


def shorten_recordings(page: Page, home: str) -> None:
    page.goto(f"{home}/storage-times")
    page.locator("[name=recordings_days]").fill("60")
    page.locator("button[value=preview]").click()
    expect(page.locator(".diff ins").first).to_have_text("60 days")
    page.locator("button[value=save]").click()
    expect(page.get_by_role("status")).to_contain_text("saved")


def release_at_once(page: Page, home: str) -> None:
    page.goto(f"{home}/holds")
    page.locator("[name=grace]").fill("0")
    page.locator("form[action='/holds/rules'] button").click()


def hold_all_of(page: Page, home: str, number: str) -> None:
    ask(page, home, phone=number)
    page.locator("[data-select-page]").check()
    page.locator("button[value=hold]").click()
    page.locator("[name=matter]").fill("Complaint 114")
    page.locator("[name=owner]").fill("Legal")
    page.locator("[name=reason]").fill("The claim is open")
    page.locator("main form button.main").click()
    page.wait_for_url(f"{home}/holds/*")


def forget(page: Page, home: str, number: str) -> None:
    page.goto(f"{home}/anonymise")
    page.locator("[name=phone]").fill(number)
    page.locator("[name=delete]").check()
    page.locator("main form button.main").click()
    expect(page.get_by_text(number.replace("-", " ").lstrip("0")).first).to_be_visible()


def release(page: Page, home: str) -> None:
    page.goto(f"{home}/holds")
    page.get_by_role("link", name="Complaint 114").click()
    page.locator("[name=reason]").fill("The board has decided")
    page.locator("main form button.danger").click()
    expect(page.get_by_text("Released").first).to_be_visible()


def receipt_of(page: Page, folder: Path) -> Path:
    with page.expect_download() as fetched:
        page.locator("#h-receipt ~ .acts a").click()
    fetched.value.save_as(folder / "receipt.json")
    return folder / "receipt.json"


def key_of(page: Page, home: str) -> str:
    page.goto(f"{home}/audit-log")
    page.get_by_role("button", name="Verify the log").click()
    page.locator("details.numbers summary").click()
    return page.locator("details.numbers code").inner_text()


def is_verified(receipt: Path, key: str) -> bool:
    command = [sys.executable, str(VERIFIER), str(receipt), "--key", key]
    return subprocess.run(command, check=False).returncode == 0
