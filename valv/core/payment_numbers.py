"""Payment cards and bank accounts, told by issuer, length and check digits.

Sources: ISO/IEC 7812 and the schemes' own ranges; ISO 13616 and SWIFT's registry of
IBANs.
"""

import re
from typing import Final

from valv.core.national_ids import luhn

_SIXTEEN, _FIFTEEN = frozenset({16}), frozenset({15})
_FOURTEEN = frozenset({14, 16})
_LONG, _ANY = frozenset(range(16, 20)), frozenset(range(12, 20))

# First digits, from and to, and the lengths that are issued.
_SCHEMES: Final[tuple[tuple[str, str, frozenset[int]], ...]] = (
    ("4", "4", frozenset({13, 16, 19})),  # Visa
    ("51", "55", _SIXTEEN), ("2221", "2720", _SIXTEEN),  # Mastercard
    ("34", "34", _FIFTEEN), ("37", "37", _FIFTEEN),  # American Express
    ("300", "305", _FOURTEEN), ("3095", "3095", _FOURTEEN),  # Diners Club
    ("36", "36", _FOURTEEN), ("38", "39", _FOURTEEN),
    ("3528", "3589", _LONG),  # JCB
    ("5019", "5019", _SIXTEEN),  # Dankort
    ("5018", "5018", _ANY), ("5020", "5020", _ANY), ("5038", "5038", _ANY),  # Maestro
    ("5893", "5893", _ANY), ("6304", "6304", _ANY), ("67", "67", _ANY),
    ("6011", "6011", _LONG), ("644", "659", _LONG),  # Discover
    ("62", "62", _LONG),  # UnionPay
    ("2200", "2204", _LONG),  # Mir
)  # fmt: skip
LENGTHS: Final = range(12, 20)
_TOLD_BY, _EAN = 4, 13


def _issued() -> dict[str, frozenset[int]]:
    """By the first four digits, the lengths that are issued."""
    found: dict[str, frozenset[int]] = {}
    for first, last, lengths in _SCHEMES:
        low, high = int(first.ljust(_TOLD_BY, "0")), int(last.ljust(_TOLD_BY, "9"))
        for four in map(str, range(low, high + 1)):
            found[four] = found[four] | lengths if four in found else lengths
    return found


_ISSUED: Final = _issued()


def is_card(digits: str) -> bool:
    """The number of a payment card of a known scheme.

    Thirteen digits that are also an article's (EAN-13) are the article's: no such card
    has been issued for decades, and articles are everywhere.
    """
    if len(digits) not in _ISSUED.get(digits[:_TOLD_BY], ()) or not luhn(digits):
        return False
    return len(digits) != _EAN or not _is_article(digits)


def _is_article(digits: str) -> bool:
    thrice = 3 * sum(map(int, digits[-2::-2]))
    return (thrice + sum(map(int, digits[-1::-2]))) % 10 == 0


# Each country and its account number: n digits, a letters, c either.
_IBANS = (
    "AD n8c12, AE n19, AL n8c16, AT n16, AZ a4c20, BA n16, BE n12, BG a4n6c8, "
    "BH a4c14, BI n23, BR n23a1c1, BY c4n4c16, CH n5c12, CR n18, CY n8c16, CZ n20, "
    "DE n18, DJ n23, DK n14, DO c4n20, EE n16, EG n25, ES n20, FI n14, FK a2n12, "
    "FO n14, FR n10c11n2, GB a4n14, GE a2n16, GI a4c15, GL n14, GR n7c16, GT c24, "
    "HN a4n20, HR n17, HU n24, IE a4n14, IL n19, IQ a4n15, IS n22, IT a1n10c12, "
    "JO a4n4c18, KW a4c22, KZ n3c13, LB n4c20, LC a4c24, LI n5c12, LT n16, LU n3c13, "
    "LV a4c13, LY n21, MC n10c11n2, MD c20, ME n18, MK n3c10n2, MN n16, MR n23, "
    "MT a4n5c18, MU a4n19a3, NI a4n20, NL a4n10, NO n11, OM n3c16, PK a4c16, PL n24, "
    "PS a4c21, PT n21, QA a4c21, RO a4c16, RS n18, RU n14c15, SA n2c18, SC a4n20a3, "
    "SD n14, SE n20, SI n15, SK n20, SM a1n10c12, SO n19, ST n21, SV a4n20, TL n19, "
    "TN n20, TR n6c16, UA n6c19, VA n18, VG a4n16, XK n16, YE a4n4c18"
)
_CLASSES = {"n": "[0-9]", "a": "[A-Z]", "c": "[0-9A-Z]"}
_APART = r"[ .\n\r\t-]{0,2}"


def _written(structure: str) -> re.Pattern[str]:
    """How the account numbers of a country are written, in groups or not.

    No character fits two neighbours in it, so it never has to try twice.
    """
    parts = re.findall("([nac])([0-9]+)", "n2" + structure)
    body = "".join(f"(?:{_APART}{_CLASSES[kind]}){{{n}}}" for kind, n in parts)
    return re.compile(body, re.ASCII | re.IGNORECASE)


_WRITTEN = {
    country: _written(structure)
    for country, structure in (one.split() for one in _IBANS.split(", "))
}


def iban_ends(plain: str, start: int) -> int | None:
    """Where the IBAN that begins at ``start`` ends; None if none does."""
    written = _WRITTEN.get(plain[start : start + 2].upper())
    found = written.match(plain, start + 2) if written else None
    if found is None or not _is_iban(
        re.sub(r"[^0-9A-Za-z]", "", plain[start : found.end()])
    ):
        return None
    return found.end()


def _is_iban(compact: str) -> bool:
    turned = compact[4:] + compact[:4]
    return int("".join(str(int(character, 36)) for character in turned)) % 97 == 1
