"""Who someone outside is: by phone number, e-mail address, name or handle.

An identifier has the form that was typed, and a normal form; two are the same if
kind and normal form are. A ``Pattern`` is what a search asks of the normal forms:
exact, or a fragment with ``*`` first, last or both.

Refuses only what is empty, endless or unprintable; whatever is not understood is
kept as typed. A name never identifies anybody by itself.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import unquote

import phonenumbers

from valv.core.numbered import Numbered
from valv.core.phones import (
    Form,
    folded,
    is_withheld,
    read_phone,
    squeezed,
)


class Kind(Numbered):
    """The kinds of identifier."""

    PHONE = "phone"
    EMAIL = "email"
    NAME = "name"
    HANDLE = "handle"


@dataclass(frozen=True, slots=True)
class Identifier:
    """One identifier of someone outside; ``normal`` is compared, ``shown`` is shown.

    A withheld one has neither, and is no one: it says that there was a caller who
    did not wish to be known, which is not the same as no caller.
    """

    kind: Kind
    shown: str
    normal: str
    form: Form = Form.TYPED
    extension: str | None = None

    @property
    def is_withheld(self) -> bool:
        return self.form is Form.WITHHELD


def read_identifier(text: str, *, kind: Kind, region: str) -> Identifier:
    """Read an identifier as typed; raises Malformed if there is nothing to read."""
    if kind is Kind.PHONE:
        phone = read_phone(text, region=region)
        return Identifier(kind, phone.shown, phone.normal, phone.form, phone.extension)
    shown = _address(text) if kind is Kind.EMAIL else squeezed(text)
    if kind is not Kind.HANDLE and is_withheld(shown):
        return Identifier(kind, "", "", Form.WITHHELD)
    return Identifier(kind, shown, _normal_text(shown, kind=kind))


def is_odd(one: Identifier) -> bool:
    """Whether it is kept as typed alone: a number, or an address without an @."""
    if one.kind is Kind.PHONE:
        return one.form is Form.TYPED
    return one.kind is Kind.EMAIL and "@" not in one.shown


def _normal_text(text: str, *, kind: Kind) -> str:
    return _normal_email(text) if kind is Kind.EMAIL else folded(text)


def _address(text: str) -> str:
    text = squeezed(text)
    while text[:7].lower() == "mailto:":
        text = unquote(text[7:].split("?", 1)[0]).strip()
    bracketed = re.fullmatch(r".*<([^<>]+@[^<>]+)>", text)
    return squeezed(bracketed[1] if bracketed else text)


def _normal_email(text: str) -> str:
    """Lower case in both halves, the domain in Unicode rather than in xn-- form.

    Lower case and not ``casefold``: ß and ss are different addresses.
    """
    local, at, domain = text.rpartition("@")
    if not at or not domain.strip("."):
        return _lower(text)
    labels = [_unicode_label(label) for label in domain.rstrip(".").split(".")]
    return _lower(local + at + ".".join(labels))


def _lower(text: str) -> str:
    text = unicodedata.normalize("NFC", text).lower()
    return unicodedata.normalize("NFC", text)


def _unicode_label(label: str) -> str:
    # RFC 5891 section 5.4; a label that does not decode is kept as it came.
    if label[:4].casefold() != "xn--" or not label.isascii():
        return label
    try:
        decoded = label[4:].encode("ascii").decode("punycode")
    except UnicodeError:
        return label
    return decoded if decoded.isprintable() and decoded.isalnum() else label


class Match(StrEnum):
    """Where in a normal form the text of a fragment must stand."""

    EXACT = "exact"
    PREFIX = "prefix"
    SUFFIX = "suffix"
    CONTAINS = "contains"


@dataclass(frozen=True, slots=True)
class Fragment:
    """One way in which a normal form can satisfy a pattern."""

    match: Match
    text: str

    def fits(self, normal: str) -> bool:
        match self.match:
            case Match.EXACT:
                return normal == self.text
            case Match.PREFIX:
                return normal.startswith(self.text)
            case Match.SUFFIX:
                return normal.endswith(self.text)
            case Match.CONTAINS:
                return self.text in normal


@dataclass(frozen=True, slots=True)
class Pattern:
    """What a search asks of one kind of identifier: any of its alternatives.

    ``withheld`` is the question for callers who did not wish to be known; it has
    no alternatives, since there is no identifier to compare with.
    """

    kind: Kind
    alternatives: tuple[Fragment, ...]
    withheld: bool = False

    @property
    def is_exact(self) -> bool:
        """Whether a look-up by hash will do, one per alternative."""
        return all(a.match is Match.EXACT for a in self.alternatives)

    def fits(self, normal: str) -> bool:
        return any(fragment.fits(normal) for fragment in self.alternatives)


def read_pattern(text: str, *, kind: Kind, region: str) -> Pattern:
    """Read one search parameter: ``*`` first and/or last, without it exact.

    Raises Malformed for an empty one; a lone ``*`` asks for anybody at all.
    """
    text = squeezed(text)
    match = match_of(text)
    if match is Match.EXACT:
        found = read_identifier(text, kind=kind, region=region)
        exact = () if found.is_withheld else (Fragment(match, found.normal),)
        return Pattern(kind, exact, withheld=found.is_withheld)
    bare = text.strip("*").strip()
    if not bare:
        return Pattern(kind, (Fragment(Match.CONTAINS, ""),))
    texts = _fragments(bare, match=match, kind=kind, region=region)
    return Pattern(kind, tuple(dict.fromkeys(texts)))


def match_of(text: str) -> Match:
    """Where the stars stand: ``*`` first and/or last makes a fragment."""
    match (text.startswith("*"), text.endswith("*")):
        case (True, True):
            return Match.CONTAINS
        case (True, False):
            return Match.SUFFIX
        case (False, True):
            return Match.PREFIX
        case _:
            return Match.EXACT


def _fragments(text: str, *, match: Match, kind: Kind, region: str) -> list[Fragment]:
    if kind is not Kind.PHONE:
        return [Fragment(match, _normal_text(text, kind=kind))]
    if not re.fullmatch(r"\+?[0-9 ()./\u2010-\u2015-]*", text, re.ASCII):
        return [Fragment(match, folded(text))]
    digits = re.sub(r"\(0\)|[^0-9+]", "", text)
    if not digits:
        return [Fragment(match, folded(text))]
    return _phone_fragments(digits, match=match, region=region)


def _phone_fragments(digits: str, *, match: Match, region: str) -> list[Fragment]:
    """The ways a piece of a number, nationally or internationally typed, may stand.

    As it is; and, where it can be the beginning of a number, after the prefix that
    E.164 would have put there. A whole national number at the end is that number.
    """
    plain = [Fragment(match, digits)]
    begins = [Fragment(Match.PREFIX, start) for start in _starts(digits, region=region)]
    if match is not Match.SUFFIX:
        return plain + begins
    whole = read_phone(digits, region=region)
    if whole.form is Form.E164 and digits.startswith(("0", "+")):
        plain.append(Fragment(Match.EXACT, whole.normal))
    return plain


def _starts(digits: str, *, region: str) -> list[str]:
    if digits.startswith("+"):
        return [digits]
    code = f"+{phonenumbers.country_code_for_region(region)}"
    starts = ["+" + digits] if ("+" + digits).startswith(code) else []
    starts += ["+" + digits[2:]] if digits.startswith("00") else []
    starts += ["+" + digits[3:]] if re.match(r"011.", digits) else []
    trunk = _trunk_prefix(region)
    if digits.startswith("00") and trunk:
        return starts
    return [*starts, code + digits.removeprefix(trunk)]


def _trunk_prefix(region: str) -> str:
    metadata = phonenumbers.PhoneMetadata.metadata_for_region(region)
    return (metadata.national_prefix or "") if metadata else ""


_SWEDISH = str.maketrans(
    {"å": "{", "ä": "|", "æ": "|", "ö": "}", "ø": "}", "ü": "y", "ß": "ss", "ð": "d"}
)


def swedish_key(text: str) -> str:
    """A sort key: case-blind, å ä ö after z in that order, é as e, ü as y.

    The three come out as the three ASCII characters after z, so that comparing keys
    by bytes, as both databases can, gives Swedish order.
    """
    text = unicodedata.normalize("NFC", text.lower()).translate(_SWEDISH)
    apart = unicodedata.normalize("NFD", text)
    return "".join(c for c in apart if not unicodedata.combining(c))
