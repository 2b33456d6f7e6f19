"""The odder shapes that real writers give to the parts of a vCon."""

import json
from typing import Any

import pytest

from valv.core.errors import Malformed
from valv.core.interaction import Arrival, Sender
from valv.core.vcon import read_vcon
from valv.core.vcon_fields import body_value, from_base64


def read(**parts: Any) -> Arrival:
    vcon = {"uuid": "u1", "created_at": "2026-03-01T09:00:00", **parts}
    return read_vcon(json.dumps(vcon).encode())


def transcript_of(*bodies: object) -> Arrival:
    return read(
        dialog=[{"type": "recording", "filename": "a.mp3"}],
        analysis=[{"type": "transcript", "dialog": 0, "body": body} for body in bodies],
    )


@pytest.mark.parametrize(
    "body",
    ["Hello", ["Hello"], {"text": "Hello"}, {"transcript": {"text": "Hello"}}],
)
def test_a_transcript_may_be_one_text(body: object) -> None:
    (transcript,) = transcript_of(body).transcripts

    assert [u.text for u in transcript.utterances] == ["Hello"]


@pytest.mark.parametrize("body", [5, {}, [], [None, 7], {"words": 1}, None, " "])
def test_a_transcript_without_words_is_passed_over(body: object) -> None:
    assert transcript_of(body).transcripts == ()


def test_the_first_transcript_of_a_recording_counts() -> None:
    (transcript,) = transcript_of("one", "two").transcripts

    assert transcript.utterances[0].text == "one"


def test_a_transcript_nested_without_end_is_passed_over() -> None:
    body: object = "x"
    for _ in range(200):
        body = {"text": body}

    assert transcript_of(body).transcripts == ()


def test_a_base64_text_is_unpacked() -> None:
    chat = {"type": "text", "body": "SGVq", "encoding": "base64url"}

    arrival = read(dialog=[chat])

    assert arrival.chat_log
    assert arrival.chat_log.messages[0].text == "Hej"


def test_a_text_that_only_looks_like_json_stays_a_text() -> None:
    assert body_value({"body": "{not json"}, field="body") == "{not json"


def test_a_message_that_is_no_text_is_passed_over() -> None:
    assert read(dialog=[{"type": "text", "body": [1]}]).chat_log is None


def test_a_survey_that_is_no_object_is_passed_over() -> None:
    assert read(attachments=[{"purpose": "survey", "body": "9"}]).survey is None


@pytest.mark.parametrize(
    "body",
    [
        "yes",
        {"purpose_grants": "all"},
        {"purpose_grants": [1, {"purpose": "recording", "granted": True}]},
        {"purpose_grants": [{"purpose": "training", "granted": False}]},
    ],
)
def test_other_grants_are_no_refusal(body: object) -> None:
    arrival = read(attachments=[{"purpose": "lawful_basis", "body": body}])

    assert not arrival.recording_refused


def test_a_refused_storage_is_told() -> None:
    grants = {"purpose_grants": [{"purpose": "storage", "granted": "false"}]}

    assert read(attachments=[{"purpose": "consent", "body": grants}]).storage_refused


def test_a_sum_under_an_unknown_algorithm_is_passed_over() -> None:
    dialog = {"type": "recording", "filename": "a", "alg": "LMOTS", "signature": "x"}

    assert read(dialog=[dialog]).recordings[0].digests == ()


@pytest.mark.parametrize("value", ["a", "åäö", "%%%%"])
def test_what_is_not_base64_is_malformed(value: str) -> None:
    with pytest.raises(Malformed):
        from_base64(value, field="body")


def test_a_speaker_nobody_knows_is_taken_for_someone_outside() -> None:
    (transcript,) = transcript_of([{"speaker": 99, "text": "Hi"}]).transcripts

    assert transcript.utterances[0].sender is Sender.CUSTOMER
