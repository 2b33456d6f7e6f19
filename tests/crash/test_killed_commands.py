"""`valv import` and `valv nightly`, killed anywhere and run again.

The same end as without a crash, nothing half there, nothing spare once the sweep has
been, and a log without gaps. ``VALV_SOAK`` says how often; see `make soak`.
"""

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from tests.crash.installed import (
    SOAKED,
    Installed,
    install,
    keep,
    moments,
    write_vcons,
)

FORGET = ("forget", "--phone", "+46701230000", "--delete-content", "--yes")
pytestmark = [pytest.mark.sqlite, pytest.mark.timeout(3600)]
ROUNDS = int(SOAKED or 3)
HALF_FORGOTTEN = max(2, ROUNDS // 10)


@dataclass(frozen=True)
class Undisturbed:
    """One in which a command ran to its end: how long it took, and what it holds."""

    installed: Installed
    seconds: float
    held: Any


def undisturbed(made: Installed, *words: str) -> Undisturbed:
    began = monotonic()
    made.run(*words)
    return Undisturbed(made, monotonic() - began, made.state())


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="valv-crash-"))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def vcons(place: Path) -> Path:
    return write_vcons(place / "vcons", count=12)


@pytest.fixture(scope="module")
def empty(place: Path) -> Installed:
    return install(place / "empty")


@pytest.fixture(scope="module")
def full(place: Path, empty: Installed, vcons: Path) -> Undisturbed:
    """One into which all came."""
    return undisturbed(empty.copy_to(place / "full"), "import", str(vcons))


@pytest.fixture(scope="module")
def aged(place: Path, full: Undisturbed) -> Installed:
    """The same, where all of it is past its time."""
    made = full.installed.copy_to(place / "aged")
    keep(made, "7")
    return made


@pytest.fixture(scope="module")
def purged(place: Path, aged: Installed) -> Undisturbed:
    return undisturbed(aged.copy_to(place / "purged"), "nightly")


def check_whole(state: Any) -> None:
    """Nothing is missing, however long after the crash one looks."""
    assert state["whole"]
    assert (state["lost_blobs"], state["orphans"]) == (0, {})
    assert state["log"][0]
    assert not state["older_keys"]


def without_jobs(state: Any) -> Any:
    """A plan that nobody approved goes after a day, and its key with it."""
    return {**state, "keys": {**state["keys"], "JOB": 0}}


@pytest.mark.parametrize("number", range(ROUNDS))
def test_an_import_killed_and_run_again_is_whole(
    full: Undisturbed,
    empty: Installed,
    vcons: Path,
    tmp_path: Path,
    number: int,
) -> None:
    made = empty.copy_to(tmp_path / "data")
    made.kill("import", str(vcons), after=moments(full.seconds, rounds=ROUNDS)[number])
    check_whole(made.state())

    made.run("import", str(vcons))

    after = made.state(2, 4)
    check_whole(after)
    assert after == full.held


@pytest.fixture(scope="module")
def forgotten(place: Path, full: Undisturbed) -> Undisturbed:
    """One that has forgotten a person."""
    return undisturbed(full.installed.copy_to(place / "forgotten"), *FORGET)


@pytest.mark.parametrize("number", range(HALF_FORGOTTEN))
def test_a_person_half_forgotten_is_forgotten_by_the_next(
    forgotten: Undisturbed,
    full: Undisturbed,
    tmp_path: Path,
    number: int,
) -> None:
    made = full.installed.copy_to(tmp_path / "data")
    after = moments(forgotten.seconds, rounds=HALF_FORGOTTEN)[number]
    made.kill(*FORGET, after=after)

    made.run(*FORGET)

    state = made.state()
    check_whole(state)
    assert without_jobs(state) == without_jobs(forgotten.held)
    assert state["intents"] == 0


@pytest.mark.parametrize("number", range(ROUNDS))
def test_a_night_killed_and_run_again_is_done(
    purged: Undisturbed, aged: Installed, tmp_path: Path, number: int
) -> None:
    made = aged.copy_to(tmp_path / "data")
    made.kill("nightly", after=moments(purged.seconds, rounds=ROUNDS)[number])

    made.run("nightly")

    after = made.state()
    check_whole(after)
    assert after == purged.held
    assert after["sessions"] == []
    assert after["intents"] == after["spare_blobs"] == 0
