"""`valv keys rotate`: cut short anywhere it is gone on with, and the old key ends."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from tests.cast import NOW, make_tenant
from valv.core.errors import Misconfigured
from valv.core.master_keys import key_from, written
from valv.jobs.command import FAILED, OK, USAGE, main
from valv.jobs.commands import keys as command
from valv.storage import installation, keys, masters, rotation
from valv.storage.keys import TENANT_WIDE, KeyKind
from valv.tenants.models import Tenant

pytestmark = pytest.mark.django_db(transaction=True)
OLD, NEW = b"\x5a" * 32, b"\x77" * 32


class Killed(BaseException):
    """The process is no more."""


@pytest.fixture
def place(
    acme: Tenant,
    borealis: Tenant,
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """The master key in a file, and batches of one row."""
    file = tmp_path / "master.key"
    file.write_bytes(written(OLD))
    settings.VALV_MASTER_KEY_PLACE = file
    monkeypatch.setattr(command, "ALL_HAVE_LEARNT", timedelta())
    monkeypatch.setattr(rotation, "BATCH", 1)
    return file


def rotate(*words: str) -> int:
    return main(["keys", "rotate", *words, "--json"], user="root")


def started_with(key: bytes, settings: Settings) -> dict[Any, bytes]:
    """What a process opens that is started now, with this key and no file."""
    masters._learnt.cache_clear()
    keys.of_tenant.cache_clear()
    settings.VALV_MASTER_KEY = key
    place, settings.VALV_MASTER_KEY_PLACE = settings.VALV_MASTER_KEY_PLACE, None
    try:
        installation.check()
        return {
            (tenant.id, kind): keys.of_tenant(tenant.id, kind)
            for tenant in Tenant.objects.all()
            for kind in TENANT_WIDE
        }
    finally:
        settings.VALV_MASTER_KEY_PLACE = place
        masters._learnt.cache_clear()


def in_file(place: Path) -> bytes:
    return key_from(place.read_text().strip()) or b""


def killed(
    monkeypatch: pytest.MonkeyPatch, where: Any, name: str, turn: int, *, after: bool
) -> None:
    step: Callable[..., Any] = getattr(where, name)
    turns = iter(range(turn - 1))

    def dying(*args: Any, **asked: Any) -> Any:
        if next(turns, None) is not None:
            return step(*args, **asked)
        if after:
            step(*args, **asked)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(where, name, dying)
        with pytest.raises(Killed):
            rotate()


STEPS: list[tuple[Any, str, int]] = [
    (rotation, "begin", 1),
    *((rotation, "_rewrap", turn) for turn in (1, 4, 8)),
    (command, "_replace", 1),
    (rotation, "retire", 1),
]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(
    ("where", "name", "turn"), STEPS, ids=[f"{n}-{t}" for _, n, t in STEPS]
)
def test_what_is_cut_short_is_gone_on_with(
    place: Path,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    where: Any,
    name: str,
    turn: int,
    *,
    after: bool,
) -> None:
    before = started_with(OLD, settings)

    killed(monkeypatch, where, name, turn, after=after)

    assert started_with(in_file(place), settings) == before
    if (name, after) == ("retire", True):
        with pytest.raises(Misconfigured, match="does not open"):
            started_with(OLD, settings)
    else:
        assert started_with(OLD, settings) == before
    if begun := rotation.new_key():
        assert started_with(begun, settings) == before
    settings.VALV_MASTER_KEY = in_file(place)
    assert rotate() == OK
    assert started_with(in_file(place), settings) == before
    assert in_file(place) != OLD
    with pytest.raises(Misconfigured, match="valv keys rotate"):
        started_with(OLD, settings)


def test_a_process_with_the_old_key_learns_the_new_one(
    place: Path, settings: Settings
) -> None:
    rotation.begin(NEW, now=NOW)
    masters._learnt.cache_clear()
    masters.learn()  # as a server's processes do every few seconds
    rotation.rewrap()
    rotation.retire()

    caspian = make_tenant("caspian", region="SE", timezone="Europe/Stockholm")

    assert settings.VALV_MASTER_KEY == OLD
    assert started_with(NEW, settings)[caspian.id, KeyKind.TENANT]


def test_new_keys_are_under_the_new_one_first(place: Path, settings: Settings) -> None:
    rotation.begin(NEW, now=NOW)

    make_tenant("caspian", region="SE", timezone="Europe/Stockholm")

    assert rotation.rewrap() == 2 * len(TENANT_WIDE)


def test_the_old_key_is_not_retired_while_a_row_uses_it(
    place: Path, settings: Settings
) -> None:
    from valv.core.errors import Conflict

    rotation.begin(NEW, now=NOW)
    with pytest.raises(Conflict, match="still in use"):
        rotation.retire()

    rotation.rewrap()
    rotation.retire()
    rotation.retire()
    assert rotation.new_key() is None


def test_several_nodes_keep_both_until_it_is_run_again(
    place: Path, settings: Settings
) -> None:
    assert rotate("--keep-old") == OK
    before = started_with(OLD, settings)
    (said,) = (one for one in installation.warnings() if "has not ended" in one)
    assert "valv keys rotate" in said

    assert rotate() == OK
    assert started_with(in_file(place), settings) == before


@pytest.fixture
def environment(place: Path, settings: Settings) -> Iterator[Settings]:
    """The master key in the environment, where Valv cannot put another."""
    settings.VALV_MASTER_KEY_PLACE = None
    return settings


def test_a_key_in_the_environment_is_replaced_by_whoever_set_it(
    environment: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert rotate() == USAGE
    environment.VALV_NEW_MASTER_KEY = NEW
    assert rotate() == OK
    assert json.loads(capsys.readouterr().out)["state"] == "both"
    before = started_with(OLD, environment)

    assert started_with(NEW, environment) == before
    assert rotate() == OK
    assert json.loads(capsys.readouterr().out)["state"] == "done"
    assert started_with(NEW, environment) == before


def test_the_same_key_is_none_that_is_new(environment: Settings) -> None:
    environment.VALV_NEW_MASTER_KEY = OLD

    assert rotate() == USAGE


def test_a_copy_is_confirmed_anew_after_a_change(place: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    confirm = ["keys", "confirm", "--master-key-copy", str(copy)]
    assert main(confirm, user="root") == USAGE
    copy.write_bytes(written(OLD))
    assert main(confirm, user="root") == OK
    assert installation.warnings() == []

    assert rotate() == OK
    assert any("copies" in one for one in installation.warnings())
    assert main(confirm, user="root") == FAILED
    copy.write_bytes(place.read_bytes())
    assert main(confirm, user="root") == OK
    assert installation.warnings() == []


def test_without_its_master_key_an_archive_is_not_begun_anew(
    place: Path, settings: Settings
) -> None:
    settings.VALV_MASTER_KEY = None
    login = ["--admin", "a@example.com", "--password-stdin"]

    with pytest.raises(Misconfigured, match="Put the file back"):
        installation.check()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdin", type("In", (), {"readline": lambda _: "x" * 20})())
        code = main(["init", "--tenant", "new", *login], user="root")
    assert code == FAILED
    assert not (settings.VALV_DATA / "master.key").exists()
