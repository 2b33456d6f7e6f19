"""Secret numbers are told by their check digits, however they are written."""

from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.masks import AS_ONE_BEGINS, masking
from valv.core import national_ids
from valv.core.payment_numbers import is_card
from valv.core.secret_numbers import Secret, secrets_in

CARD = "4111111111111111"
IBAN = "SE4550000000058398257466"
TOLVAN = "191212121212"


def masked(text: str) -> str:
    return AS_ONE_BEGINS.text(text)


def check(digits: str) -> str:
    """The digits with their Luhn digit."""
    return next(whole for n in "0123456789" if national_ids.luhn(whole := digits + n))


WRITTEN = {
    "[card]": [
        CARD, "4111 1111 1111 1111", "4111-1111-1111-1111", "4111.1111.1111.1111",
        "4111 - 1111 - 1111 - 1111", "4111  1111  1111  1111", "4111\n1111\n1111 1111",
        "4111\u00a01111\u20091111\u202f1111", "4111–1111–1111–1111",
        "\uff14\uff11\uff11\uff11" + CARD[4:],
        " ".join(CARD), "41 11 11 11 11 11 11 11",
        "3782 822463 10005", "3056 930902 5904", "378282246310005", "5019717010103742",
        "2223003122003222", "6759649826438453", "4222222222222", "4917610000000000003",
        "6200000000000005", "3530111333300000", "6011111111111117",
    ],
    "[personal number]": [
        "19121212-1212", "191212121212", "121212-1212", "121212+1212", "1212121212",
        "121212 1212", "19121212 1212", "1912-12-12-1212", "12 12 12 1212",
        "121212–1212", "12 12 12 12 12", "1 2 1 2 1 2 1 2 1 2", "701063-2391",
        "01017050040", "010170 50040", "010170-50040", "01.01.70 50040",
        "061093-7438", "0610937438", "06.10.93-7438", "010165-0000", "010186 0000",
        "131052-308T", "131052-308t", "131052Y308T", "010101A900R", "010101+900R",
    ],
    "[IBAN]": [
        IBAN, "SE45 5000 0000 0583 9825 7466", "SE45-5000-0000-0583-9825-7466",
        IBAN.lower(), "NO9386011117947", "NO93 8601 1117 947", "DK5000400440116243",
        "FI21 1234 5600 0007 85", "GB29 NWBK 6016 1331 9268 19",
        "MT84 MALT 0110 0001 2345 MTLC AST0 01S", "DE89370400440532013000",
        "SE45 5000\n0000 0583 9825 7466",
    ],
}  # fmt: skip
SHAPES = [(mark, text) for mark, texts in WRITTEN.items() for text in texts]


@pytest.mark.parametrize(("mark", "text"), SHAPES)
@pytest.mark.parametrize(
    "around", ["{}", "nr:{}", "({}), ok", "Ja, {}.", "x {} y", "ä{}"]
)
def test_it_is_masked_however_it_is_written(mark: str, text: str, around: str) -> None:
    if around == "ä{}" and not text[0].isdigit():
        around = "ä {}"

    assert masked(around.format(text)) == around.format(mark)


@pytest.mark.parametrize("between", [" \u2013 ", "\n", ". ", " - ", " "])
@pytest.mark.parametrize(
    ("mark", "before"),
    [
        ("[IBAN]", "DE60 0000 5906 9782 6286 84"),
        ("[card]", "22 23 00 31 22 00 32 22"),
    ],
)
def test_one_right_after_another_is_masked(
    mark: str, before: str, between: str
) -> None:
    pairs = "22 23 00 31 22 00 32 22"

    assert masked(f"{before}{between}{pairs}") == f"{mark}{between}[card]"


@pytest.mark.parametrize("between", [" \u2013 ", "\n", ". "])
def test_one_after_a_date_is_masked(between: str) -> None:
    pairs = "22 23 00 31 22 00 32 22"

    assert masked(f"11/27{between}{pairs}") == f"11/27{between}[card]"


LEFT = [
    "4111111111111112", "411111111111111", "41111111111111111", "9" + CARD, CARD + "0",
    "x" + CARD + "y", "77-" + CARD, CARD + "-05", "4111 11 1111 1111 11",
    "1111 1111 1111 1117", "191212121213", "121312-1212", "19121212-1213",
    "17121212-1212", "01017050041", "32017050040", "061093-7439", "020265-0000",
    "010101-0000", "131052-308U", "131052Z308T", "131052-001Y", "a131052-308T",
    "SE4550000000058398257467", "SE455000000005839825746", "XX" + IBAN[2:],
    IBAN + "9", "SE45 personer kommer", "556016-0680", "16556016-0680", "+46701740610",
    "0046701740610", "+45 12 12 12 12 12", "070-174 06 10", "0701740610",
    "2026-11-23 14:05:00", "2026-11-23 - 2026-12-01", "23.11.2026 - 24.11.2026",
    "10.4.2.1187", "192.168.100.200", "550e8400-e29b-41d4-a716-446655440000",
    "4006381333931", "1710600560.12", "974 760 673", "1234567-1", "12 345 678 901,50",
]  # fmt: skip


@pytest.mark.parametrize("text", LEFT)
def test_what_is_none_is_left_alone(text: str) -> None:
    assert masked(f"nr {text} kr") == f"nr {text} kr"


@pytest.mark.parametrize("home", ["SE", "FI"])
def test_a_phone_number_of_the_region_is_none(home: str) -> None:
    numbers = {"SE": "0701129801", "FI": "0401010120"}

    assert masking(home).text(numbers[home]) == numbers[home]


def test_what_is_a_phone_number_elsewhere_only_is_masked() -> None:
    danish = next(
        number
        for serial in range(5000, 9000)
        if national_ids.is_danish(number := f"010190{serial}")
    )

    assert masking("DK").text(danish) == "[personal number]"
    assert masking("SE").text(danish) == danish
    assert masking("SE").text(f"{danish[:6]}-{danish[6:]}") == "[personal number]"


@pytest.mark.parametrize("secret", Secret)
def test_a_kind_that_is_off_is_left_alone(secret: Secret) -> None:
    texts = {
        Secret.CARD: CARD, Secret.IBAN: IBAN, Secret.SWEDISH: "19121212-1212",
        Secret.NORWEGIAN: "01017050040", Secret.DANISH: "061093-7438",
        Secret.FINNISH: "131052-308T",
    }  # fmt: skip
    off = masking(off=frozenset({secret}))

    assert off.text(texts.pop(secret)).startswith(WRITTEN_OF[secret])
    assert not any(char.isdigit() for text in texts.values() for char in off.text(text))


WRITTEN_OF = {
    Secret.CARD: CARD, Secret.IBAN: "SE45", Secret.SWEDISH: "1912",
    Secret.NORWEGIAN: "0101", Secret.DANISH: "0610", Secret.FINNISH: "1310",
}  # fmt: skip

around = st.text("abcåäö ,.!?\n", max_size=20).map(lambda text: text + " ")
body = st.text("0123456789", min_size=13, max_size=13)


@given(
    before=around, digits=body, after=around, by=st.sampled_from(["", " ", "-", "."])
)
def test_any_card_in_any_text_is_masked(
    before: str, digits: str, after: str, by: str
) -> None:
    card = check("55" + digits)
    assert is_card(card)
    ends = accumulate([4, 4, 4, 4], initial=0)
    grouped = by.join(card[start : start + 4] for start in list(ends)[:-1])

    assert masked(f"{before}{grouped} {after}") == f"{before}[card] {after}"


@given(st.text("0123456789 -.+AXSEä\n", max_size=60))
def test_masking_twice_is_masking_once(text: str) -> None:
    once = masked(text)

    assert masked(once) == once


@given(st.text("0123456789 -.+AXSEä\n", max_size=60))
def test_what_is_found_lies_in_the_text(text: str) -> None:
    for span in secrets_in(text, kinds=set(Secret), region="SE"):
        assert 0 <= span.start < span.end <= len(text)
        assert text[span.start].isalnum()
        assert text[span.end - 1].isalnum()
