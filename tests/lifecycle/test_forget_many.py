"""Many persons out of one file: each a job, and a bad line stops no other."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.intake.asking import Source
from valv.core.errors import Malformed
from valv.core.identifiers import Kind
from valv.core.person_lists import read_persons
from valv.jobs.command import FAILED, OK, USAGE, main
from valv.tenants.models import Tenant

START = "2026-11-20T09:00:00Z"
ANNA, BO = "+46701740605", "bo@example.com"
FILE = """\ufeffnote;Phone;email
first;070-174 06 05;
;anonymous;
;;
third;;Bo@Example.com
nobody;;
"""


def left(source: Source) -> list[str]:
    items = source.ask("GET", "/interactions").json()["items"]
    return sorted(i["session_id"] for i in items if i["anonymised_at"] is None)


def forget(file: Path, capsys: Any, *more: str) -> tuple[int, Any]:
    capsys.readouterr()
    code = main(["forget", "--csv", str(file), "--json", *more], user="root")
    said = capsys.readouterr().out
    return code, json.loads(said) if said else None


@pytest.mark.django_db(transaction=True)
def test_each_is_forgotten_and_a_bad_line_is_named(
    acme: Tenant, tmp_path: Path, capsys: Any
) -> None:
    source, file = Source.of(acme), tmp_path / "many.csv"
    file.write_text(FILE, encoding="utf-8")
    source.put("A", started_at=START, identifiers={"phone": ANNA})
    source.put("B", started_at=START, identifiers={"email": BO})
    source.put("C", started_at=START, identifiers={"phone": "+46701740606"})

    foreseen = forget(file, capsys, "--dry-run")
    assert left(source) == ["A", "B", "C"]
    code, said = forget(file, capsys, "--yes")

    assert foreseen[0] == code == FAILED
    assert [one["line"] for one in said["refused"]] == [3, 6]
    assert [(one["line"], one["matched"]) for one in said["jobs"]] == [(2, 1), (5, 1)]
    assert left(source) == ["C"]
    assert "anonymous" not in str(said)
    assert forget(file, capsys)[0] == USAGE


@pytest.mark.django_db(transaction=True)
def test_a_file_without_a_bad_line_is_done(
    acme: Tenant, tmp_path: Path, capsys: Any
) -> None:
    file = tmp_path / "one.csv"
    file.write_text(f"email\n{BO}\n")

    assert forget(file, capsys, "--yes")[0] == OK
    assert forget(file, capsys, "--yes", "--phone", ANNA)[0] == USAGE


@pytest.mark.django_db(transaction=True)
def test_a_dry_run_says_what_it_found(acme: Tenant, capsys: Any) -> None:
    words = ["forget", "--email", BO]

    said = [main([*words, one], user="root") for one in ("--dry-run", "--yes")]

    told = "found: 0 interactions.\ndone: 0 interactions.\n"
    assert (said, capsys.readouterr().out) == ([OK, OK], told)


def test_lines_are_counted_as_the_file_has_them() -> None:
    listed = list(read_persons('phone,handle\n"070\n1",@a\n\n,@b\n'))

    assert [(one.line, len(one.typed)) for one in listed] == [(3, 2), (5, 1)]
    assert listed[1].typed == ((Kind.HANDLE, "@b"),)


def test_what_a_spreadsheet_writes_is_read() -> None:
    text = '\ufeffphone\tname\r\n"=""0701740605"""\tAnna; Ek\r\n'

    assert [one.typed for one in read_persons(text)] == [((Kind.PHONE, "0701740605"),)]


@pytest.mark.parametrize(
    "headings", ["Phone;E-mail;Handle", "Telefon;E-post;Användarnamn"]
)
def test_headings_are_as_people_write_them(headings: str) -> None:
    (one,) = read_persons(f"{headings}\n070;a@example.com;@a\n")

    assert [kind for kind, _ in one.typed] == [Kind.PHONE, Kind.EMAIL, Kind.HANDLE]


@pytest.mark.django_db(transaction=True)
def test_what_looks_like_no_number_or_address_is_named_and_not_done(
    acme: Tenant, tmp_path: Path, capsys: Any
) -> None:
    file = tmp_path / "many.csv"
    file.write_text("phone;email\n7,0174E+08;\n;anna\n;anna@example.com\n")

    code, said = forget(file, capsys, "--yes")

    assert (code, [one["line"] for one in said["jobs"]]) == (FAILED, [4])
    assert [(one["line"], one["field"]) for one in said["refused"]] == [
        (2, "phone"),
        (3, "email"),
    ]


@pytest.mark.parametrize("text", ["", "name\nAnna\n", 'phone\n"' + "x" * 200_000])
def test_what_is_no_list_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        list(read_persons(text))
