"""One number, however it is written, is one number; nothing else is dropped."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valv.core.errors import Malformed
from valv.core.phones import (
    Form,
    checked_region,
    folded,
    forget_spellings,
    read_phone,
)

REGIONS = st.sampled_from(["SE", "NO", "US", "GB", "IT", "RU", "HU", "DE", "FO"])
SPELLINGS = [
    "070-123 45 67",
    "0701234567",
    "070/1234567",
    "+46701234567",
    "0046701234567",
    "01146701234567",
    "+46 (0)70 123 45 67",
    "tel:+46701234567",
    "tel:070-1234567;phone-context=+46",
    "sip:+46701234567@example.com;user=phone",
    "sip:070-1234567@example.com;user=phone",
    "\u202a+46\u00a070 123 45 67\u202c",
    "\u0660701234567",
]


@pytest.mark.parametrize("typed", SPELLINGS)
def test_all_spellings_are_one_number(typed: str) -> None:
    phone = read_phone(typed, region="SE")

    assert (phone.normal, phone.shown) == ("+46701234567", "+46701234567")
    assert phone.form is Form.E164


@pytest.mark.parametrize("typed", ["0046701234567", "01146701234567", "+46701234567"])
@pytest.mark.parametrize("region", ["SE", "US", "GB", "JP", "AU", "NO"])
def test_00_and_011_are_read_as_plus_in_every_region(typed: str, region: str) -> None:
    assert read_phone(typed, region=region).normal == "+46701234567"


def test_a_number_of_norrkoping_is_not_taken_for_one_abroad() -> None:
    assert read_phone("011-19 10 00", region="SE").normal == "+4611191000"
    assert read_phone("011-49 30 12", region="SE").normal == "+4611493012"


@pytest.mark.parametrize(
    ("typed", "normal", "form"),
    [
        ("112", "112", Form.SHORT),
        ("90 510", "90510", Form.SHORT),
        ("118118", "118118", Form.SHORT),
        ("Telia", "telia", Form.TYPED),
        ("1-800-FLOWERS", "1-800-flowers", Form.TYPED),
        ("+46", "+46", Form.TYPED),
        ("12345678901234567", "12345678901234567", Form.NATIONAL),
        ("sip:Anna@Example.com;transport=tcp", "sip:anna@example.com", Form.SIP),
        ("SIPS:112@example.com", "sip:112@example.com", Form.SIP),
        ("sip:+46@example.com", "sip:+46@example.com", Form.SIP),
        ("tel:112", "112", Form.SHORT),
    ],
)
def test_what_is_no_full_number_is_typed_and_kept(
    typed: str, normal: str, form: Form
) -> None:
    phone = read_phone(typed, region="SE")

    assert (phone.normal, phone.form) == (normal, form)


def test_a_number_possible_only_within_its_area_stays_local() -> None:
    phone = read_phone("555-5555", region="US")

    assert (phone.normal, phone.form) == ("5555555", Form.NATIONAL)


@pytest.mark.parametrize(
    "typed",
    [
        "anonymous",
        "Withheld",
        "UNKNOWN",
        "<unknown>",
        "Dolt nummer",
        "sip:anonymous@anonymous.invalid",
        "sip:x@anonymous.invalid",
        '"Anonymous"',
    ],
)
def test_a_withheld_number_identifies_nobody(typed: str) -> None:
    phone = read_phone(typed, region="SE")

    assert (phone.normal, phone.shown, phone.form) == ("", "", Form.WITHHELD)


@pytest.mark.parametrize(
    "typed",
    ["070-123 45 67 ext 12", "0701234567;ext=12", "0701234567 #12", "0701234567x12"],
)
def test_an_extension_stands_apart(typed: str) -> None:
    phone = read_phone(typed, region="SE")

    assert (phone.normal, phone.extension) == ("+46701234567", "12")


@pytest.mark.parametrize("typed", ["", "  ", "\u200b", "x" * 321, "a\x00b", "\ud800"])
def test_what_cannot_be_read_is_malformed(typed: str) -> None:
    with pytest.raises(Malformed):
        read_phone(typed, region="SE")


@given(st.text(alphabet="+0123456789 ()-.#x", min_size=1, max_size=24), REGIONS)
def test_a_normal_form_is_its_own_normal_form(typed: str, region: str) -> None:
    try:
        phone = read_phone(typed, region=region)
    except Malformed:
        return

    again = read_phone(phone.normal, region=region)

    assert again.normal == phone.normal


@given(st.text(), REGIONS)
def test_any_text_is_read_or_malformed(typed: str, region: str) -> None:
    try:
        phone = read_phone(typed, region=region)
    except Malformed:
        return

    assert bool(phone.normal) is (phone.form is not Form.WITHHELD)


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert folded(folded(text)) == folded(text)


def test_a_region_is_known_or_malformed() -> None:
    assert checked_region("se") == "SE"
    with pytest.raises(Malformed):
        checked_region("XX")


def test_spellings_can_be_forgotten() -> None:
    read_phone("0701234567", region="SE")

    forget_spellings()

    assert read_phone.cache_info().currsize == 0
