"""What comes in is bounded, in UTC, and never the body of an e-mail."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from valv.core.email_bodies import refuse_body
from valv.core.errors import BadRequest, Malformed, Refused
from valv.core.interaction import (
    AgentRef,
    ChatLog,
    ContentKind,
    ContentState,
    Direction,
    General,
    Media,
    RecordingPart,
    Sender,
    SurveyAnswer,
    as_text,
    decoded,
    decoded_json,
    is_true,
    refuse_content,
)

START = "2026-11-23T14:05:00.123456+01:00"


def test_the_numbers_of_words_never_change() -> None:
    assert [m.value for m in Media] == ["phone", "chat", "email", "etask", "social"]
    assert [d.value for d in Direction] == ["inbound", "outbound", "internal"]
    assert [k.value for k in ContentKind] == ["recording", "chat_log", "transcript"]
    assert [(s.number, s.value) for s in ContentState] == list(
        enumerate(["awaiting", "present", "deleted", "expired", "refused"])
    )


@pytest.mark.parametrize("media", Media)
def test_a_word_is_known_by_its_number(media: Media) -> None:
    assert Media.numbered(media.number) is media


def test_absent_and_cleared_are_told_apart() -> None:
    general = decoded({"started_at": START, "queue": None}, General)

    assert general.queue is None
    assert general.subject is UNSET


def test_times_become_utc_in_milliseconds() -> None:
    general = decoded({"started_at": START}, General)

    assert general.started_at == datetime(2026, 11, 23, 13, 5, 0, 123000, tzinfo=UTC)
    assert general.started_at.tzinfo is UTC


def test_an_agent_may_be_a_bare_id_and_stands_once() -> None:
    payload = {"started_at": START, "agents": ["a1", {"id": "b", "name": "Bo"}, "a1"]}

    assert decoded(payload, General).agent_refs == (AgentRef("a1"), AgentRef("b", "Bo"))


def test_variables_become_text() -> None:
    variables = {"a": True, "b": 3, "c": 1.5, "d": "x", "e": None}

    general = decoded({"started_at": START, "variables": variables}, General)

    assert general.variables == {
        "a": "true", "b": "3", "c": "1.5", "d": "x", "e": None,
    }  # fmt: skip


def test_a_party_tells_what_it_has() -> None:
    party = {"phone": "0701234567", "email": None, "name": ""}
    general = decoded({"started_at": START, "identifiers": party}, General)

    assert general.identifiers
    assert general.identifiers.typed() == {"phone": "0701234567"}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"started_at": "2026-11-23T14:05:00"}, "started_at"),
        ({"started_at": None}, "started_at"),
        ({"media": "fax"}, "media"),
        ({"media": None}, "media"),
        ({"talk_seconds": -1}, "talk_seconds"),
        ({"ended_at": "2020-01-01T00:00:00Z"}, "ended_at"),
        ({"url": "javascript:alert(1)"}, "url"),
        ({"queue": "x" * 201}, "queue"),
        ({"identifiers": {"phone": 701234567}}, "identifiers.phone"),
        ({"agents": [{"id": ""}]}, "agents[0].id"),
        ({"contents": []}, None),
    ],
)
def test_a_bad_field_is_named(change: dict[str, object], field: str | None) -> None:
    with pytest.raises(Malformed) as caught:
        decoded({"started_at": START} | change, General)

    assert caught.value.field == field


@pytest.mark.parametrize(
    "change",
    [{"media": "+46701234567 'x'"}, {"media": '"0701234567'}, {"0701234567": 1}],
)
def test_an_error_does_not_quote_what_was_sent(change: dict[str, object]) -> None:
    with pytest.raises(Malformed) as caught:
        decoded({"started_at": START} | change, General)

    assert "701234567" not in f"{caught.value.detail} {caught.value.field}"


def test_an_unknown_field_is_named_if_it_looks_like_one() -> None:
    with pytest.raises(Malformed, match="unknown field `contents`"):
        decoded({"started_at": START, "contents": []}, General)


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 100_000, b"[]"])
def test_a_body_that_is_not_what_was_asked_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        decoded_json(body, ChatLog)


def test_a_chat_log_is_read() -> None:
    body = b'{"messages":[{"at":"2026-11-23T14:05:00Z","from":"customer","text":"Hi"}]}'

    (message,) = decoded_json(body, ChatLog).messages

    assert (message.sender, message.text, message.name) == (Sender.CUSTOMER, "Hi", None)


def test_a_recording_has_its_time_in_utc() -> None:
    at = datetime.fromisoformat(START)

    part = RecordingPart(n=1, started_at=at)

    assert part.started_at == datetime(2026, 11, 23, 13, 5, 0, 123000, tzinfo=UTC)


def test_a_survey_is_on_a_scale() -> None:
    survey = decoded({"score": 9, "comment": "quick"}, SurveyAnswer)

    assert (survey.score, survey.scale) == (9, (0, 10))


@pytest.mark.parametrize(
    "payload",
    [{"score": 11}, {"score": 5, "scale": [10, 0]}, {}, {"score": 6, "scale": [1, 5]}],
)
def test_a_score_off_its_scale_is_malformed(payload: dict[str, object]) -> None:
    with pytest.raises(Malformed):
        decoded(payload, SurveyAnswer)


@pytest.mark.parametrize("name", ["body", "HTML", "body_html", "Text-Body", "messages"])
@pytest.mark.parametrize("media", [Media.EMAIL, Media.ETASK])
def test_the_body_of_an_email_is_refused_at_any_depth(name: str, media: Media) -> None:
    with pytest.raises(Refused) as caught:
        refuse_body({"variables": [{"x": {name: "Dear"}}]}, media=media)

    assert caught.value.rule == "email_body"


@given(st.sampled_from([Media.PHONE, Media.CHAT, Media.SOCIAL, None]))
def test_other_media_may_have_such_names(media: Media | None) -> None:
    refuse_body({"text": "Hi"}, media=media)


def test_a_name_with_nothing_under_it_passes() -> None:
    refuse_body({"subject": "x", "body": None, "contents": []}, media=Media.EMAIL)


@pytest.mark.parametrize(
    ("media", "rule"),
    [
        (Media.EMAIL, "email_body"),
        (Media.ETASK, "email_body"),
        (Media.SOCIAL, "social_content"),
    ],
)
def test_media_without_content_refuse_it(media: Media, rule: str) -> None:
    with pytest.raises(Refused) as caught:
        refuse_content(media, social_kept=False)

    assert caught.value.rule == rule


def test_social_content_is_kept_where_the_tenant_says_so() -> None:
    refuse_content(Media.SOCIAL, social_kept=True)
    refuse_content(Media.PHONE, social_kept=False)


@pytest.mark.parametrize("value", [True, "true", " TRUE "])
def test_true_and_the_word_true_are_equal(value: object) -> None:
    assert is_true(value)


@pytest.mark.parametrize("value", [False, "false", None, 0, "", {}])
def test_nothing_else_is_true(value: object) -> None:
    assert not is_true(value)


def test_whole_numbers_have_no_point() -> None:
    assert as_text(3.0) == "3"


@pytest.mark.parametrize(
    "at",
    ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "1969-12-31T23:59:59Z"],
)
@pytest.mark.parametrize("name", ["started_at", "ended_at"])
def test_a_time_at_the_ends_of_the_calendar_is_malformed(name: str, at: str) -> None:
    with pytest.raises(Malformed) as raised:
        decoded({"started_at": "2026-11-20T10:00:00Z", name: at}, General)
    assert raised.value.field == name


@pytest.mark.parametrize("word", ["\0", "a\0b", "a\0", "a\0\n", "a\n\0"])
def test_a_word_has_no_nul(word: str) -> None:
    with pytest.raises(Malformed, match="without NUL") as raised:
        decoded({"started_at": "2026-11-20T10:00:00Z", "queue": word}, General)
    assert raised.value.field == "queue"


@pytest.mark.parametrize("body", [b"", b"hej", b'{"messages":', b'{"a": NaN}', b"\xff"])
def test_what_is_no_json_cannot_be_read_at_all(body: bytes) -> None:
    with pytest.raises(BadRequest):
        decoded_json(body, ChatLog)


def test_json_of_another_shape_is_malformed() -> None:
    with pytest.raises(Malformed) as raised:
        decoded_json(b'{"messages": 5}', ChatLog)
    assert not isinstance(raised.value, BadRequest)
