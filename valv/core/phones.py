"""Phone numbers as people and machines write them, by the tenant's region.

Whatever was typed comes out as one of six forms, and nothing is dropped: E.164 where
the number is possible at all (possible rather than valid: new ranges are older than
any list of them), else a short code, a local number, a SIP address, or what was
typed; *withheld* is a form of its own and identifies nobody.

The last spellings read are remembered, since a parse costs 0.1 ms; whoever forgets a
person calls ``forget_spellings``.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import phonenumbers
from phonenumbers import (
    NumberParseException,
    PhoneNumber,
    PhoneNumberFormat,
    ValidationResult,
)

from valv.core.errors import Malformed

LONGEST = 320
_WITHHELD = re.compile(
    r"anonymous(?: caller)?|(?:caller id |number )?withheld|withheld number"
    r"|(?:unknown|private)(?: number)?|restricted|unavailable|not available|hidden"
    r"|blocked|no caller id|anonymt?|(?:okänt|dolt|hemligt|skyddat)(?: nummer)?|okänd"
)
_DIALLED = re.compile(
    r"(?:tel:)?(?P<number>\+?[0-9 ()./\u2010-\u2015-]*[0-9][0-9 ()./\u2010-\u2015-]*)"
    r"(?:(?:;ext=|\s*(?:extension|anknytning|ext|ankn|x|#)\.?\s*)(?P<extension>[0-9]{1,7}))?"
    r"(?P<parameters>;[a-z0-9-]+(?:=[^;]*)?)*",
    re.ASCII | re.IGNORECASE,
)
_SIP = re.compile(r"sips?:(?P<user>[^@;?]*)(?:@(?P<host>[^;?]*))?.*", re.IGNORECASE)
_NOT_DIGITS = re.compile(r"[^0-9]+", re.ASCII)
_SHORT = 6


class Form(StrEnum):
    """How much is understood of an identifier."""

    E164 = "e164"
    NATIONAL = "national"
    SHORT = "short"
    SIP = "sip"
    WITHHELD = "withheld"
    TYPED = "typed"


@dataclass(frozen=True, slots=True)
class Phone:
    """A phone identity: the form to compare by, and the one to show.

    ``normal`` is what is compared and hashed; an extension stands apart, since the
    whole switchboard answers to the number. Withheld has neither.
    """

    normal: str
    shown: str
    form: Form
    extension: str | None = None


WITHHELD = Phone(normal="", shown="", form=Form.WITHHELD)


def checked_region(region: str) -> str:
    """An upper-case ISO 3166 region with phone numbers; raises Malformed if not."""
    if region.upper() not in phonenumbers.SUPPORTED_REGIONS:
        raise Malformed("There is no such region.", field="region")
    return region.upper()


def squeezed(text: str) -> str:
    """One space between words, NFC, and no invisible formatting characters.

    Raises Malformed when nothing is left, when it is over 320 characters, and when
    it holds control characters or halves of surrogate pairs.
    """
    text = "".join(c for c in text if unicodedata.category(c) != "Cf")
    text = " ".join(unicodedata.normalize("NFC", text).split())
    if not text or len(text) > LONGEST:
        raise Malformed("An identifier has 1 to 320 characters.", field="identifiers")
    if any(unicodedata.category(c) in {"Cc", "Cs"} for c in text):
        raise Malformed("An identifier has a control character.", field="identifiers")
    return text


def folded(text: str) -> str:
    """Case-blind, in NFC; folding twice changes nothing."""
    text = unicodedata.normalize("NFD", text).casefold()
    return unicodedata.normalize("NFC", text)


def is_withheld(text: str) -> bool:
    """Whether a number or name says only that the caller did not wish to be known."""
    return _WITHHELD.fullmatch(folded(text).strip(" <>()\"'")) is not None


@lru_cache(maxsize=1 << 16)
def read_phone(text: str, *, region: str) -> Phone:
    """Read a number as typed in a region.

    A leading 00 or 011 stands for + in every region; only where 011 is followed by
    what is a valid number of the region itself (Norrköping, Leeds) is it national.
    Raises Malformed when there is nothing to read.
    """
    typed = squeezed(text)
    if is_withheld(typed):
        return WITHHELD
    if _SIP.fullmatch(typed):
        return _sip(typed, region=region)
    dialled = _DIALLED.fullmatch(_ascii_digits(typed))
    if dialled is None:
        return Phone(normal=folded(typed), shown=typed, form=Form.TYPED)
    return _dialled(typed, dialled, region=region)


def written_forms(normal: str, *, region: str) -> list[str]:
    """The usual ways to write a number in E.164: abroad, at home, with 00."""
    number = _possible(normal, region=region) if normal.startswith("+") else None
    if number is None:
        return []
    abroad = phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)
    forms = [abroad, "00" + normal[1:]]
    if number.country_code == phonenumbers.country_code_for_region(region):
        at_home = phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
        forms[1:1] = [at_home, _NOT_DIGITS.sub("", at_home)]
    return forms


def is_dialled_at_home(digits: str, *, region: str) -> bool:
    """Whether digits are, just as they stand, a valid number of the region."""
    return _valid(digits, region=region) is not None


def forget_spellings() -> None:
    """Drop all remembered spellings, so that memory holds no forgotten number."""
    read_phone.cache_clear()


def _ascii_digits(text: str) -> str:
    text = "".join(
        str(unicodedata.decimal(c)) if c.isdecimal() else c.replace("\uff0b", "+")
        for c in text
    )
    return text.replace("\u00a0", " ")


def _dialled(typed: str, match: re.Match[str], *, region: str) -> Phone:
    digits = _bare(match["number"])
    number = _number_from(match, digits, region=region)
    if number is not None:
        e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
        return Phone(e164, e164, Form.E164, match["extension"])
    shown = typed.removeprefix("tel:")
    return Phone(digits, shown, _unparsed_form(digits), match["extension"])


def _unparsed_form(digits: str) -> Form:
    if digits.startswith("+"):
        return Form.TYPED
    return Form.SHORT if len(digits) <= _SHORT else Form.NATIONAL


def _bare(number: str) -> str:
    return ("+" if number.startswith("+") else "") + _NOT_DIGITS.sub("", number)


def _number_from(
    match: re.Match[str], digits: str, *, region: str
) -> PhoneNumber | None:
    if match["parameters"] and "phone-context=+" in match[0].casefold():
        return _possible(match[0], region=region)
    if digits.startswith("00"):
        return _possible("+" + digits[2:], region=region)
    if digits.startswith("011"):
        return _after_011(digits, region=region)
    if len(digits) <= _SHORT and not digits.startswith("+"):
        return _valid(digits, region=region)
    return _possible(digits, region=region)


def _after_011(digits: str, *, region: str) -> PhoneNumber | None:
    abroad = _possible("+" + digits[3:], region=region)
    at_home = _possible(digits, region=region)
    if abroad is None or (at_home and phonenumbers.is_valid_number(at_home)):
        return at_home
    return abroad


def _valid(text: str, *, region: str) -> PhoneNumber | None:
    number = _possible(text, region=region)
    return number if number and phonenumbers.is_valid_number(number) else None


def _possible(text: str, *, region: str) -> PhoneNumber | None:
    # Some odd zeros are only seen through when the number is read a second time.
    number = _parsed(text, region=region)
    if number is not None:
        text = phonenumbers.format_number(number, PhoneNumberFormat.E164)
        number = _parsed(text, region=region)
    return number if number is not None and _is_possible(number) else None


def _parsed(text: str, *, region: str) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(text, region)
    except NumberParseException:
        return None


def _is_possible(number: PhoneNumber) -> bool:
    # A number possible only within its own area is not yet an E.164 number.
    reason = phonenumbers.is_possible_number_with_reason(number)
    return reason == ValidationResult.IS_POSSIBLE


def _sip(typed: str, *, region: str) -> Phone:
    match = _SIP.fullmatch(typed)
    user = match["user"] if match else ""
    if is_withheld(user) or (match and match["host"] == "anonymous.invalid"):
        return WITHHELD
    phonelike = user.startswith(("+", "00")) or "user=phone" in typed.casefold()
    inner = _DIALLED.fullmatch(user)
    if phonelike and inner:
        phone = _dialled(user, inner, region=region)
        if phone.form is Form.E164:
            return phone
    return Phone(normal=_sip_normal(typed), shown=typed, form=Form.SIP)


def _sip_normal(typed: str) -> str:
    return folded(re.split(r"[;?]", typed, maxsplit=1)[0]).replace("sips:", "sip:", 1)
