"""Numbers and addresses in plain texts are seen; dates, clocks and ids are not."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valv.core.errors import Malformed
from valv.core.traces import (
    contains_address,
    contains_number,
    leads_to_somebody,
    refuse_traces,
)


@pytest.mark.parametrize(
    "text",
    [
        "0701234567",
        "+46701234567",
        "0046701234567",
        "46701234567",
        "Callback 070-123 45 67",
        "in-0701234567-20261123-140500.wav",
        "in-46701234567-20261123-140500-1763900000.12345.wav",
        "q-500-0701234567-20261123-140500-1763900000.123.wav",
        "2026-11-23-0701234567",
        "tel0701234567",
        "0701234567x",
        "abc+46701234567",
        "session_+46701234567_1",
        "08-123 456 78",
        "+46 (0)70 123 45 67",
        "070\u00a0123\u00a045\u00a067",
    ],
)
def test_a_number_is_seen(text: str) -> None:
    assert contains_number(text, region="SE")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Support",
        "support-1",
        "1234567890123456789",
        "0012345678901234567",
        "05cec3d4-0561-4010-9fb8-23cc7edef146.mp3",
        "2026-01-02-08-15-30",
        "20260102081530",
        "20260102-081530",
        "2026-01-02T08:15:30.123Z",
        "1763900000.12345",
        "1763900000000",
        "9f0701234567ab",
        "s-000123",
        "Queue 112",
        "+999123456789",
        "Kö 1 (08-17)",
    ],
)
def test_dates_clocks_and_ids_are_no_numbers(text: str) -> None:
    assert not contains_number(text, region="SE")


@pytest.mark.parametrize(
    ("text", "region"),
    [("in-2015550123.wav", "US"), ("22123456", "NO"), ("12015550123", "US")],
)
def test_regions_without_a_trunk_zero_write_bare_numbers(
    text: str, region: str
) -> None:
    assert contains_number(text, region=region)


@given(st.uuids())
def test_a_uuid_is_no_number(identifier: uuid.UUID) -> None:
    assert not contains_number(str(identifier), region="SE")


@given(st.integers(min_value=10**15, max_value=10**19), st.sampled_from(["SE", "US"]))
def test_a_long_id_is_no_number(number: int, region: str) -> None:
    assert not contains_number(str(number), region=region)


@given(
    st.integers(min_value=0, max_value=9_999_999),
    st.sampled_from(["070{}", "+4670{}", "004670{}", "4670{}", "call-070{}-7"]),
)
def test_every_swedish_mobile_number_is_seen(number: int, written: str) -> None:
    assert contains_number(written.format(f"{number:07}"), region="SE")


@pytest.mark.parametrize(
    "text",
    [
        "anna@example.com",
        "Chat with anna.ek+shop@kund.example.se at ten",
        "mailto:anna@example.com",
        "<ANNA@EXAMPLE.COM>",
        "åsa@räksmörgås.se",
        "anna@xn--rksmrgs-5wao1o.xn--p1ai",
        "abba@example.com",
        "1234@example.com",
    ],
)
def test_an_address_is_seen(text: str) -> None:
    assert contains_address(text)
    assert leads_to_somebody(text, region="SE")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Support",
        "@support",
        "ten @ noon",
        "a@b",
        "session@localhost",
        "a84b4c76e66710@pc33.atlanta.com",
        "f81d4fae-7dec-11d0-a765-00a0c91e6bf6@foo.bar.com",
        "1711718406.12@pbx.example.com",
        "3848276298220188511@atlanta.example.com",
        "q@10.0.0.1",
    ],
)
def test_call_ids_and_other_uses_of_the_sign_are_no_addresses(text: str) -> None:
    assert not contains_address(text)


@given(st.uuids(), st.sampled_from(["a.example.com", "sip.telia.se"]))
def test_a_call_id_is_no_address(identifier: uuid.UUID, host: str) -> None:
    assert not leads_to_somebody(f"{identifier}@{host}", region="SE")


@pytest.mark.parametrize("text", ["He asked, 070-123 45 67", "anna@example.com asked"])
def test_what_leads_to_somebody_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(Malformed) as refused:
        refuse_traces(text, region="SE", field="reason")

    assert refused.value.field == "reason"
    assert text not in str(refused.value)
