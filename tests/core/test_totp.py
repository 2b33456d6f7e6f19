"""Codes by time, against the table of RFC 6238, appendix B, cut to six digits."""

from datetime import UTC, datetime, timedelta

import pytest

from valv.core import totp

SEED = b"12345678901234567890"
NOW = datetime(2026, 11, 23, 13, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_codes_are_those_of_the_standard(at: int, code: str) -> None:
    assert totp.code_of(SEED, step=at // totp.STEP) == code


@pytest.mark.parametrize("seconds", [-30, 0, 30])
def test_a_clock_may_differ_by_one_step(seconds: int) -> None:
    step = totp.step_of(NOW) + seconds // totp.STEP

    code = totp.code_of(SEED, step=step)

    assert totp.step_matching(SEED, code, at=NOW, after=0) == step


@pytest.mark.parametrize("seconds", [-60, 60])
def test_a_code_of_another_minute_is_none(seconds: int) -> None:
    code = totp.code_of(SEED, step=totp.step_of(NOW + timedelta(seconds=seconds)))

    assert totp.step_matching(SEED, code, at=NOW, after=0) is None


def test_a_step_is_taken_once() -> None:
    step = totp.step_of(NOW)
    code = totp.code_of(SEED, step=step)

    assert totp.step_matching(SEED, code, at=NOW, after=step) is None


@pytest.mark.parametrize("code", ["", "abcdef", "\uff12\uff18", "28708", "2870820"])
def test_what_is_no_code_is_none(code: str) -> None:
    assert totp.step_matching(SEED, code, at=NOW, after=0) is None


def test_an_authenticator_is_told_whose_it_is() -> None:
    address = totp.address_of(SEED, account="bo@acme.example", issuer="Valv")

    assert address.startswith("otpauth://totp/Valv:bo@acme.example?secret=GEZDGNBV")
    assert "issuer=Valv" in address
    assert totp.written(SEED).startswith("GEZD GNBV GY3T")
