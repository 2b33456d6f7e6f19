"""How every command ends: its exit code, and one sentence where it failed."""

import io
import json
import os
import sys
from pathlib import Path

import pytest
from django.db import OperationalError

from valv.core.errors import Busy, Refused
from valv.jobs.command import FAILED, OK, REFUSED, USAGE, main
from valv.tenants.models import Tenant

SECRET = "0701234567"


@pytest.fixture(autouse=True)
def _keep_the_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command begins by closing connections, and with them the test's rows."""
    monkeypatch.setattr("valv.jobs.command.begin", lambda: None)


class Password:
    """What is typed when a password is asked for."""

    def readline(self) -> str:
        return "a-long-enough-password\n"


def run(*words: str) -> int:
    try:
        return main(words, user="root")
    except SystemExit as left:
        return int(left.code or 0)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("search --json", OK),
        ("search --from x --json", USAGE),
        ("search --nonsense", USAGE),
        ("nonsense", USAGE),
        ("", USAGE),
        ("show nothing --json", FAILED),
        ("search --tenant nobody", FAILED),
        ("retention set --json", USAGE),
        ("retention set --general x", USAGE),
        ("retention show --general 5", USAGE),
        ("audit list --limit 0", USAGE),
        ("audit list --limit 999999999999999999999", USAGE),
        ("audit list --cursor -1", USAGE),
        ("audit list --limit 2 --cursor 9.9 --json", OK),
        ("token create --name x --scope bogus", USAGE),
        ("export nowhere/at/all.xlsx", USAGE),
        ("deletion-report nowhere/at/all.pdf", USAGE),
        ("subject-access nowhere/at/all.zip --handle @x", USAGE),
        ("forget --csv nowhere.csv --dry-run", USAGE),
        ("retention rules --from nowhere.json", USAGE),
    ],
)
def test_a_command_ends_with_its_code_and_one_line(
    acme: Tenant, capsys: pytest.CaptureFixture[str], words: str, code: int
) -> None:
    assert run(*words.split()) == code

    out, err = capsys.readouterr()
    assert len(err.splitlines()) == (0 if code == OK else 1)
    assert json.loads(out or "{}") is not None if code == OK else out == ""


@pytest.mark.parametrize(
    "words",
    [
        "show {}",
        "search --phone {}",
        "search --tenant {}",
        "forget --name {} --yes",
        "import {}",
        "export {}",
        "backup {}",
        "token create --name {} --scope read --json",
        "{}",
    ],
)
def test_bytes_that_are_no_text_are_wrong_usage(
    acme: Tenant, capsys: pytest.CaptureFixture[str], words: str
) -> None:
    given = os.fsdecode(b"\xff")

    assert run(*words.format(given).split()) == USAGE
    assert capsys.readouterr() == ("", "valv: What was given is not UTF-8.\n")


def test_so_they_are_where_a_password_is_asked_for(
    acme: Tenant, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = io.TextIOWrapper(io.BytesIO(b"\xff\n"), encoding="utf-8")
    monkeypatch.setattr(sys, "stdin", typed)

    assert run("user", "add", "bo@acme.example", "--password-stdin") == USAGE
    said = "valv: --password-stdin: What was given is not UTF-8.\n"
    assert capsys.readouterr().err == said


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (Refused("hold", "A hold covers it."), REFUSED),
        (Busy("The archive is busy."), FAILED),
        (OperationalError(SECRET), FAILED),
        (PermissionError(13, "denied", SECRET), FAILED),
        (KeyError(SECRET), FAILED),
        (KeyboardInterrupt(), FAILED),
    ],
)
def test_no_failure_is_a_traceback_or_quotes_anybody(
    acme: Tenant,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: BaseException,
    code: int,
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr("valv.jobs.commands.doctor.find_orphans", fail)

    assert run("doctor", "--json") == code
    out, err = capsys.readouterr()
    assert (out, len(err.splitlines())) == ("", 1)
    assert SECRET not in err


def test_what_is_wrong_is_named(
    acme: Tenant, capsys: pytest.CaptureFixture[str]
) -> None:
    run("search", "--from", "yesterday")

    assert capsys.readouterr().err == "valv: from: Not a time as in RFC 3339.\n"


def test_init_with_an_address_that_is_taken_makes_no_tenant(
    acme: Tenant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lay(_: object) -> None:
        """It lies already."""

    monkeypatch.setattr("valv.jobs.commands.init.lay_ground", lay)
    monkeypatch.setattr("sys.stdin", Password())
    words = ["--admin", "x@example.com", "--password-stdin", "--tenant"]

    assert run("init", *words, "second") == OK
    assert run("init", *words, "third") == REFUSED
    assert not Tenant.objects.filter(slug="third").exists()
