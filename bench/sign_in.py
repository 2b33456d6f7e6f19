"""Signing in: whether the time of an answer tells a known address from an unknown one.

    python -m bench.sign_in --database sqlite|postgresql [--tries N] [--small]

A server of its own refuses wrong passwords over HTTP, of somebody known and of nobody
in turn, each from a place of its own so that none has to wait. Prints the median of
each in milliseconds, with the quarters around it.
"""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from statistics import quantiles
from urllib.parse import urlencode

from bench.masking import urls_of
from tests.journeys.serving import Server, served
from tests.laws.browsing import FORM, Browser, Page

TRIES, SMALL = 100, 12
KNOWN, UNKNOWN = "alma@acme.example", "nobody@acme.example"
WRONG, UNPROCESSABLE = "never a password", 422


def main() -> int:
    asked = _asked()
    tries = SMALL if asked.small else asked.tries
    with (
        tempfile.TemporaryDirectory(prefix="valv-bench-") as folder,
        served(
            Path(folder) / "data", VALV_TRUSTED_PROXY="1", **urls_of(asked.database)
        ) as server,
    ):
        times = _times(server, tries)
    rows = {name: quantiles(found, n=4) for name, found in times.items()}
    if asked.json:
        json.dump(rows, sys.stdout)
        return 0
    print(f"{tries} refusals of each on {asked.database}")
    print(f"{'address':12} {'median ms':>10} {'from':>8} {'to':>8}")
    for name, (low, median, high) in rows.items():
        print(f"{name:12} {median:10.1f} {low:8.1f} {high:8.1f}")
    return 0


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.sign_in")
    parser.add_argument("--database", default="sqlite")
    parser.add_argument("--tries", type=int, default=TRIES)
    parser.add_argument("--size", help="of another measurement; passed over")
    parser.add_argument("--small", action="store_true", help="for a machine of tests")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def _times(server: Server, tries: int) -> dict[str, list[float]]:
    browser = Browser(server)
    forms = Page(browser.ask("GET", "/sign-in")[2]).forms.values()
    values = next(one.values for one in forms if "username" in one.values)
    times: dict[str, list[float]] = {"known": [], "unknown": []}
    for n in range(tries):
        for kind, address in (("known", KNOWN), ("unknown", UNKNOWN)):
            told = {**values, "username": address, "password": WRONG}
            place = f"10.{n % 250}.{n // 250}.{len(kind)}"
            times[kind].append(_refused(browser, told, place))
    return times


def _refused(browser: Browser, told: dict[str, str], place: str) -> float:
    """Milliseconds until it is refused."""
    cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    headers = {"Cookie": cookies, "Content-Type": FORM, "X-Forwarded-For": place}
    connection = browser.server.connection()
    began = time.perf_counter()
    connection.request("POST", "/sign-in", urlencode(told), headers)
    answer = connection.getresponse()
    answer.read()
    took = time.perf_counter() - began
    connection.close()
    assert answer.status == UNPROCESSABLE, answer.status
    return took * 1000


if __name__ == "__main__":
    sys.exit(main())
