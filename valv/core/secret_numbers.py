"""Numbers that nobody meant to leave behind, found in what people write.

Payment cards, bank accounts (IBAN) and the identity numbers of the Nordic countries,
each told by its check digits. Leaves alone phone numbers, dates, articles and orders,
as far as check digits can tell; ``docs/masking.md`` says how far that is.

A text without nine digits near each other is let through after one look. In all others
the work grows with the length of the text and no faster, whatever stands in it.
"""

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from valv.core.digit_groups import CARDS, IDENTITIES, Window, plain, windows
from valv.core.national_ids import (
    FINNISH_SIGNS,
    is_danish,
    is_finnish,
    is_norwegian,
    is_swedish,
)
from valv.core.payment_numbers import iban_ends, is_card
from valv.core.phones import is_dialled_at_home


class Secret(StrEnum):
    """The kinds that are known."""

    CARD = "card"
    IBAN = "iban"
    SWEDISH = "personal_number_se"
    NORWEGIAN = "personal_number_no"
    DANISH = "personal_number_dk"
    FINNISH = "personal_number_fi"


IDENTITY: Final = "[personal number]"
SIX = 6  # digits of a date, set apart from what follows
MARKS: Final = {Secret.CARD: "[card]", Secret.IBAN: "[IBAN]"}
_IDENTITIES: dict[Secret, Callable[[str], bool]] = {
    Secret.SWEDISH: is_swedish,
    Secret.NORWEGIAN: is_norwegian,
    Secret.DANISH: is_danish,
}
_MAY_HOLD = re.compile(r"(?:\d\D{0,8}){8}\d")
_FINNISH = re.compile(
    rf"(?<![0-9A-Za-z])([0-9]{{6}}) ?([{FINNISH_SIGNS}]) ?([0-9]{{3}})([0-9A-Y])"
    r"(?![0-9A-Za-z])",
    re.ASCII | re.IGNORECASE,
)
_IBAN_BEGINS = re.compile(
    r"(?<![0-9A-Za-z])[A-Z]{2}(?=[ .\n\r\t-]{0,2}[0-9])", re.ASCII | re.IGNORECASE
)


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Where something stands that is to be masked, and by what mark."""

    start: int
    end: int
    mark: str


def mark_of(secret: Secret) -> str:
    return MARKS.get(secret, IDENTITY)


def may_hold(text: str) -> bool:
    """One cheap look: whether there are digits enough for any of the kinds."""
    return _MAY_HOLD.search(text) is not None


def secrets_in(text: str, *, kinds: Collection[Secret], region: str) -> Iterator[Span]:
    """All that is of these kinds; what overlaps may be told more than once.

    Nothing that ``may_hold`` lets through needs to be asked. ``region`` is where the
    text was written: its phone numbers are left alone.
    """
    text = plain(text)
    accounts = list(_ibans(text)) if Secret.IBAN in kinds else []
    yield from accounts
    if Secret.FINNISH in kinds:
        yield from _finnish(text)
    past, ended = 0, {account.end for account in accounts}
    for rows in windows(text, ended):
        found = rows[0].start >= past and _first(text, rows, kinds, region)
        if found:
            past = found.end
            ended.add(past)
            yield found


def _first(
    text: str, rows: list[Window], kinds: Collection[Secret], region: str
) -> Span | None:
    for row in rows:
        secret = _kind_of(text, row, kinds, region)
        if secret is not None:
            return Span(row.start, row.end, mark_of(secret))
    return None


def _kind_of(
    text: str, row: Window, kinds: Collection[Secret], region: str
) -> Secret | None:
    if Secret.CARD in kinds and row.sizes in CARDS and is_card(row.digits):
        return Secret.CARD
    if row.sizes not in IDENTITIES:
        return None
    fitting = (s for s, fits in _IDENTITIES.items() if s in kinds and fits(row.digits))
    secret = next(fitting, None)
    if secret is not None and _is_phone(text, row, region):
        return None
    return secret


def _is_phone(text: str, row: Window, region: str) -> bool:
    """A valid number of the region, not written as identity numbers alone are."""
    signed = row.sizes[0] == SIX or re.search("[-+]", text[row.start : row.end])
    if signed or not row.digits.startswith("0"):
        return False
    return is_dialled_at_home(row.digits, region=region)


def _finnish(text: str) -> Iterator[Span]:
    for found in _FINNISH.finditer(text):
        date, sign, number, check = found.groups()
        if is_finnish(date, sign=sign, number=number, check=check):
            yield Span(found.start(), found.end(), IDENTITY)


def _ibans(text: str) -> Iterator[Span]:
    for begun in _IBAN_BEGINS.finditer(text):
        end = iban_ends(text, begun.start())
        if end is not None and not text[end : end + 1].isalnum():
            yield Span(begun.start(), end, MARKS[Secret.IBAN])
