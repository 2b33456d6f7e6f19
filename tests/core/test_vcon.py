"""A vCon of any draft becomes one arrival, or is refused with a reason."""

import base64
import hashlib
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valv.core.errors import BadRequest, Malformed, Refused, TooLarge, ValvError
from valv.core.interaction import AgentRef, Arrival, Direction, Media, Sender
from valv.core.vcon import read_vcon
from valv.core.vcon_content import check_digest

SAMPLES = Path(os.environ.get("VALV_SAMPLES", "../shared/data")) / "vcons"
AUDIO = b"RIFF and so on"
SUM = hashlib.sha512(AUDIO).digest()


def url64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def recording(**more: Any) -> dict[str, Any]:
    return {
        "type": "recording",
        "start": "2026-03-01T08:51:10Z",
        "duration": 60,
        "parties": [0, 1],
        "mediatype": "audio/x-wav",
        "body": url64(AUDIO),
        "encoding": "base64url",
        **more,
    }


def call(**more: Any) -> dict[str, Any]:
    return {
        "vcon": "0.4.0",
        "uuid": "019f15a6-a752-826f-b9a2-279e0d16bc46",
        "created_at": "2026-03-01T09:00:00Z",
        "parties": [
            {"tel": "tel:+46701234567", "name": "Anna", "role": "customer"},
            {"tel": "+468000", "name": "Bo", "uuid": "a1", "role": "agent"},
        ],
        "dialog": [recording()],
        **more,
    }


def chat(*texts: tuple[int, str], **more: Any) -> dict[str, Any]:
    dialogs = [
        {
            "type": "text",
            "start": f"2026-03-01T08:51:{n:02}Z",
            "parties": [party],
            "body": body,
            "encoding": "none",
        }
        for n, (party, body) in enumerate(texts)
    ]
    return call(dialog=dialogs, **more)


def read(vcon: object) -> Arrival:
    return read_vcon(json.dumps(vcon).encode())


def test_a_call_is_read_whole() -> None:
    arrival = read(call())
    (part,) = arrival.recordings

    assert arrival.session_id == "019f15a6-a752-826f-b9a2-279e0d16bc46"
    assert (part.n, part.body, part.agent, part.seconds) == (1, AUDIO, "a1", 60)
    assert arrival.general.media is Media.PHONE
    assert arrival.general.agent_refs == (AgentRef("a1", "Bo"),)
    assert arrival.general.talk_seconds == 60
    assert arrival.general.ended_at == datetime(2026, 3, 1, 8, 52, 10, tzinfo=UTC)


def test_an_agents_number_is_no_identifier() -> None:
    arrival = read(call())

    assert arrival.general.identifiers
    assert arrival.general.identifiers.typed()["phone"] == "tel:+46701234567"
    assert not arrival.general.others
    assert b"468000" not in repr(arrival).encode()


@pytest.mark.parametrize(
    ("direction", "customer"), [("in", "+461"), ("out", "+462"), (None, "+461")]
)
def test_without_roles_the_originator_decides(
    direction: str | None, customer: str
) -> None:
    parties = [{"tel": "+461"}, {"tel": "+462"}]
    dialog = recording(meta={"direction": direction} if direction else {})

    arrival = read(call(parties=parties, dialog=[dialog]))

    assert arrival.general.identifiers
    assert arrival.general.identifiers.typed() == {"phone": customer}
    assert len(arrival.general.agent_refs) == 1


def test_bots_and_organisations_are_nobody_outside() -> None:
    parties = [
        *call()["parties"],
        {"type": "bot", "tel": "+461"},
        {"type": "organization"},
    ]

    assert not read(call(parties=parties)).general.others


def test_further_outsiders_are_kept_apart() -> None:
    parties = [{"tel": "+461", "role": "thirdparty"}, *call()["parties"]]

    general = read(call(parties=parties)).general

    assert general.identifiers
    assert general.identifiers.typed()["name"] == "Anna"
    assert [other.typed() for other in general.others or ()] == [{"phone": "+461"}]


def test_the_contact_centre_extension_names_session_queue_and_medium() -> None:
    dialog = recording(interaction_id="S-1", skill="support", interaction_type="voice")

    arrival = read(call(dialog=[dialog]))

    assert (arrival.session_id, arrival.general.queue) == ("S-1", "support")


@pytest.mark.parametrize(
    "signed",
    [
        {"content_hash": f"sha512-{url64(SUM)}"},
        {"content_hash": [f"sha512-{SUM.hex()}", "sha256-x"]},
        {"alg": "SHA-512", "signature": url64(SUM)},
        {"alg": "SHA-512", "signature": SUM.hex()},
    ],
)
def test_the_sum_of_the_bytes_is_checked(signed: dict[str, Any]) -> None:
    (part,) = read(call(dialog=[recording(**signed)])).recordings
    assert part.digests == (SUM,)

    with pytest.raises(Malformed, match="recording 1"):
        read(call(dialog=[recording(**signed, body=url64(AUDIO + b"!"))]))


@pytest.mark.parametrize(
    ("where", "name"),
    [
        ({"filename": "a.mp3"}, "a.mp3"),
        ({"url": "https://example.com/x/b.mp3?sig=1"}, "b.mp3"),
        ({"filename": "a.mp3", "url": "https://example.com/b.mp3"}, "a.mp3"),
    ],
)
def test_a_recording_may_lie_beside_it(where: dict[str, str], name: str) -> None:
    (part,) = read(call(dialog=[recording(body=None, **where)])).recordings

    assert (part.body, part.filename) == (None, name)


@pytest.mark.parametrize("name", ["../a.mp3", "/etc/passwd", "a\\b", "..", "a\x00b"])
def test_a_file_elsewhere_is_not_looked_for(name: str) -> None:
    with pytest.raises(Malformed) as caught:
        read(call(dialog=[recording(body=None, filename=name)]))

    assert caught.value.field == "dialog[0].filename"


def test_an_emptied_recording_is_passed_over_and_keeps_its_number() -> None:
    arrival = read(call(dialog=[recording(body=None), {}, recording()]))

    assert [part.n for part in arrival.recordings] == [2]


def test_channels_are_told_by_role() -> None:
    (part,) = read(call(dialog=[recording(parties=[[0], [1], None])])).recordings

    assert part.channels == (Sender.CUSTOMER, Sender.AGENT, None)


def test_pressed_keys_are_in_no_arrival() -> None:
    history = [{"party": 0, "event": "keydown", "button": "4711"}]

    arrival = read(call(dialog=[recording(party_history=history)]))

    assert "4711" not in repr(arrival)


def test_a_chat_becomes_a_log_in_order() -> None:
    arrival = read(chat((1, "Hello"), (0, "Hi"), (0, '{"a": 1}')))

    assert arrival.general.media is Media.CHAT
    assert arrival.chat_log
    assert [(m.sender, m.text) for m in arrival.chat_log.messages] == [
        (Sender.AGENT, "Hello"),
        (Sender.CUSTOMER, "Hi"),
        (Sender.CUSTOMER, '{"a": 1}'),
    ]


@pytest.mark.parametrize(
    "change",
    [{"interaction_type": "email"}, {"mediatype": "message/rfc822"}],
)
def test_the_text_of_an_email_is_refused(change: dict[str, str]) -> None:
    vcon = chat((0, "Dear"))
    vcon["dialog"][0] |= change

    with pytest.raises(Refused) as caught:
        read(vcon)

    assert caught.value.rule == "email_body"


@pytest.mark.parametrize(
    "body",
    [
        [{"speaker": "Agent", "message": "Hi"}, {"speaker": "Anna", "message": "Yes"}],
        [{"speaker": 1, "text": "Hi"}, {"speaker": 0, "text": "Yes"}],
        {
            "segments": [
                {"speaker": "Bo", "text": "Hi"},
                {"speaker": "x", "text": "Yes"},
            ]
        },
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_transcripts_come_in_many_shapes(body: object, *, packed: bool) -> None:
    analysis = {
        "type": "transcript", "dialog": [0], "vendor": "v",
        "body": json.dumps(body) if packed else body,
    }  # fmt: skip
    (transcript,) = read(call(analysis=[analysis])).transcripts

    assert [(u.sender, u.text) for u in transcript.utterances] == [
        (Sender.AGENT, "Hi"),
        (Sender.CUSTOMER, "Yes"),
    ]


def test_analyses_and_attachments_of_unknown_purpose_are_not_kept() -> None:
    other = {"type": "sentiment", "purpose": "x", "body": "%%", "encoding": "base64url"}

    arrival = read(call(analysis=[other], attachments=[other]))

    assert (arrival.transcripts, arrival.survey) == ((), None)


@pytest.mark.parametrize("name", ["purpose", "type"])
def test_a_survey_is_read(name: str) -> None:
    survey = {name: "survey", "body": {"score": 9, "comment": "quick", "more": 1}}

    arrival = read(call(attachments=[survey | {"start": "2026-03-01T09:10:00Z"}]))

    assert arrival.survey
    assert (arrival.survey.score, arrival.survey.comment) == (9, "quick")
    assert arrival.survey.at == datetime(2026, 3, 1, 9, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    "body",
    [
        {"purpose_grants": [{"purpose": "recording", "granted": False}]},
        {"consents": [{"purpose": "record", "status": "denied"}]},
    ],
)
def test_a_refusal_in_the_vcon_is_told(body: dict[str, Any]) -> None:
    arrival = read(call(attachments=[{"purpose": "lawful_basis", "body": body}]))

    assert arrival.recording_refused
    assert not arrival.storage_refused


def test_deny_recording_is_told_wherever_it_stands() -> None:
    assert read(call(meta={"deny_recording": "true"})).recording_refused
    assert read(call(meta={"Deny_Recording": " YES "})).recording_refused
    assert read(call(meta={"deny_recording": 1})).recording_refused
    assert not read(call(meta={"deny_recording": "no"})).recording_refused
    assert read(call(dialog=[recording(deny_recording=True)])).recording_refused
    assert not read(call()).recording_refused


@pytest.mark.parametrize("name", ["critical", "must_support"])
def test_an_unknown_critical_extension_is_refused(name: str) -> None:
    with pytest.raises(Refused) as caught:
        read(call(**{name: ["telepathy"]}))

    assert caught.value.rule == "vcon_critical"
    assert read(call(**{name: ["CC"]})).recordings


def test_a_signed_one_is_opened_and_an_encrypted_one_refused() -> None:
    payload = url64(json.dumps(call()).encode())

    assert read({"payload": payload, "signatures": []}) == read(call())
    with pytest.raises(Refused, match="encrypted"):
        read({"ciphertext": "x", "recipients": []})


@pytest.mark.parametrize(
    "change",
    [
        {"uuid": None},
        {"dialog": {}},
        {"dialog": [recording(start="soon")]},
        {"dialog": [recording(start="1900-01-01T00:00:00Z")]},
        {"dialog": [recording(body="%%")]},
        {"dialog": [recording(encoding="none")]},
        {"dialog": [recording(content_hash="sha512-AAAA")]},
        {"dialog": [], "created_at": None},
        {"uuid": "x" * 300},
        {"critical": "CC"},
        {"payload": 5},
        {"payload": url64(b'{"payload": "x"}')},
    ],
)
def test_what_cannot_be_read_is_malformed(change: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        read(call(**change))


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"[]", b"[" * 200_000, b'"x"'])
def test_what_is_no_vcon_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        read_vcon(body)


@pytest.mark.parametrize("body", [b"", b"{", b"hej", b"[" * 200_000])
def test_what_is_no_json_cannot_be_read_at_all(body: bytes) -> None:
    with pytest.raises(BadRequest):
        read_vcon(body)


def test_a_session_id_must_be_printable() -> None:
    with pytest.raises(Malformed) as caught:
        read(call(uuid="a\nb"))
    assert caught.value.field == "session_id"


def test_there_is_an_end_to_size() -> None:
    with pytest.raises(TooLarge):
        read_vcon(b"x" * 11, largest=10)
    with pytest.raises(TooLarge):
        read(call(parties=[{}] * 10_001))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["type", "body", "start", "parties", "name", "text", "role"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
PLACES = ["parties", "dialog", "analysis", "attachments", "critical", "meta", "uuid"]


@given(st.dictionaries(st.sampled_from(PLACES), JSON | st.lists(JSON, max_size=3)))
def test_any_json_is_read_or_refused(change: dict[str, Any]) -> None:
    try:
        arrival = read(call(**change))
    except ValvError:
        return

    assert arrival.session_id


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="no sample conversations here")
def test_real_vcons_are_read_and_their_audio_is_whole() -> None:
    paths = sorted(SAMPLES.glob("*.vcon.json"))

    for path in paths:
        arrival = read_vcon(path.read_bytes())
        (part,) = arrival.recordings
        audio = (SAMPLES / str(part.filename)).read_bytes()
        check_digest(part, sha512=hashlib.sha512(audio).digest())
        assert arrival.general.direction is Direction.INBOUND
        assert arrival.transcripts[0].utterances
    assert len(paths) == 10
