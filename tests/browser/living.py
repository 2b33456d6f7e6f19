"""A real archive behind a real server, with people made up for it, to browse in.

``python -m tests.browser.living FOLDER`` draws the search of such an archive, in both
languages, light and dark, wide and narrow.
"""

import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from tests.browser.preview import ARGUMENTS, CHROMIUM
from tests.cast import PASSWORD
from tests.intake.sounds import two_lanes, wav
from tests.journeys.serving import Server, served

PEOPLE = (
    ("070-174 06 05", "Anna Exempel"),
    ("08-465 004 18", None),
    ("031-390 06 21", "Växel AB"),
    ("070-174 06 99", "Karin Påhittad"),
)
QUEUES = ("Kundtjänst", "Support", "Växel")
AGENTS = ("Alma Berg", "Bo Ek", "Cleo Lind")
CALLS, CHATS = 60, 12


@contextmanager
def archive() -> Iterator[str]:
    """The address of a server with a few dozen contacts of the last week."""
    with (
        tempfile.TemporaryDirectory(prefix="valv-living-") as folder,
        served(Path(folder)) as server,
    ):
        _fill(server)
        yield f"http://127.0.0.1:{server.port}"


def _fill(server: Server) -> None:
    now = datetime.now(UTC)
    sound = wav(two_lanes(4))
    for n in range(CALLS):
        session = f"call-{n:02}"
        _put(server, session, _call(n, now - timedelta(minutes=37 * n + 5)))
        if n % 3 == 0:
            path = f"/interactions/{session}/recordings/1?channels=2"
            server.ask("PUT", path, sound)
    for n in range(CHATS):
        session = f"chat-{n:02}"
        _put(server, session, _chat(n, now - timedelta(minutes=131 * n + 9)))
        log = {"messages": [{"at": now.isoformat(), "from": "customer", "text": "Hej"}]}
        server.ask("PUT", f"/interactions/{session}/chat-log", json.dumps(log).encode())


def _put(server: Server, session: str, told: dict[str, Any]) -> None:
    body = json.dumps(told).encode()
    status, said = server.ask("PUT", f"/interactions/{session}", body)
    assert status == 201, said


def _call(n: int, at: datetime) -> dict[str, Any]:
    phone, name = PEOPLE[n % len(PEOPLE)]
    return {
        "media": "phone",
        "direction": "outbound" if n % 7 == 6 else "inbound",
        "started_at": at.isoformat(),
        "ended_at": (at + timedelta(minutes=4)).isoformat(),
        "queue": QUEUES[n % len(QUEUES)],
        "agents": [{"id": f"a{n % 3}", "name": AGENTS[n % len(AGENTS)]}],
        "wait_seconds": n * 7 % 60,
        "talk_seconds": n * 53 % 600,
        "outcome": "answered" if n % 5 else "abandoned",
        "identifiers": {"phone": phone} | ({"name": name} if name else {}),
    }


def _chat(n: int, at: datetime) -> dict[str, Any]:
    return {
        "media": "chat",
        "direction": "inbound",
        "started_at": at.isoformat(),
        "ended_at": (at + timedelta(minutes=9)).isoformat(),
        "queue": QUEUES[n % len(QUEUES)],
        "agents": [{"id": f"a{n % 3}", "name": AGENTS[n % len(AGENTS)]}],
        "outcome": "answered",
        "identifiers": {"email": f"kund{n}@example.com", "name": f"Kund {n}"},
    }


def sign_in(page: Page, home: str, name: str = "alma") -> None:
    page.goto(f"{home}/sign-in")
    page.locator("[name=username]").fill(f"{name}@acme.example")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("main button.main").click()
    page.wait_for_url(f"{home}/search")


def ask(page: Page, home: str, **fields: str) -> None:
    """Type into the search form, and wait for the answer."""
    page.goto(f"{home}/search")
    page.wait_for_selector(".scripted")
    for name, text in fields.items():
        page.locator(f"[name={name}]").press_sequentially(text)
    page.wait_for_selector("a[data-hit]")


def choose(page: Page, home: str, *, language: str, theme: str) -> None:
    """As one who likes these would have chosen."""
    page.goto(f"{home}/search")
    page.locator("details.who > summary").click()
    page.locator(f"button[name=theme][value={theme}]").click()
    page.locator(f"button[name=language][value={language}]").click()
    page.wait_for_selector(f"html[lang={language}][data-theme={theme}]")


def photograph(browser: Browser, home: str, folder: Path) -> None:
    page = browser.new_page()
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{home}/sign-in")
    page.screenshot(path=folder / "sign-in.png")
    sign_in(page, home)
    for language, theme, width in product(("sv", "en"), ("light", "dark"), (1440, 390)):
        name = f"{width}-{language}-{theme}"
        page.set_viewport_size({"width": width, "height": 900})
        choose(page, home, language=language, theme=theme)
        page.screenshot(path=folder / f"start-{name}.png")
        ask(page, home, phone="0605")
        page.screenshot(path=folder / f"hits-{name}.png", full_page=True)
        page.locator("[data-select-page]").check()
        page.wait_for_timeout(100)
        page.screenshot(path=folder / f"chosen-{name}.png")
        page.locator("button[value=delete-recordings]").click()
        page.wait_for_selector("dialog[open]")
        page.wait_for_timeout(200)
        page.screenshot(path=folder / f"confirm-{name}.png")
    page.close()


if __name__ == "__main__":
    from playwright.sync_api import sync_playwright

    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    with archive() as address, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        photograph(chromium, address, target)
        chromium.close()
