"""How files are named that are taken out together: a pattern of the tenant's own.

By itself a name tells when, which session and which part, and never a number: names end
up in folders, mails and logs. A tenant may have it otherwise.
"""

import re
from collections.abc import Mapping
from string import Formatter
from typing import Final

from valv.core.errors import Malformed

FIELD: Final = "pattern"
USUAL: Final = "{date}_{time}_{session}_{n}"
FIELDS: Final = ("date", "time", "session", "id", "n", "queue", "agent", "number")
TELLING_APART: Final = frozenset({"session", "id"})
LONGEST, LONGEST_VALUE = 120, 80
_BETWEEN = re.compile(r"[A-Za-z0-9 ._+-]*", re.ASCII)
_UNFIT = re.compile(r"[^A-Za-z0-9.+-]+", re.ASCII)
_UNFIT_IN_WORDS = re.compile(r"[^\w.+-]+")
_BETWEEN_ONLY: Final = "Between braces there are only a-z, digits, spaces and . _ + -."
_WORDS: Final = ("queue", "agent")


def checked_pattern(text: str) -> str:
    """A pattern as it is kept, without an ending; "" is the usual one.

    It names the part and the session or interaction, or files could not be told apart.
    Raises Malformed.
    """
    kept = text.strip().removesuffix(".mp3")
    if kept in ("", USUAL):
        return ""
    named = _fields(kept)
    if len(kept) > LONGEST:
        raise Malformed(f"It has at most {LONGEST} characters.", field=FIELD)
    if not named <= set(FIELDS):
        known = " ".join(f"{{{name}}}" for name in FIELDS)
        raise Malformed(f"In braces there may be {known}.", field=FIELD)
    if "n" not in named or not named & TELLING_APART:
        raise Malformed("It has {n}, and {session} or {id}.", field=FIELD)
    return kept


def _fields(pattern: str) -> set[str]:
    """The fields of a pattern whose other text may stand in a file's name."""
    try:
        parsed = list(Formatter().parse(pattern))
    except ValueError:
        raise Malformed("The braces do not match.", field=FIELD) from None
    for between, name, form, how in parsed:
        if form or how or not _BETWEEN.fullmatch(between):
            raise Malformed(_BETWEEN_ONLY, field=FIELD)
        if name is not None and not name.isidentifier():
            raise Malformed("Each pair of braces names a field.", field=FIELD)
    return {name for _, name, _, _ in parsed if name}


def named(pattern: str, facts: Mapping[str, str]) -> str:
    """The name that facts have by a pattern, without its ending."""
    fitting = {name: _fit(name, facts.get(name, "")) for name in FIELDS}
    fitting["session"] = fitting["session"] or "session"
    return (pattern or USUAL).format_map(fitting).strip(" .-_")


def _fit(name: str, value: str) -> str:
    unfit = _UNFIT_IN_WORDS if name in _WORDS else _UNFIT
    return unfit.sub("-", value)[:LONGEST_VALUE].strip(".-")
