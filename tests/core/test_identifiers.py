"""Identifiers compare by their normal form, and fragments find them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valv.core.errors import Malformed
from valv.core.identifiers import (
    Kind,
    read_identifier,
    read_pattern,
    swedish_key,
)
from valv.core.phones import Form

KINDS = st.sampled_from(Kind)
MOBILES = st.integers(min_value=0, max_value=9_999_999).map(lambda n: f"70{n:07}")


def normal(text: str, kind: Kind) -> str:
    return read_identifier(text, kind=kind, region="SE").normal


def finds(pattern: str, text: str, kind: Kind = Kind.PHONE) -> bool:
    return read_pattern(pattern, kind=kind, region="SE").fits(normal(text, kind))


@pytest.mark.parametrize(
    ("kind", "typed", "expected"),
    [
        (Kind.EMAIL, "Anna@EXAMPLE.com", "anna@example.com"),
        (Kind.EMAIL, "mailto:anna%40example.com?subject=x", "anna@example.com"),
        (Kind.EMAIL, "Anna <anna@example.com>", "anna@example.com"),
        (Kind.EMAIL, "a@xn--rksmrgs-5wao1o.se", "a@räksmörgås.se"),
        (Kind.EMAIL, "a@RÄKSMÖRGÅS.SE.", "a@räksmörgås.se"),
        (Kind.EMAIL, "a@xn--\u00e5.se", "a@xn--å.se"),
        (Kind.EMAIL, "a@xn--99999999999.se", "a@xn--99999999999.se"),
        (Kind.EMAIL, "not an address", "not an address"),
        (Kind.NAME, "  Anna   A\u030asa ", "anna åsa"),
        (Kind.HANDLE, "@Anna_B", "@anna_b"),
        (Kind.PHONE, "070-123 45 67", "+46701234567"),
    ],
)
def test_normal_forms(kind: Kind, typed: str, expected: str) -> None:
    assert normal(typed, kind) == expected


def test_what_is_shown_of_text_is_what_was_typed() -> None:
    name = read_identifier(" Anna  Åsa", kind=Kind.NAME, region="SE")

    assert (name.shown, name.form) == ("Anna Åsa", Form.TYPED)


def test_an_anonymous_name_is_nobody_but_a_handle_may_be_called_that() -> None:
    assert read_identifier("Anonymous", kind=Kind.NAME, region="SE").is_withheld
    assert normal("Anonymous", Kind.HANDLE) == "anonymous"


def test_two_streets_are_two_addresses() -> None:
    assert normal("a@straße.de", Kind.EMAIL) != normal("a@strasse.de", Kind.EMAIL)


@given(st.text(), KINDS)
def test_a_normal_form_is_its_own_normal_form(typed: str, kind: Kind) -> None:
    try:
        first = read_identifier(typed, kind=kind, region="SE")
    except Malformed:
        return
    if first.is_withheld:
        return

    assert normal(first.normal, kind) == first.normal


@given(KINDS)
def test_a_kind_is_known_by_its_number(kind: Kind) -> None:
    assert Kind.numbered(kind.number) is kind


def test_the_numbers_of_kinds_never_change() -> None:
    assert [kind.number for kind in Kind] == [0, 1, 2, 3]


@given(MOBILES, st.integers(min_value=1, max_value=9))
def test_a_piece_of_a_number_finds_it_in_national_form(mobile: str, cut: int) -> None:
    typed = f"0{mobile}"

    assert finds(f"{typed[:cut]}*", typed)
    assert finds(f"*{typed[-cut:]}", typed)
    assert finds(f"*{typed[-cut:]}*", typed)
    assert finds(f"*{typed[:cut]}*", typed)


@given(MOBILES, st.integers(min_value=3, max_value=9))
def test_a_piece_in_international_form_finds_it(mobile: str, cut: int) -> None:
    piece = mobile[:cut]

    assert finds(f"+46{piece}*", f"0{mobile}")
    assert finds(f"0046 {piece}*", f"0{mobile}")
    assert finds(f"01146-{piece}*", f"0{mobile}")
    assert finds(f"46{piece}*", f"0{mobile}")
    assert finds(f"+46 (0){piece}*", f"0{mobile}")


@pytest.mark.parametrize(
    ("pattern", "typed"),
    [
        ("070 12*", "070-123 45 67"),
        ("*0701234567", "+46701234567"),
        ("*", "0701234567"),
        ("tel*", "Telia"),
        ("9051*", "90510"),
        ("*-*", "a-b"),
        ("011-19*", "011-19 10 00"),
    ],
)
def test_fragments_that_find(pattern: str, typed: str) -> None:
    assert finds(pattern, typed)


@pytest.mark.parametrize(
    ("pattern", "typed"),
    [
        ("070124*", "0701234567"),
        ("*4568", "0701234567"),
        ("0701234567", "0701234568"),
        ("*0709999999", "0701234567"),
    ],
)
def test_fragments_that_do_not_find(pattern: str, typed: str) -> None:
    assert not finds(pattern, typed)


def test_a_national_fragment_becomes_a_prefix_of_e164() -> None:
    texts = [
        f.text
        for f in read_pattern("070123*", kind=Kind.PHONE, region="SE").alternatives
    ]

    assert texts == ["070123", "+4670123"]


@pytest.mark.parametrize(
    ("region", "pattern", "typed"),
    [
        ("US", "977*", "(977) 625-2661"),
        ("US", "1977*", "(977) 625-2661"),
        ("IT", "06 12*", "06 1234 5678"),
        ("NO", "22*", "22 12 34 56"),
    ],
)
def test_fragments_follow_the_region(region: str, pattern: str, typed: str) -> None:
    phone = read_identifier(typed, kind=Kind.PHONE, region=region)

    assert read_pattern(pattern, kind=Kind.PHONE, region=region).fits(phone.normal)


@pytest.mark.parametrize(
    ("kind", "pattern", "typed"),
    [
        (Kind.EMAIL, "*@Example.com", "anna@example.com"),
        (Kind.EMAIL, "*@xn--rksmrgs-5wao1o.se", "a@räksmörgås.se"),
        (Kind.NAME, "ANNA*", "anna b"),
        (Kind.NAME, "*åsa*", "Anna A\u030asa Ek"),
        (Kind.HANDLE, "@anna", "@Anna"),
    ],
)
def test_fragments_of_text_are_case_blind(kind: Kind, pattern: str, typed: str) -> None:
    assert finds(pattern, typed, kind)


def test_without_a_star_a_hash_will_do() -> None:
    assert read_pattern("0701234567", kind=Kind.PHONE, region="SE").is_exact
    assert not read_pattern("*4567", kind=Kind.PHONE, region="SE").is_exact


def test_withheld_callers_can_be_asked_for() -> None:
    pattern = read_pattern("withheld", kind=Kind.PHONE, region="SE")

    assert pattern.withheld
    assert not pattern.fits("+46701234567")


def test_an_empty_pattern_is_malformed() -> None:
    with pytest.raises(Malformed):
        read_pattern(" ", kind=Kind.NAME, region="SE")


def test_swedish_order_is_case_blind_with_three_letters_after_z() -> None:
    names = ["Östen", "Zorn", "Åke", "Ärla", "adam", "Évas", "Eva", "Yngve", "Ülle"]

    ordered = sorted(names, key=swedish_key)

    assert ordered == [
        "adam", "Eva", "Évas", "Ülle", "Yngve", "Zorn", "Åke", "Ärla", "Östen",
    ]  # fmt: skip


def test_swedish_order_does_not_mind_how_letters_are_composed() -> None:
    assert swedish_key("A\u030a") == swedish_key("å")
