"""Whether a plain text, such as a file name or session id, leads to somebody.

Session ids, queue names and file names are plain text, unsealed; one that carries a
caller's number or e-mail address must not be kept as it is. The rule would rather take
an odd counter for a number than miss a number, but leaves alone what sources put
everywhere: dates, clock times, UUIDs, Unix times and ids of more than 15 digits.

A number is taken for one when it is

- digits after ``+`` or 00 that are a possible number, or
- digits that begin with the trunk prefix 0 of the region and are a possible number, or
- bare digits beginning with the region's own country code that are a valid number, or,
  in regions without a trunk 0, digits that are a valid number of the region;

written in one run, or, beginning with ``+`` or 0, in groups that together are valid.

An e-mail address is a name at a host that has a dot and ends in letters. What SIP calls
a Call-ID looks alike: one that is of hexadecimal digits, dots and dashes is an id.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber

from valv.core.errors import Malformed
from valv.core.identifiers import Kind

_UUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_DATE = re.compile(
    r"(?<![0-9+])(?:19|20)[0-9]{2}([-./_]?)"
    r"(?:0[1-9]|1[0-2])\1(?:0[1-9]|[12][0-9]|3[01])"
    r"(?:[Tt_ -]?(?:[01][0-9]|2[0-3])[-.:]?[0-5][0-9]"
    r"(?:[-.:]?[0-5][0-9])?(?:[.,][0-9]+)?)?"
    r"(?![0-9])",
    re.ASCII,
)
# Letters may stand on one side of a number, as in tel0701234567, but an id that
# mixes the two is an id.
_RUN = re.compile(
    r"(?<![0-9A-Za-z+])(?:[A-Za-z]+)?(\+?[0-9]+)(?![0-9A-Za-z])"
    r"|(?<![0-9A-Za-z+])(\+?[0-9]+)[A-Za-z]+(?![0-9A-Za-z])"
    r"|(\+[0-9]+)(?![0-9A-Za-z])",
    re.ASCII,
)
_GROUPS = re.compile(
    r"(?<![0-9A-Za-z+])(?:\+[0-9]|0)[0-9]*(?:[ ./-]?\(?[0-9]+\)?){1,7}(?![0-9A-Za-z])",
    re.ASCII,
)
_FEWEST, _MOST = 7, 15
_ADDRESS = re.compile(
    r"([^\s@<>()\[\],;:\"/\\]+)@(?:[\w-]+\.)+(?:[^\W\d_]{2,}|xn--[\w-]+)"
)
_CALL_ID = re.compile(r"(?=.*[0-9])[0-9A-Fa-f.-]{8,}")


@dataclass(frozen=True, slots=True)
class Trace:
    """What looks like a number or an address, and where in the text it stands."""

    start: int
    end: int
    kind: Kind
    text: str


def leads_to_somebody(text: str, *, region: str) -> bool:
    """Whether what looks like a phone number or an e-mail address stands in a text."""
    return contains_address(text) or contains_number(text, region=region)


def refuse_traces(text: str, *, region: str, field: str) -> None:
    """Raise Malformed for a text that leads to somebody, and would be kept in plain."""
    if leads_to_somebody(text, region=region):
        raise Malformed("Leave out phone numbers and e-mail addresses.", field=field)


def contains_address(text: str) -> bool:
    """Whether what looks like somebody's e-mail address stands in a text."""
    return any(_addresses(text))


def contains_number(text: str, *, region: str) -> bool:
    """Whether what looks like a caller's number stands in a text."""
    return any(_numbers(text, region=region))


def traces_in(text: str, *, region: str) -> list[Trace]:
    """Each number and address in a text, in order; of those that overlap the longest.

    What is left over beside one may be a trace of its own once it is taken out.
    """
    found = [*_addresses(text), *_numbers(text, region=region)]
    found.sort(key=lambda one: (one.start - one.end, one.start))
    apart: list[Trace] = []
    for one in found:
        if all(one.end <= other.start or other.end <= one.start for other in apart):
            apart.append(one)
    return sorted(apart, key=lambda one: one.start)


def _addresses(text: str) -> Iterator[Trace]:
    for found in _ADDRESS.finditer(text):
        if not _CALL_ID.fullmatch(found[1]):
            yield Trace(found.start(), found.end(), Kind.EMAIL, found[0])


def _numbers(text: str, *, region: str) -> Iterator[Trace]:
    seen = text.replace("\u00a0", " ")
    for passed_over in (_UUID, _DATE):
        seen = passed_over.sub(lambda found: "|" * len(found[0]), seen)
    for run in _RUN.finditer(seen):
        group = run.lastindex or 0
        if _is_number(run[group], region=region):
            yield Trace(run.start(group), run.end(group), Kind.PHONE, run[group])
    for row in _GROUPS.finditer(seen):
        yield from _grouped(row, region=region)


def _is_number(digits: str, *, region: str) -> bool:
    bare = digits.lstrip("+").removeprefix("00")
    if not _FEWEST <= len(bare) <= _MOST:
        return False
    if digits.startswith(("+", "00")):
        return _possible("+" + bare, region=region) is not None
    if _has_trunk_zero(region) and digits.startswith("0"):
        return _possible(digits, region=region) is not None
    return _is_bare_number(digits, region=region)


def _is_bare_number(digits: str, *, region: str) -> bool:
    code = str(phonenumbers.country_code_for_region(region))
    if digits.startswith(code) and _is_valid("+" + digits, region=region):
        return True
    return not _has_trunk_zero(region) and _is_valid(digits, region=region)


def _grouped(row: re.Match[str], *, region: str) -> Iterator[Trace]:
    """The numbers that begin a row of groups, or begin at a later group's 0."""
    groups = list(re.finditer(r"\+?[0-9]+", row[0]))
    for first, group in enumerate(groups):
        if not group[0].startswith(("+", "0")):
            continue
        joined, end = "", 0
        for other in groups[first:]:
            joined += other[0]
            if len(joined) >= _FEWEST and _is_valid(joined, region=region):
                end = other.end()
        if end:
            start, at = group.start(), row.start()
            yield Trace(at + start, at + end, Kind.PHONE, row[0][start:end])


def _has_trunk_zero(region: str) -> bool:
    metadata = phonenumbers.PhoneMetadata.metadata_for_region(region)
    return metadata is not None and metadata.national_prefix == "0"


def _possible(text: str, *, region: str) -> PhoneNumber | None:
    try:
        number = phonenumbers.parse(text, region)
    except NumberParseException:
        return None
    return number if phonenumbers.is_possible_number(number) else None


def _is_valid(text: str, *, region: str) -> bool:
    if len(text.lstrip("+")) > _MOST:
        return False
    number = _possible(text, region=region)
    return number is not None and phonenumbers.is_valid_number(number)
