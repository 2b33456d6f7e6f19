"""Law 3: masked digits exist nowhere after the request that carried them.

Digits are planted, and looked for in every byte of both databases, blobs and files, in
all that is logged, and in every answer. Digits that were not masked are found, so the
search is known to see.
"""

import logging

import msgspec
import pytest

from tests.intake.asking import Source, event
from tests.laws.canary import places_of

CANARY, SEEN = "7319046285", "kept-4417"
pytestmark = pytest.mark.django_db(transaction=True)


def masked(mask: object) -> list[object]:
    """All places that may carry masked digits, and lines that are refused."""
    return [
        event(0, "session.started", media="phone"),
        event(1, "digits.entered", module="id", digits=CANARY, mask=mask),
        event(2, "digits.entered", module="id", digits=int(CANARY), mask=mask),
        event(3, "variable.set", name="pin", value=CANARY, mask=mask),
        event(4, "variable.set", name="pin", value=int(CANARY), mask=mask),
        event(5, "digits.entered", digits=CANARY, mask=mask, unknown=CANARY),
        event(6, "digits.entered", digits=[CANARY], mask=mask),
        event(7, "variable.set", name="pin", value={"v": CANARY}, mask=mask),
        event(8, "digits.entered", digits=CANARY, mask="perhaps"),
    ]


@pytest.mark.parametrize("mask", [True, "true", "True"])
def test_masked_digits_are_nowhere(
    source: Source, mask: object, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    answer = source.ask("POST", "/events", b"\n".join(map(encoded, masked(mask))))

    refused = [line["line"] for line in answer.json()["refused"]]
    assert (answer.status_code, refused) == (200, [6, 7, 8, 9])
    assert CANARY not in answer.content.decode()
    assert CANARY not in caplog.text
    assert CANARY not in str(source.item("S1"))
    raw = source.ask("GET", "/raw-events")
    assert CANARY not in raw.getvalue().decode()
    assert places_of(CANARY) == set()


def test_the_search_for_digits_sees_what_is_kept(source: Source) -> None:
    source.tell(event(0, "session.started", media="phone", session=SEEN))

    assert places_of(SEEN)


def test_a_masked_value_in_a_later_event_does_not_bring_an_earlier_back(
    source: Source,
) -> None:
    source.tell(event(0, "session.started", media="phone"))
    source.tell(event(1, "variable.set", name="pin", value=CANARY, mask=True))

    assert source.item("S1")["variables"] == {}


def encoded(payload: object) -> bytes:
    return msgspec.json.encode(payload)
