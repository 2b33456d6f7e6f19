"""Taking what somebody is known by out of a text that is kept.

Only exact occurrences of what is asked for go: an address or handle in any case, a
number in any of the ways that it is written, with or without spaces and dashes, but
never as part of a longer one. A name, or a number that is read out in words, stays.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat

from valv.core.identifiers import Kind

BLANK = "•••"
_BETWEEN = r"[ \u00a0()./\u2010-\u2015-]*"
_ABROAD = r"(?:\+|00|011)"


@dataclass(frozen=True, slots=True)
class Blanking:
    """What is taken out, as one expression; nothing if there is nothing to look for."""

    pattern: re.Pattern[str] | None

    def __call__(self, text: str) -> str:
        return text if self.pattern is None else self.pattern.sub(BLANK, text)


def blanking_of(known: Iterable[tuple[Kind, str]], *, region: str) -> Blanking:
    """What takes out identifiers, given by kind and normal form."""
    found = [
        pattern
        for kind, normal in known
        for pattern in _patterns(kind, normal, region=region)
    ]
    if not found:
        return Blanking(None)
    longest_first = sorted(set(found), key=len, reverse=True)
    return Blanking(re.compile("|".join(longest_first), re.IGNORECASE))


def _patterns(kind: Kind, normal: str, *, region: str) -> list[str]:
    if kind is not Kind.PHONE or not re.fullmatch(r"\+?[0-9]{3,}", normal, re.ASCII):
        return [rf"(?<!\w){re.escape(normal)}(?!\w)"] if normal else []
    if not normal.startswith("+"):
        return [rf"(?<![0-9]){_spread(normal)}(?![0-9])"]
    abroad = rf"(?<![0-9+]){_ABROAD}{_BETWEEN}{_abroad(normal)}(?![0-9])"
    return [abroad, *_at_home(normal, region=region)]


def _abroad(normal: str) -> str:
    """The digits after the prefix, perhaps with the trunk zero that people put in."""
    number = _parsed(normal)
    if number is None:
        return _spread(normal[1:])
    code = str(number.country_code)
    rest = normal[1 + len(code) :]
    return rf"{_spread(code)}{_BETWEEN}(?:0{_BETWEEN})?{_spread(rest)}"


def _at_home(normal: str, *, region: str) -> list[str]:
    number = _parsed(normal)
    own = phonenumbers.country_code_for_region(region)
    if number is None or number.country_code != own:
        return []
    written = phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
    digits = re.sub(r"[^0-9]", "", written)
    return [rf"(?<![0-9+]){_spread(digits)}(?![0-9])"]


def _parsed(normal: str) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(normal)
    except NumberParseException:
        return None


def _spread(digits: str) -> str:
    return _BETWEEN.join(digits)
