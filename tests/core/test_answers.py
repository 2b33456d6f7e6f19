"""A source's words of consent become ours: of a key, only that one was pressed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.masks import read_event
from valv.core.answers import (
    Answer,
    ConsentRecord,
    How,
    Purpose,
    how_from,
    is_reuse_refused,
    purposes_in,
    restricts,
)
from valv.core.consent import consents_in, is_recording_accepted, is_restricted
from valv.core.events import Consent, Event
from valv.core.moments import parse_moment

AT = "2026-11-23T14:05:00Z"
WORDS = {
    "1": How.KEY, "pressed 1": How.KEY, "DTMF": How.KEY, "key": How.KEY,
    "Knapptryckning": How.KEY, "spoken": How.SPOKEN, "verbal_confirmation": How.SPOKEN,
    "Muntligt": How.SPOKEN, "web form": How.WEB, "checkbox": How.WEB,
    "signed_document": How.WRITTEN, "agent": How.AGENT, "timeout": How.NONE,
    "no answer": How.NONE, "Hang-up": How.NONE, "unknown key 7": How.NONE,
    "": How.UNKNOWN, "carrier pigeon": How.UNKNOWN,
}  # fmt: skip
PURPOSES = {
    "recording": {Purpose.RECORDING}, "Inspelning": {Purpose.RECORDING},
    "storage": {Purpose.STORAGE}, "to be stored": {Purpose.STORAGE},
    "quality": {Purpose.QUALITY}, "kvalitet": {Purpose.QUALITY},
    "TRAINING": {Purpose.TRAINING}, "utbildning": {Purpose.TRAINING},
    "quality and training": {Purpose.QUALITY, Purpose.TRAINING},
    "marketing": {Purpose.OTHER},
}  # fmt: skip


def told(type_: str, **data: object) -> Event:
    payload = {"event_id": "e", "session_id": "s", "type": type_, "at": AT}
    return read_event({**payload, "data": data})


@pytest.mark.parametrize("words", WORDS)
def test_how_it_was_answered_is_one_of_our_words(words: str) -> None:
    assert how_from(words) is WORDS[words]


@pytest.mark.parametrize("how", How)
def test_our_own_words_stay(how: How) -> None:
    assert how_from(how.value) is how


@given(st.text(alphabet="0123456789*# keypress", min_size=1))
def test_no_digit_is_left_of_a_key(words: str) -> None:
    event = told("consent.given", purpose="recording", how=words)

    assert isinstance(event.data, Consent)
    assert not set("0123456789*#") & set(event.data.how)


@pytest.mark.parametrize("how", [1, 1.5, True, None, ["1"], {"digit": "1"}])
def test_whatever_says_how_is_taken(how: object) -> None:
    event = told("consent.given", purpose="recording", how=how)

    assert isinstance(event.data, Consent)
    assert event.data.how in How


@pytest.mark.parametrize("words", PURPOSES)
def test_purposes_are_read_in_both_languages(words: str) -> None:
    assert purposes_in(words) == PURPOSES[words]


def test_an_answer_for_two_purposes_is_two_records() -> None:
    event = told("consent.refused", purpose="quality and training", question="Q2")

    assert [(one.purpose, one.answer, one.question) for one in consents_in(event)] == [
        (Purpose.QUALITY, Answer.NO, "Q2"),
        (Purpose.TRAINING, Answer.NO, "Q2"),
    ]


@pytest.mark.parametrize(
    ("data", "answer"),
    [
        ({"accepted": "true"}, Answer.YES),
        ({"accepted": False}, Answer.NO),
        ({"informed": True}, Answer.NONE),
    ],
)
def test_a_manual_start_tells_what_the_agent_was_told(
    data: dict[str, object], answer: Answer
) -> None:
    (one,) = consents_in(told("recording.requested", action="start", **data))

    assert (one.purpose, one.answer, one.how) == (Purpose.RECORDING, answer, How.AGENT)


def test_a_start_without_a_word_of_consent_is_no_answer() -> None:
    assert consents_in(told("recording.requested", action="start")) == ()


def test_a_box_that_was_ticked_is_an_answer() -> None:
    (one,) = consents_in(told("chat.storage_refused"))

    assert (one.purpose, one.answer, one.how) == (Purpose.STORAGE, Answer.NO, How.WEB)


def test_what_was_given_without_an_answer_is_no_acceptance() -> None:
    given = told("consent.given", purpose="recording", how="timeout")

    assert consents_in(given)[0].answer is Answer.NONE
    assert not is_recording_accepted([given])


@pytest.mark.parametrize("value", ["true", "TRUE", " Yes ", "1", 1, True])
def test_a_variable_restricts_in_any_spelling(value: object) -> None:
    assert restricts({"Set_Restricted": value})
    assert is_restricted([told("variable.set", name="SET_RESTRICTED", value=value)])


@pytest.mark.parametrize("value", ["false", "0", "no", "", None, "truth"])
def test_another_value_does_not(value: object) -> None:
    assert not restricts({"SET_RESTRICTED": value})


def test_a_masked_mark_is_taken_for_a_yes() -> None:
    assert is_restricted(
        [told("variable.set", name="SET_RESTRICTED", value="x", mask=True)]
    )


def test_once_restricted_it_stays() -> None:
    said = [told("variable.set", name="SET_RESTRICTED", value=v) for v in ("1", "no")]

    assert is_restricted(said)
    assert is_restricted(said[::-1])


@pytest.mark.parametrize("answer", Answer)
@pytest.mark.parametrize("purpose", Purpose)
def test_only_refused_re_use_restricts(purpose: Purpose, answer: Answer) -> None:
    at = parse_moment(AT, field="at")
    one = ConsentRecord(purpose=purpose, answer=answer, how=How.KEY, at=at)
    reuse = purpose not in (Purpose.RECORDING, Purpose.STORAGE)

    assert is_reuse_refused([one]) is (reuse and answer is not Answer.YES)
