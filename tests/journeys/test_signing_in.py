"""Two worker processes: what one counts or ends, the other knows at once.

In CI on SQLite alone: on PostgreSQL, where it holds too, it takes 15 s of a core.
"""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from tests.cast import PASSWORD
from tests.journeys.serving import Server, databases, served, valv
from tests.laws.browsing import Browser, Page

pytestmark = pytest.mark.once
ALMA, SAM = "alma@acme.example", "sam@support.example"
OTHER = ("--tenant", "acme", "--scope", "read", "--name", "other")
WAY_IN = re.compile(r"/support-desk/\d+/\d+")
REQUESTS = 8  # enough that both processes answer some of them


def tries(browser: Browser, password: str, *, address: str = ALMA) -> int:
    """Sign in by the form, over a connection that either process may take."""
    forms = Page(browser.ask("GET", "/sign-in")[2]).forms.values()
    form = next(form for form in forms if "username" in form.values)
    told = {**form.values, "username": address, "password": password}
    return browser.ask("POST", "/sign-in", told)[0]


def enters(server: Server) -> Browser:
    browser = Browser(server)
    assert tries(browser, PASSWORD) == 303
    return browser


def pages(browser: Browser) -> set[int]:
    return {browser.ask("GET", "/account")[0] for _ in range(REQUESTS)}


def test_what_one_process_ends_or_counts_holds_in_the_other(tmp_path: Path) -> None:
    data, urls = tmp_path / "data", databases()
    run = partial(valv, data, **urls)
    with served(data, "--workers", "2", **urls) as server:
        one, other = enters(server), enters(server)
        assert pages(one) == pages(other) == {200}

        page = one.ask("GET", "/account")[2]
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        assert token is not None
        one.ask("POST", "/account/sign-ins", {"csrfmiddlewaretoken": token[1]})
        assert pages(other) == {302}
        assert pages(one) == {200}

        guesser = Browser(server)
        answers = [tries(guesser, "never a password") for _ in range(7)]
        assert answers[:5] == [422] * 5
        assert 429 in answers[5:]
        told = run("user", "unlock", ALMA, "--json")
        assert "user" in told
        assert tries(guesser, PASSWORD) == 303

        run("user", "reset-second-factor", ALMA)
        assert pages(one) == {302}

        assert_a_token_ends(server, run)
        assert_support_ends(server, run)


def assert_a_token_ends(server: Server, run: Callable[..., str]) -> None:
    """One that both processes took; at the next request neither does."""
    made = json.loads(run("token", "create", *OTHER, "--json"))
    held = {"Authorization": f"Bearer {made['token']}"}
    assert statuses(server, "/interactions", **held) == {200}

    assert server.ask("DELETE", f"/tokens/{made['id']}")[0] == 204

    assert statuses(server, "/interactions", **held) == {401}


def statuses(server: Server, path: str, **headers: str) -> set[int]:
    return {server.ask("GET", path, b"", **headers)[0] for _ in range(REQUESTS)}


def assert_support_ends(server: Server, run: Callable[..., str]) -> None:
    """Whom the tenant let in is out at the next request, whoever answers it."""
    run("support", "add", SAM, "--name", "Sam", "--team", "Desk",
        "--password-stdin", stdin=PASSWORD + "\n")  # fmt: skip
    until = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    asked = {"rights": ["see"], "team": "Desk", "until": until, "reason": "A fault"}
    status, said = server.ask("POST", "/support-grants", json.dumps(asked).encode())
    assert status == 201, said
    sam = Browser(server)
    assert tries(sam, PASSWORD, address=SAM) == 303
    desk = Page(sam.ask("GET", "/support-desk")[2])
    (way_in,) = [one for one in desk.forms.values() if WAY_IN.match(one.action)]
    assert sam.ask("POST", way_in.action, way_in.values)[0] == 303
    assert {sam.ask("GET", "/search")[0] for _ in range(REQUESTS)} == {200}

    grant = json.loads(said)["id"]
    assert server.ask("DELETE", f"/support-grants/{grant}")[0] == 204

    assert {sam.ask("GET", "/search")[0] for _ in range(REQUESTS)} == {303}
