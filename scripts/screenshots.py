"""Takes the pictures of docs/screenshots from a made-up archive of its own.

``python scripts/screenshots.py [FOLDER] [NAME…]`` makes the archive in a temporary
folder, serves it, and takes each page, that to sign in on first, in both languages,
light and dark, wide and as narrow as a telephone; the example calls of docs/journey.md
in English and light alone. Needs the bundled pages (``make setup``) and Debian's
chromium-headless-shell or chromium. Names limit the pages.
"""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory
from typing import Any

from few_colours import in_few_colours
from playwright.sync_api import Browser, Page, sync_playwright

from valv.jobs.demo.examples import EXAMPLES

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "screenshots"
VALV = [sys.executable, "-m", "valv.config.main"]
CHROMIUM = which("chromium-headless-shell") or which("chromium")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
PORT = 8791
HOME = f"http://127.0.0.1:{PORT}"
INTERACTIONS, RECORDINGS = 2_500, 60
WIDE, NARROW = (1440, 900), (390, 844)
CALL = "shown-call"
PAUSED = "example-pause"
SCOPES = "intake,read,content,delete,privacy,admin"


@dataclass(frozen=True)
class Archive:
    """The running archive: who signs in, and what there is to look at."""

    address: str
    password: str
    chat: str


def valv(*arguments: str) -> Any:
    """Run a command; answers what it says in JSON."""
    told = subprocess.run(
        [*VALV, *arguments, "--json"], capture_output=True, text=True, check=True
    )
    return json.loads(told.stdout)


@contextmanager
def made_archive() -> Iterator[Archive]:
    with TemporaryDirectory(prefix="valv-screenshots-") as data:
        os.environ.update(VALV_DATA=data, VALV_PUBLIC_URL=HOME)
        amount = ["--interactions", str(INTERACTIONS), "--recordings", str(RECORDINGS)]
        notes = valv("demo", "--no-serve", *amount)
        with served():
            source = Source(valv("token", "create", "--name", "pbx", "--scope",
                                 SCOPES)["token"])  # fmt: skip
            tell_call(source)
            tell_privacy(source)
            valv("nightly")
            found = source.ask("GET", "/interactions?has_chat_log=true&limit=1")
            chat = json.loads(found)["items"][0]["session_id"]
            yield Archive(notes["address"], notes["password"], chat)


@contextmanager
def served() -> Iterator[None]:
    command = [*VALV, "serve", "--port", str(PORT), "--no-work"]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, stdout=quiet, stderr=quiet) as server:
        try:
            until_it_answers()
            yield
        finally:
            server.terminate()


def until_it_answers() -> None:
    for _ in range(150):
        try:
            urllib.request.urlopen(f"{HOME}/sign-in").close()  # noqa: S310
        except urllib.error.URLError:
            time.sleep(0.2)
        else:
            return
    raise SystemExit("The server does not answer.")


@dataclass(frozen=True)
class Source:
    """What sends in over HTTP."""

    token: str

    def ask(self, method: str, path: str, body: bytes | None = None) -> bytes:
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/json",
        }
        address = f"{HOME}/api/v1{path}"
        request = urllib.request.Request(  # noqa: S310 - our own server
            address, body, headers, method=method
        )
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            told: bytes = answer.read()
        return told


def tell_call(source: Source) -> None:
    """One call with all that events tell, with the sound of one that there is."""
    found = source.ask("GET", "/interactions?has_recording=true&limit=100")
    other = max(json.loads(found)["items"], key=seconds_of)
    sound = source.ask("GET", f"/interactions/{other['id']}/recordings/1?download=mp3")
    start = datetime.now(UTC) - timedelta(hours=3)
    events = "\n".join(
        json.dumps(one) for one in events_from(start, talk=seconds_of(other))
    )
    source.ask("POST", "/events", events.encode())
    source.ask("PUT", f"/interactions/{CALL}/recordings/1", sound)
    survey = {"score": 9, "scale": [0, 10], "comment": "Snabbt och vänligt."}
    survey["at"] = (start + timedelta(minutes=20)).isoformat()
    source.ask("PUT", f"/interactions/{CALL}/survey", json.dumps(survey).encode())


def tell_privacy(source: Source) -> None:
    """A dispute, whom nobody may look at, what people asked for, and jobs."""
    found = json.loads(source.ask("GET", "/interactions?direction=inbound&limit=100"))
    items = [
        one for one in found["items"] if one["queue"] and one["session_id"] != CALL
    ]
    people = sorted({one["identifiers"].get("phone") for one in items} - {None})
    queue = items[0]["queue"]
    said: list[tuple[str, dict[str, Any]]] = [
        (
            "/holds",
            {
                "matter": "Complaint 2026-114",
                "owner": "Legal",
                "reason": "The claim is open until the board has decided.",
                "search": {"queue": [queue]},
                "coming": {"queue": [queue]},
            },
        ),
        (
            "/restrictions",
            {"phone": people[:1], "reason": "Says that the address is wrong."},
        ),
        (
            "/jobs",
            {"kind": "forget", "phone": people[1:2], "delete_content": True},
        ),
        (
            "/jobs",
            {"kind": "forget", "phone": people[2:3], "when": "night"},
        ),
    ]
    for path, body in said:
        source.ask("POST", path, json.dumps(body).encode())
    today = datetime.now(UTC).date()
    for kind, who, days in (
        ("erasure", "Karin Exempel", 3),
        ("access", "Nils Exempel", 12),
        ("correction", "Ebba Exempel", 40),
    ):
        received = (today - timedelta(days=days)).isoformat()
        valv("request", "add", "--kind", kind, "--who", who, "--received", received,
             "--checked", "called back, customer number asked for")  # fmt: skip


def seconds_of(item: dict[str, Any]) -> float:
    """How long the first recording of a call is."""
    return max(one["seconds"] or 0 for one in item["contents"])


def events_from(start: datetime, *, talk: float) -> Iterator[dict[str, Any]]:
    person = {"phone": "+46701740605", "name": "Karin Exempel"}
    told: list[tuple[str, float, dict[str, Any]]] = [
        ("session.started", 0, {"media": "phone", "direction": "inbound",
                                "identifiers": person,
                                "variables": {"order": "A-1047", "vip": True}}),
        ("menu.entered", 1, {"menu": "Öppettider och val"}),
        ("consent.given", 21, {"purpose": "recording", "how": "1"}),
        ("queue.entered", 24, {"queue": "Support"}),
        ("agent.connected", 107, {"agent": "bo", "name": "Bo Ek"}),
        ("recording.started", 108, {"n": 1, "agent": "bo"}),
        ("agent.connected", 107 + talk * 0.5, {"agent": "cleo", "name": "Cleo Lind"}),
        ("agent.disconnected", 107 + talk * 0.75, {"agent": "cleo"}),
        ("recording.stopped", 108 + talk, {"n": 1, "agent": "bo"}),
        ("registration.added", 112 + talk, {"category": "Leverans", "topic": "Sen"}),
        ("agent.disconnected", 120 + talk, {"agent": "bo"}),
        ("session.ended", 121 + talk, {"outcome": "answered"}),
    ]  # fmt: skip
    for type_, seconds, data in told:
        yield {
            "event_id": f"{CALL}-{type_}-{seconds}",
            "session_id": CALL,
            "type": type_,
            "at": (start + timedelta(seconds=seconds)).isoformat(),
            "data": data,
        }


def search(page: Page, _archive: Archive) -> None:
    page.goto(f"{HOME}/search")
    page.locator("#search button.main").first.click()
    page.wait_for_selector("a[data-hit]")
    page.evaluate("document.activeElement.blur()")


def call(page: Page, _archive: Archive) -> None:
    page.goto(f"{HOME}/s/{CALL}")
    page.locator("[data-play-button]").first.click()
    page.wait_for_selector('[data-now]:text-is("0:07")')
    page.locator("[data-deck] [data-play-button]").click()
    page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")


def chat(page: Page, archive: Archive) -> None:
    page.goto(f"{HOME}/s/{archive.chat}")
    page.locator("#chat-log-1 .acts button.main").click()
    page.wait_for_selector(".turns .turn")
    page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")


def storage_times(page: Page, _archive: Archive) -> None:
    page.goto(f"{HOME}/storage-times")
    page.locator("[name=recordings_days]").fill("14")
    page.locator("[name=chat_logs_days]").fill("30")
    page.locator("button[value=preview]").click()
    page.wait_for_selector(".diff")


def storage_rules(page: Page, _archive: Archive) -> None:
    page.goto(f"{HOME}/storage-times/rules")
    page.locator("[name=r1_name]").fill("Claims")
    page.locator("[name=r1_media][value=phone]").check()
    page.locator("[name=r1_recordings_mode]").select_option("days")
    page.locator("[name=r1_recordings_days]").fill("365")
    page.locator("button[value=preview].button").click()
    page.wait_for_selector(".diff")


def delete(page: Page, _archive: Archive) -> None:
    page.goto(f"{HOME}/s/{CALL}")
    page.locator(".content a.danger").first.click()
    page.wait_for_selector("#dialog textarea")


def as_it_opens(name: str) -> Callable[[Page, Archive], None]:
    def open_it(page: Page, _archive: Archive) -> None:
        page.goto(f"{HOME}/{name}")

    return open_it


def opened_from(name: str, link: str) -> Callable[[Page, Archive], None]:
    """What the first such link of a page leads to."""

    def open_it(page: Page, _archive: Archive) -> None:
        page.goto(f"{HOME}/{name}")
        page.locator(f"main {link}").first.click()
        page.wait_for_load_state()

    return open_it


SIGN_IN = "sign-in"
PAGES: dict[str, Callable[[Page, Archive], None]] = {
    SIGN_IN: as_it_opens(SIGN_IN),
    "search": search,
    "call": call,
    "chat": chat,
    "delete": delete,
    "storage-times": storage_times,
    "storage-rules": storage_rules,
    **{
        name: as_it_opens(name)
        for name in (
            "surveys", "tonight", "audit-log", "raw-data", "completeness", "topics",
            "masking", "recording-rules", "links",
            "anonymise", "subject-access", "restrictions", "requests", "holds", "jobs",
            "processing-record", "deletion-report", "users", "user-groups", "staff",
            "support-access", "tokens", "account", "access-log", "change-log",
        )
    },
    "hold": opened_from("holds", "table a"),
    "request": opened_from("requests", "table a"),
    "forgetting": opened_from("anonymise", "a[href*='anonymise/']"),
    "sign-in-settings": as_it_opens("settings/sign-in"),
    "reasons": as_it_opens("settings/reasons"),
    "content-kept": as_it_opens("settings/content"),
    "file-names": as_it_opens("settings/file-names"),
}  # fmt: skip


def opened(browser: Browser, size: tuple[int, int], language: str, theme: str) -> Page:
    """A browser of somebody who has chosen a language and a look, not signed in yet."""
    width, height = size
    context = browser.new_context(viewport={"width": width, "height": height})
    chosen = {"theme": theme, "django_language": language}
    context.add_cookies(
        [{"name": name, "value": value, "url": HOME} for name, value in chosen.items()]
    )
    return context.new_page()


def sign_in(page: Page, archive: Archive, language: str) -> None:
    page.goto(f"{HOME}/sign-in")
    page.locator("[name=username]").fill(archive.address)
    page.locator("[name=password]").fill(archive.password)
    page.locator("main button.main").click()
    page.wait_for_url(f"{HOME}/search**")
    page.evaluate(
        """language => fetch("/preferences/language", {
            method: "POST", redirect: "manual",
            headers: JSON.parse(document.body.getAttribute("hx-headers")),
            body: new URLSearchParams({language})})""",
        language,
    )


def example(session_id: str) -> Callable[[Page, Archive], None]:
    """The page of an example call; of the one with a pause, the player too."""

    def shown(page: Page, _archive: Archive) -> None:
        page.goto(f"{HOME}/s/{session_id}")
        if session_id == PAUSED:
            page.locator("[data-play-button]").first.click()
            page.wait_for_selector('[data-now]:text-is("0:03")')
            page.locator("[data-deck] [data-play-button]").click()
        page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")

    return shown


PAGES |= {one.session_id: example(one.session_id) for one in EXAMPLES}


def is_taken(name: str, size: tuple[int, int], language: str, theme: str) -> bool:
    """Whether there is a picture of a page in this size, language and light."""
    if all(one.session_id != name for one in EXAMPLES):
        return True
    is_plain = (language, theme) == ("en", "light")
    return is_plain and (size == WIDE or name == EXAMPLES[0].session_id)


def photograph(archive: Archive, folder: Path, names: list[str]) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for size, language, theme in product(
            (WIDE, NARROW), ("en", "sv"), ("light", "dark")
        ):
            page = opened(browser, size, language, theme)
            for name in sorted(names, key=lambda one: one != SIGN_IN):
                if not is_taken(name, size, language, theme):
                    continue
                if name != SIGN_IN and page.url in {f"{HOME}/{SIGN_IN}", "about:blank"}:
                    sign_in(page, archive, language)
                PAGES[name](page, archive)
                page.wait_for_timeout(400)
                file = folder / f"{name}-{language}-{theme}-{size[0]}.png"
                in_few_colours(page.screenshot(), file)
            page.context.close()
        browser.close()


def main(arguments: list[str]) -> None:
    folder = Path(arguments[0]) if arguments else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    with made_archive() as archive:
        photograph(archive, folder, arguments[1:] or list(PAGES))


if __name__ == "__main__":
    main(sys.argv[1:])
