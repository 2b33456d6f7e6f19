"""Two worker processes: what one counts or ends, the other knows at once."""

import re
from pathlib import Path

from tests.cast import PASSWORD
from tests.journeys.serving import Server, served, valv
from tests.laws.browsing import Browser, Page

ALMA = "alma@acme.example"
REQUESTS = 8  # enough that both processes answer some of them


def tries(browser: Browser, password: str) -> int:
    """Sign in by the form, over a connection that either process may take."""
    forms = Page(browser.ask("GET", "/sign-in")[2]).forms.values()
    form = next(form for form in forms if "username" in form.values)
    told = {**form.values, "username": ALMA, "password": password}
    return browser.ask("POST", "/sign-in", told)[0]


def enters(server: Server) -> Browser:
    browser = Browser(server)
    assert tries(browser, PASSWORD) == 303
    return browser


def pages(browser: Browser) -> set[int]:
    return {browser.ask("GET", "/account")[0] for _ in range(REQUESTS)}


def test_what_one_process_ends_or_counts_holds_in_the_other(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with served(data, "--workers", "2") as server:
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
        told = valv(data, "user", "unlock", ALMA, "--json")
        assert "user" in told
        assert tries(guesser, PASSWORD) == 303

        valv(data, "user", "reset-second-factor", ALMA)
        assert pages(one) == {302}
