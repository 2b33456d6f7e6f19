"""Draws every page from made-up values, and serves them as the portal would.

``python -m tests.browser.preview FOLDER`` writes pictures of all pages, in both
languages, light and dark, wide and narrow; names after the folder limit the pages.
Needs the bundled pages (``make setup``) and Debian's chromium-headless-shell, or its
chromium, which takes longer.
"""

import json
import math
import os
import struct
import sys
import threading
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from itertools import product
from pathlib import Path
from shutil import which
from typing import ClassVar
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.urls import set_urlconf
from django.utils import timezone, translation

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
    " font-src 'self'; connect-src 'self'; media-src 'self'; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'"
)
TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
CHROMIUM = which("chromium-headless-shell") or which("chromium") or ""
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
]


def draw(name: str, *, language: str, theme: str) -> str:
    """The HTML of one example page."""
    from tests.browser import examples

    template, here, make = examples.PAGES[name]
    with translation.override(language):
        person = "Alma Berg" if here else ""
        frame = examples.frame(language, theme, here, person=person)
        return draw_part(template, frame=frame, page=make())


def draw_part(template: str, **context: object) -> str:
    """The HTML of one template, in the language that is active."""
    set_urlconf("tests.browser.addresses")
    try:
        with timezone.override(ZoneInfo("Europe/Stockholm")):
            given = {"csrf_token": "x", "csrf_input": "", **context}
            return render_to_string(template, given)
    finally:
        set_urlconf(None)


def _sound() -> bytes:
    written = BytesIO()
    with wave.open(written, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        tone = (int(9000 * math.sin(i / 6)) for i in range(8000 * 4))
        file.writeframes(b"".join(struct.pack("<h", one) for one in tone))
    return written.getvalue()


def _peaks() -> bytes:
    def lane(turn: int) -> list[int]:
        found: list[int] = []
        for i in range(2400):
            talks = (i // 220) % 2 == turn
            loud = int((30 + 90 * abs(math.sin(i * 1.7) * math.sin(i / 9))) * talks)
            found += [-loud, loud]
        return found

    return json.dumps({"seconds": 240, "lanes": [lane(0), lane(1)]}).encode()


class Handler(BaseHTTPRequestHandler):
    """Answers with example pages and static files, under the strictest policy."""

    fixed: ClassVar[dict[str, tuple[str, bytes]]] = {
        "/sound.wav": ("audio/wav", _sound()),
        "/peaks.json": ("application/json", _peaks()),
    }

    def do_POST(self) -> None:
        """Bring what is asked to be heard or seen; the rest is tried elsewhere."""
        from tests.browser import example_interactions

        opened = example_interactions.opened(self.path)
        page = example_interactions.call()
        html = draw_part("interaction_content.html", page=page, content=opened)
        self._answer("text/html; charset=utf-8", html.encode())

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path in self.fixed:
            return self._range(*self.fixed[parts.path])
        if parts.path.startswith("/static/"):
            found = finders.find(parts.path.removeprefix("/static/"))
            if not isinstance(found, str):
                return self.send_error(404)
            return self._answer(TYPES[Path(found).suffix], Path(found).read_bytes())
        asked = parse_qs(parts.query)
        name = parts.path.strip("/")
        page = draw(
            "confirm-part" if name.endswith("/delete") else name,
            language=asked.get("language", ["en"])[0],
            theme=asked.get("theme", ["light"])[0],
        )
        return self._answer("text/html; charset=utf-8", page.encode())

    def _range(self, kind: str, body: bytes) -> None:
        """Answer from where the browser asks, for else it cannot seek."""
        asked = self.headers.get("Range", "").removeprefix("bytes=").split("-")[0]
        if not asked:
            return self._answer(kind, body)
        span = f"bytes {asked}-{len(body) - 1}/{len(body)}"
        return self._answer(kind, body[int(asked) :], span=span)

    def _answer(self, kind: str, body: bytes, *, span: str = "") -> None:
        self.send_response(206 if span else 200)
        if span:
            self.send_header("Content-Range", span)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", POLICY)
        if self.path.startswith("/static/"):
            self.send_header("Cache-Control", "max-age=3600")  # a run fetches each once
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing; the base class writes each request to stderr."""


@contextmanager
def served() -> Iterator[str]:
    """Serve the example pages on a free port of this machine."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def photograph(folder: Path, names: list[str], variants: list[str]) -> None:
    from playwright.sync_api import sync_playwright

    with served() as home, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for width, language, theme in product(
            (1440, 390), ("en", "sv"), ("light", "dark")
        ):
            variant = f"{width}-{language}-{theme}"
            if variants and variant not in variants:
                continue
            page = browser.new_page(viewport={"width": width, "height": 900})
            for name in names:
                page.goto(f"{home}/{name}?language={language}&theme={theme}")
                page.wait_for_timeout(150)
                page.screenshot(path=folder / f"{name}-{variant}.png", full_page=True)
            page.close()
        browser.close()


def main(arguments: list[str]) -> None:
    from tests.browser import examples

    folder = Path(arguments[0])
    folder.mkdir(parents=True, exist_ok=True)
    names = [one for one in arguments[1:] if not one[0].isdigit()]
    variants = [one for one in arguments[1:] if one[0].isdigit()]
    photograph(
        folder,
        names or [one for one in examples.PAGES if one != "confirm-part"],
        variants,
    )


if __name__ == "__main__":
    import django

    import tests.environment  # noqa: F401  (makes the settings' environment)

    os.environ["DJANGO_SETTINGS_MODULE"] = "valv.config.settings"
    django.setup()
    main(sys.argv[1:])
