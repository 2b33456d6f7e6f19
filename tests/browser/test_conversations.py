"""Hearing, reading and deleting, in a browser, on a real server with real sound."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.browser.conversations import SECONDS, Archive, cookies_of
from tests.intake.sounds import two_lanes, wav

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def cookies(browser: Browser, spoken: Archive) -> list[Any]:
    return cookies_of(browser, spoken.home, "alma")


@pytest.fixture
def alma(page: Page, spoken: Archive, cookies: list[Any]) -> Page:
    page.context.add_cookies(cookies)
    page.set_default_timeout(15_000)
    return page


def heard(page: Page) -> float:
    """Where in the recording we are."""
    at: float = page.locator("audio").evaluate("audio => audio.currentTime")
    return at


def press_play(page: Page) -> Locator:
    page.get_by_role("button", name="Spela upp").first.click()
    button = page.get_by_role("button", name="Pausa")
    expect(button).to_be_visible()
    return button


def test_opening_loads_no_sound_and_no_words(alma: Page, spoken: Archive) -> None:
    asked: list[str] = []
    alma.on("request", lambda request: asked.append(request.url))

    for address in (spoken.call(), spoken.chat()):
        alma.goto(address)
        alma.wait_for_load_state("networkidle")

    assert not [url for url in asked if "/plays/" in url or "/see" in url]
    expect(alma.locator("audio")).to_have_count(0)
    expect(alma.locator(".turns .turn")).to_have_count(0)


def test_play_is_heard_from_the_start_on(alma: Page, spoken: Archive) -> None:
    alma.goto(spoken.call())
    press_play(alma)

    expect(alma.locator("[data-now]")).to_have_text("0:02")

    assert heard(alma) > 1.4
    assert alma.locator("audio").evaluate("audio => audio.error") is None


def test_what_is_longer_than_a_piece_is_heard_beyond_it(
    alma: Page, spoken: Archive
) -> None:
    """A megabyte of this sound lasts 131 seconds."""
    pieces: list[str] = []
    alma.on("response", lambda answer: pieces.append(answer.headers["content-range"])
            if answer.status == 206 else None)  # fmt: skip
    alma.goto(spoken.call(sound=wav(two_lanes(200))))
    press_play(alma)
    audio = alma.locator("audio")

    for start, end in ((130.6, 131.6), (190, 190.5)):
        audio.evaluate("(audio, at) => { audio.currentTime = at; }", start)
        alma.wait_for_function(
            "end => document.querySelector('audio').currentTime > end", arg=end
        )

    assert audio.evaluate("audio => audio.error") is None
    assert audio.evaluate("audio => audio.duration") == pytest.approx(200, abs=1)
    assert len(pieces) > 1
    assert len(spoken.entries("play", alma.url)) == 1


def test_the_waveform_is_drawn_in_two_lanes(alma: Page, spoken: Archive) -> None:
    alma.goto(spoken.call())
    press_play(alma)
    alma.wait_for_load_state("networkidle")

    expect(alma.locator(".lane > span")).to_have_text(["Slutkund", "Agent"])
    for lane in alma.locator("canvas").all():
        assert lane.evaluate(
            """canvas => canvas.getContext("2d")
                .getImageData(0, 0, canvas.width, canvas.height)
                .data.filter((_, i) => i % 4 === 3).some(alpha => alpha > 0)"""
        )


def test_a_click_in_the_waveform_seeks(alma: Page, spoken: Archive) -> None:
    alma.goto(spoken.call())
    press_play(alma).click()

    box = alma.get_by_role("slider").bounding_box()
    assert box is not None
    alma.mouse.click(box["x"] + box["width"] * 0.75, box["y"] + box["height"] / 2)

    assert heard(alma) == pytest.approx(SECONDS * 0.75, abs=0.4)


def test_seeking_about_is_one_play(alma: Page, spoken: Archive) -> None:
    alma.goto(spoken.call())
    press_play(alma)
    slider = alma.get_by_role("slider")

    for second in (5, 1, 6, 2, 7, 3, 0):
        slider.evaluate(
            """(input, second) => { input.value = second;
                input.dispatchEvent(new Event("input")); }""",
            second,
        )
        alma.wait_for_timeout(60)

    assert len(spoken.entries("play", alma.url)) == 1


def test_the_speed_is_chosen(alma: Page, spoken: Archive) -> None:
    alma.goto(spoken.call())
    press_play(alma)

    alma.get_by_label("Hastighet").select_option("1.5")

    rate = alma.locator("audio").evaluate("audio => audio.playbackRate")
    assert rate == 1.5


def test_it_ends_and_may_be_heard_again(alma: Page, spoken: Archive) -> None:
    alma.goto(spoken.call(sound=wav(two_lanes(2))))
    press_play(alma)
    alma.get_by_label("Hastighet").select_option("2")

    again = alma.locator("[data-deck]").get_by_role("button", name="Spela upp")
    expect(again).to_be_visible(timeout=15_000)
    again.click()

    expect(alma.get_by_role("button", name="Pausa")).to_be_visible()
    assert len(spoken.entries("play", alma.url)) == 1


def test_a_recording_is_taken_out_as_mp3(alma: Page, spoken: Archive) -> None:
    alma.goto(spoken.call())

    with alma.expect_download() as download:
        alma.get_by_role("button", name="Ladda ned mp3").click()

    file = download.value.path()
    assert download.value.suggested_filename.endswith("_1.mp3")
    assert file.read_bytes()[0] == 0xFF
    assert len(spoken.entries("download", alma.url)) == 1


def test_a_chat_is_read_as_bubbles_and_copied(alma: Page, spoken: Archive) -> None:
    alma.context.grant_permissions(["clipboard-read", "clipboard-write"])
    alma.goto(spoken.chat())

    alma.get_by_role("button", name="Visa chattloggen").click()

    expect(alma.locator(".turn.customer .bubble").first).to_have_text(
        "Min leverans har inte kommit. (1)"
    )
    expect(alma.locator(".turn.customer [data-who]").first).to_have_text("Anna Exempel")
    alma.get_by_role("button", name="Kopiera till Urklipp").click()
    expect(alma.get_by_role("button", name="Kopierat")).to_be_visible()
    assert "Anna Exempel: Min leverans" in alma.evaluate(
        "navigator.clipboard.readText()"
    )


def test_a_chat_log_is_taken_out_as_xml(alma: Page, spoken: Archive) -> None:
    alma.goto(spoken.chat())

    with alma.expect_download() as download:
        alma.get_by_role("button", name="Ladda ned XML").click()

    assert download.value.suggested_filename.endswith("_chat.xml")


def test_a_recording_is_deleted_and_the_call_stays(alma: Page, spoken: Archive) -> None:
    alma.goto(spoken.call())
    alma.locator("#recording-1").get_by_role("link", name="Ta bort").click()
    dialog = alma.get_by_role("dialog")
    expect(dialog).to_contain_text("Ta bort inspelning 1?")

    dialog.get_by_label("Skäl").fill("Kunden bad om det")
    dialog.get_by_role("button", name="Ta bort").click()

    expect(alma.get_by_role("status")).to_contain_text("Inspelning 1 har tagits bort.")
    expect(alma.locator("#recording-1")).to_contain_text("Kunden bad om det")
    expect(alma.locator("#recording-1").get_by_role("button")).to_have_count(0)
    expect(alma.get_by_role("heading", level=1)).to_have_text("+46701740605")


def test_without_a_reason_nothing_is_deleted(alma: Page, spoken: Archive) -> None:
    alma.goto(spoken.call())
    alma.locator("#recording-1").get_by_role("link", name="Ta bort").click()

    alma.get_by_role("dialog").get_by_role("button", name="Ta bort").click()

    expect(alma.get_by_role("dialog")).to_be_visible()
    alma.get_by_role("dialog").get_by_role("link", name="Avbryt").click()
    expect(alma.get_by_role("dialog")).to_be_hidden()
    assert spoken.entries("delete", alma.url) == []


def test_by_keyboard_alone_one_plays_seeks_and_deletes(
    alma: Page, spoken: Archive
) -> None:
    alma.goto(spoken.call())
    alma.keyboard.press(" ")
    expect(alma.get_by_role("button", name="Pausa")).to_be_focused()
    alma.keyboard.press("Enter")
    expect(alma.get_by_role("button", name="Spela upp")).to_be_focused()

    alma.keyboard.press("Tab")
    expect(alma.get_by_role("slider")).to_be_focused()
    alma.keyboard.press("End")
    assert heard(alma) > SECONDS - 1

    tab_to(alma, alma.locator("#recording-1").get_by_role("link", name="Ta bort"))
    alma.keyboard.press("Enter")
    expect(alma.get_by_label("Skäl")).to_be_focused()
    alma.keyboard.type("Kunden bad om det")
    tab_to(alma, alma.get_by_role("dialog").get_by_role("button", name="Ta bort"))
    alma.keyboard.press("Enter")
    expect(alma.get_by_role("status")).to_contain_text("har tagits bort")


def tab_to(page: Page, wanted: Locator) -> None:
    for _ in range(30):
        page.keyboard.press("Tab")
        if wanted.evaluate("one => one === document.activeElement"):
            return
    raise AssertionError("It cannot be reached by Tab.")


@pytest.fixture
def scriptless(new_context: Callable[..., BrowserContext], cookies: list[Any]) -> Page:
    context = new_context(java_script_enabled=False)
    context.add_cookies(cookies)
    return context.new_page()


def test_without_script_a_call_is_read_and_heard(
    scriptless: Page, spoken: Archive
) -> None:
    scriptless.goto(spoken.call())
    expect(scriptless.locator(".steps")).to_contain_text("Bo Ek")

    scriptless.get_by_role("button", name="Spela upp").click()

    expect(scriptless.locator("audio")).to_be_visible()
    expect(scriptless.locator("audio")).to_have_attribute("controls", "")


def test_without_script_a_chat_is_read_and_deleted(
    scriptless: Page, spoken: Archive
) -> None:
    scriptless.goto(spoken.chat())
    scriptless.get_by_role("button", name="Visa chattloggen").click()
    expect(scriptless.locator(".turns .turn").first).to_contain_text("Vad gäller det?")

    scriptless.locator("#chat-log-1").get_by_role("link", name="Ta bort").click()
    scriptless.get_by_label("Skäl").fill("Kunden bad om det")
    scriptless.get_by_role("button", name="Ta bort").click()

    expect(scriptless.get_by_role("status")).to_contain_text("Chattloggen har tagits")
