"""Breached passwords are known by a file, of either shape that it is handed out in."""

import hashlib
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation
from pytest_django import Settings

from valv.tenants.breached import BreachedPasswordValidator, is_breached

KNOWN = "correct horse battery staple"


def digest(password: str) -> str:
    return hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    hashes = sorted([digest(KNOWN), *(digest(str(n)) for n in range(2_000))])
    path = tmp_path / "breached.txt"
    path.write_text("".join(f"{one}:{n}\n" for n, one in enumerate(hashes)))
    return path


def test_each_password_in_the_file_is_found(file: Path) -> None:
    assert is_breached(KNOWN, file)
    assert all(is_breached(str(n), file) for n in range(0, 2_000, 7))


def test_no_other_is(file: Path) -> None:
    assert not any(is_breached(f"other {n}", file) for n in range(200))


def test_a_folder_of_ranges_does_as_well(tmp_path: Path) -> None:
    for password in (KNOWN, "another"):
        path = tmp_path / f"{digest(password)[:5]}.txt"
        path.write_text("0018A45C4D1DEF81644B54AB7F969B88D65:3\r\n")
    with (tmp_path / f"{digest(KNOWN)[:5]}.txt").open("a") as range_of_it:
        range_of_it.write(f"{digest(KNOWN)[5:]}:9\r\n")

    assert is_breached(KNOWN, tmp_path)
    assert not is_breached("another", tmp_path)


def test_it_is_refused_with_a_sentence(file: Path, settings: Settings) -> None:
    settings.VALV_BREACHED_PASSWORDS = str(file)

    with (
        translation.override("en"),
        pytest.raises(ValidationError, match="known from a breach"),
    ):
        BreachedPasswordValidator().validate(KNOWN)
