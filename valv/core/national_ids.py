"""National identity numbers of the Nordic countries, told by date and check digits.

Each question takes digits alone, without what separates them. A number that could be
somebody's is one, whether or not it was ever given out: nobody's register is asked.

Sources: Skatteverket (SKV 704), Skatteetaten, CPR-kontoret, and the Finnish Digi- ja
väestötietovirasto.
"""

from datetime import date
from typing import Final

_SWEDISH_CENTURIES = ("18", "19", "20")
_COORDINATION_DAYS = 60
_D_NUMBER_DAYS = 40
_NORWEGIAN_WEIGHTS = (
    (3, 7, 6, 1, 8, 9, 4, 5, 2, 1),
    (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1),
)
_DANISH_WEIGHTS = (4, 3, 2, 7, 6, 5, 4, 3, 2, 1)
# Where numbers with a check digit ran out, Denmark gives out others: on 1 January of
# the years from 1960, by a list that grows and that its keeper does not call complete.
_DANISH_UNCHECKED_SINCE, _DANISH_UNCHECKED_UNTIL = 1960, 2000
_FINNISH_CHECKS = "0123456789ABCDEFHJKLMNPRSTUVWXY"
_FINNISH_CENTURIES = dict.fromkeys("+", 1800) | dict.fromkeys("-YXWVU", 1900)
_FINNISH_CENTURIES |= dict.fromkeys("ABCDEF", 2000)
_FINNISH_FIRST = 2
FINNISH_SIGNS: Final = "".join(_FINNISH_CENTURIES)


def luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of the others (ISO/IEC 7812-1)."""
    doubled = "0246813579"
    others = (int(doubled[int(digit)]) for digit in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(others)) % 10 == 0


def is_swedish(digits: str) -> bool:
    """A personnummer or samordningsnummer, of 10 digits or of 12 with the century."""
    if len(digits) == 12:
        century, digits = digits[:2], digits[2:]
        centuries = tuple(c for c in _SWEDISH_CENTURIES if c == century)
    else:
        centuries = _SWEDISH_CENTURIES
    if len(digits) != 10 or not luhn(digits):
        return False
    year, month, day = _pairs(digits)
    if day > _COORDINATION_DAYS:
        day -= _COORDINATION_DAYS
    return any(_is_date(int(c) * 100 + year, month, day) for c in centuries)


def is_norwegian(digits: str) -> bool:
    """A fødselsnummer or D-number, by both control digits as issued until 2032."""
    if len(digits) != 11:
        return False
    day, month, year = _pairs(digits)
    if day > _D_NUMBER_DAYS:
        day -= _D_NUMBER_DAYS
    century = _norwegian_century(year, int(digits[6:9]))
    if century is None or not _is_date(century + year, month, day):
        return False
    return all(_eleven(digits, weights) for weights in _NORWEGIAN_WEIGHTS)


def _norwegian_century(year: int, number: int) -> int | None:
    if number < 500:
        return 1900
    if number < 750 and year >= 54:
        return 1800
    if year < 40:
        return 2000
    return 1900 if number >= 900 else None


def is_danish(digits: str) -> bool:
    """A CPR number: by its check digit, or by its date alone where none is given."""
    if len(digits) != 10:
        return False
    day, month, year = _pairs(digits)
    year += _danish_century(year, int(digits[6]))
    if not _is_date(year, month, day):
        return False
    unchecked = _DANISH_UNCHECKED_SINCE <= year < _DANISH_UNCHECKED_UNTIL
    if (day, month) == (1, 1) and unchecked:
        return True
    return _eleven(digits, _DANISH_WEIGHTS)


def _danish_century(year: int, seventh: int) -> int:
    if seventh < 4:
        return 1900
    if seventh in {4, 9}:
        return 2000 if year < 37 else 1900
    return 2000 if year < 58 else 1800


def is_finnish(day_month_year: str, *, sign: str, number: str, check: str) -> bool:
    """A henkilötunnus, with any of its signs of the century, in either case."""
    century = _FINNISH_CENTURIES.get(sign.upper())
    if century is None or int(number) < _FINNISH_FIRST:
        return False
    day, month, year = _pairs(day_month_year)
    rest = int(day_month_year + number) % len(_FINNISH_CHECKS)
    return _FINNISH_CHECKS[rest] == check.upper() and _is_date(
        century + year, month, day
    )


def _pairs(digits: str) -> tuple[int, int, int]:
    return int(digits[:2]), int(digits[2:4]), int(digits[4:6])


def _is_date(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def _eleven(digits: str, weights: tuple[int, ...]) -> bool:
    weighed = zip(map(int, digits), weights, strict=False)
    return sum(digit * weight for digit, weight in weighed) % 11 == 0
