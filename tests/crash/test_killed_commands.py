"""`valv import` and `valv nightly`, killed anywhere and run again.

The same end as without a crash, nothing half there, nothing spare once the sweep has
been, and a log without gaps. ``VALV_SOAK`` says how often; see `make soak`.
"""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from tests.crash.installed import (
    ROUNDS,
    Installed,
    install,
    keep,
    moments,
    write_vcons,
)

FORGET = ("forget", "--phone", "+46701230000", "--delete-content", "--yes")
pytestmark = [pytest.mark.sqlite, pytest.mark.timeout(3600)]


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="valv-crash-"))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def vcons(place: Path) -> Path:
    return write_vcons(place / "vcons")


@pytest.fixture(scope="module")
def empty(place: Path) -> Installed:
    return install(place / "empty")


@pytest.fixture(scope="module")
def full(place: Path, empty: Installed, vcons: Path) -> tuple[Installed, float]:
    """One into which all came undisturbed, and how long it took."""
    made = empty.copy_to(place / "full")
    began = monotonic()
    made.run("import", str(vcons))
    return made, monotonic() - began


@pytest.fixture(scope="module")
def aged(place: Path, full: tuple[Installed, float]) -> Installed:
    """The same, where all of it is past its time."""
    made = full[0].copy_to(place / "aged")
    keep(made, "7")
    return made


@pytest.fixture(scope="module")
def purged(place: Path, aged: Installed) -> tuple[Installed, float]:
    made = aged.copy_to(place / "purged")
    began = monotonic()
    made.run("nightly")
    return made, monotonic() - began


def check_whole(state: Any) -> None:
    """Nothing is missing, however long after the crash one looks."""
    assert state["whole"]
    assert (state["lost_blobs"], state["orphans"]) == (0, {})
    assert state["log"][0]
    assert not state["older_keys"]


@pytest.mark.parametrize("number", range(ROUNDS))
def test_an_import_killed_and_run_again_is_whole(
    full: tuple[Installed, float],
    empty: Installed,
    vcons: Path,
    tmp_path: Path,
    number: int,
) -> None:
    made = empty.copy_to(tmp_path / "data")
    made.kill("import", str(vcons), after=moments(full[1])[number])
    check_whole(made.state())

    made.run("import", str(vcons))

    after, undisturbed = made.state(2, 4), full[0].state()
    check_whole(after)
    assert after == undisturbed


@pytest.fixture(scope="module")
def forgotten(place: Path, full: tuple[Installed, float]) -> tuple[Installed, float]:
    """One that has forgotten a person undisturbed."""
    made = full[0].copy_to(place / "forgotten")
    began = monotonic()
    made.run(*FORGET)
    return made, monotonic() - began


@pytest.mark.parametrize("number", range(max(1, ROUNDS // 10)))
def test_a_person_half_forgotten_is_forgotten_by_the_next(
    forgotten: tuple[Installed, float],
    full: tuple[Installed, float],
    tmp_path: Path,
    number: int,
) -> None:
    made = full[0].copy_to(tmp_path / "data")
    made.kill(*FORGET, after=0.5 * forgotten[1] + moments(forgotten[1])[number] / 2)

    made.run(*FORGET)

    after, undisturbed = made.state(), forgotten[0].state()
    check_whole(after)
    for state in (after, undisturbed):
        del state["keys"]["JOB"]  # a plan that nobody approved goes after a day
    assert after == undisturbed
    assert after["intents"] == 0


@pytest.mark.parametrize("number", range(ROUNDS))
def test_a_night_killed_and_run_again_is_done(
    purged: tuple[Installed, float], aged: Installed, tmp_path: Path, number: int
) -> None:
    made = aged.copy_to(tmp_path / "data")
    made.kill("nightly", after=moments(purged[1])[number])

    made.run("nightly")

    after = made.state()
    check_whole(after)
    assert after == purged[0].state()
    assert after["sessions"] == []
    assert after["intents"] == after["spare_blobs"] == 0
