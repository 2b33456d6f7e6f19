"""Recordings, chat logs and transcripts over HTTP."""

from pathlib import Path

import pytest
import xmlschema
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.api.conftest import Asker, body_of
from tests.held import AUDIO, lay_chat_log, lay_content, lay_interaction, lay_transcript
from valv.archive.models import Interaction
from valv.audit import operations as audit
from valv.core.interaction import Media
from valv.core.mentions import LAST
from valv.core.permissions import Scope
from valv.storage import keys, scope
from valv.storage.keys import KeyKind
from valv.tenants.models import Tenant

SCHEMA = Path(__file__).parents[2] / "docs" / "chat-log.xsd"
NONE_THERE = "/interactions/123/recordings/1"


@pytest.fixture
def call(acme: Tenant) -> int:
    made = lay_interaction(acme, session="S/1 å", name="Anna", agent="Bertil")
    lay_content(acme, made)
    return made


@pytest.fixture
def chat(acme: Tenant) -> int:
    made = lay_interaction(acme, media=Media.CHAT, name="Anna", agent="Bertil")
    lay_chat_log(acme, made)
    return made


def recording(interaction_id: int, n: int = 1) -> str:
    return f"/interactions/{interaction_id}/recordings/{n}"


def chat_log(interaction_id: int) -> str:
    return f"/interactions/{interaction_id}/chat-log"


def test_a_recording_is_heard_whole(ask: Asker, call: int) -> None:
    answer = ask("GET", recording(call))

    assert answer.status_code == 200
    assert answer["Content-Type"] == "audio/mpeg"
    assert answer["Content-Length"] == str(len(AUDIO))
    assert body_of(answer) == AUDIO


def test_a_play_is_one_entry(ask: Asker, call: int) -> None:
    ask("GET", recording(call), headers={"Range": "bytes=0-9"})

    (entry,) = ask.entries("play")
    assert (entry.interaction_id, entry.content) == (call, "recording:1")
    assert (entry.actor, entry.actor_type) == ("test", "api")


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=65530-131080", 65530, 131081),
        ("bytes=204799-", 204799, 204800),
        ("bytes=-5", 204795, 204800),
        ("bytes=10-999999", 10, 204800),
        ("bytes=-999999", 0, 204800),
    ],
)
def test_a_range_gives_just_its_bytes(
    ask: Asker, call: int, asked: str, start: int, end: int
) -> None:
    answer = ask("GET", recording(call), headers={"Range": asked})

    assert answer.status_code == 206
    assert answer["Content-Range"] == f"bytes {start}-{end - 1}/{len(AUDIO)}"
    assert body_of(answer) == AUDIO[start:end]


@pytest.mark.parametrize("asked", ["bytes=204800-", "bytes=-0", "bytes=999999-1000000"])
def test_a_range_past_the_end_says_how_long_it_is(
    ask: Asker, call: int, asked: str
) -> None:
    answer = ask("GET", recording(call), headers={"Range": asked})

    assert answer.status_code == 416
    assert answer["Content-Range"] == f"bytes */{len(AUDIO)}"


@pytest.mark.parametrize(
    "asked", ["bytes=5-2", "bytes=-", "lines=1-2", "bytes=0-1,4-5"]
)
def test_what_is_no_single_range_gets_the_whole(
    ask: Asker, call: int, asked: str
) -> None:
    assert ask("GET", recording(call), headers={"Range": asked}).status_code == 200


def test_a_range_of_other_bytes_gets_the_whole(ask: Asker, call: int) -> None:
    stale = {"Range": "bytes=0-9", "If-Range": '"stale"'}

    assert ask("GET", recording(call), headers=stale).status_code == 200


def test_measuring_is_no_play(ask: Asker, call: int) -> None:
    answer = ask("HEAD", recording(call))

    assert answer["Content-Length"] == str(len(AUDIO))
    assert body_of(answer) == b""
    assert ask.entries("play") == []


def test_a_download_is_named_after_time_and_session(ask: Asker, call: int) -> None:
    answer = ask("GET", recording(call) + "?download=mp3")

    name = "2026-11-23_130500_S-1_1.mp3"
    assert answer["Content-Disposition"] == f'attachment; filename="{name}"'
    assert [entry.content for entry in ask.entries("download")] == ["recording:1"]
    assert ask.entries("play") == []


def test_without_an_entry_nothing_is_heard(
    ask: Asker, call: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError("no room")

    monkeypatch.setattr(audit, "insert", fail)

    answer = ask("GET", recording(call))
    assert answer.status_code == 500
    assert AUDIO[:16] not in body_of(answer)


def test_provisional_content_is_not_there(acme: Tenant, ask: Asker) -> None:
    made = lay_interaction(acme)
    lay_content(acme, made, provisional=True)

    assert ask("GET", recording(made)).status_code == 404


def test_a_strangers_call_looks_like_none(stranger: Asker, call: int) -> None:
    theirs = stranger("GET", recording(call))

    assert theirs.status_code == 404
    assert body_of(theirs) == body_of(stranger("GET", NONE_THERE))
    assert stranger.entries("play") == []


@pytest.mark.parametrize(
    "path", ["abc/recordings/1", "1e3/recordings/1", "-1/chat-log"]
)
def test_a_malformed_id_names_nothing(ask: Asker, path: str) -> None:
    assert ask("GET", f"/interactions/{path}").status_code == 404


@pytest.mark.parametrize("n", ["0", "2", "x", "99999999999"])
def test_a_number_that_is_not_there_names_nothing(
    ask: Asker, call: int, n: str
) -> None:
    assert ask("GET", f"/interactions/{call}/recordings/{n}").status_code == 404


@pytest.mark.parametrize("scopes", [[Scope.READ], [Scope.INTAKE], [Scope.DELETE]])
def test_content_needs_its_scope(acme: Tenant, call: int, scopes: list[Scope]) -> None:
    assert Asker(acme, scopes)("GET", recording(call)).status_code == 403


def test_a_chat_log_is_seen_with_its_names(ask: Asker, chat: int) -> None:
    answer = ask("GET", chat_log(chat))

    first, second = answer.json()["messages"]
    assert first["from"] == "customer"
    assert (first["name"], second["name"]) == ("Anna", "Bertil")
    assert first["at"] == "2026-11-23T12:00:00.000Z"
    assert [entry.content for entry in ask.entries("see")] == ["chat_log:1"]


def test_a_chat_log_as_xml_keeps_to_its_schema(ask: Asker, chat: int) -> None:
    answer = ask("GET", chat_log(chat), headers={"Accept": "application/xml"})

    text = body_of(answer).decode()
    xmlschema.XMLSchema(SCHEMA).validate(text)
    assert "Hej &lt;du&gt; &amp; jag" in text
    assert answer["Content-Type"].startswith("application/xml")
    assert [entry.content for entry in ask.entries("download")] == ["chat_log:1"]


def test_a_chat_log_as_text_reads_line_by_line(ask: Asker, chat: int) -> None:
    answer = ask("GET", chat_log(chat), headers={"Accept": "text/plain"})

    last = body_of(answer).decode().splitlines()[-1]
    assert last == "2026-11-23T12:00:05.000Z Bertil (agent): God dag"


def test_a_form_that_cannot_be_made_is_refused(ask: Asker, chat: int) -> None:
    answer = ask("GET", chat_log(chat), headers={"Accept": "image/png"})

    assert answer.status_code == 406
    assert ask.entries("see") == []


def test_a_transcript_is_seen_and_downloaded(
    acme: Tenant, ask: Asker, call: int
) -> None:
    lay_transcript(acme, call)
    path = f"/interactions/{call}/transcripts/1"

    seen = ask("GET", path).json()
    xml = body_of(ask("GET", path, headers={"Accept": "application/xml"})).decode()
    assert seen["utterances"][0]["seconds"] == 61.5
    xmlschema.XMLSchema(SCHEMA).validate(xml)


def test_a_deleted_recording_is_gone_and_the_rest_stays(
    acme: Tenant, ask: Asker, call: int
) -> None:
    with scope.reading(acme.id):
        before = Interaction.objects.values().get(id=call)

    assert ask("DELETE", recording(call) + "?reason=asked").status_code == 204

    gone = ask("GET", recording(call))
    assert (gone.status_code, gone.json()["title"]) == (410, "Gone")
    assert "asked" in gone.json()["detail"]
    with scope.reading(acme.id):
        assert Interaction.objects.values().get(id=call) == before | {"flags": 0}


@pytest.mark.parametrize("reason", ["070-1234567 asked", "anna%40example.com asked"])
def test_whom_a_reason_names_stands_in_no_error(
    ask: Asker, call: int, reason: str
) -> None:
    assert ask("DELETE", recording(call) + f"?reason={reason}").status_code == 204

    gone = ask("GET", recording(call))

    assert "… asked" in gone.json()["detail"]
    assert ask.entries("delete")[0].reason.endswith(f"{LAST} asked")


def test_a_deletion_destroys_the_key(acme: Tenant, ask: Asker) -> None:
    made = lay_interaction(acme)
    content_id = lay_content(acme, made)

    ask("DELETE", recording(made))

    assert keys.read(acme.id, KeyKind.CONTENT, [content_id]) == {}


def test_deleting_twice_is_gone_and_never_there_is_not_found(
    ask: Asker, call: int, chat: int
) -> None:
    assert ask("DELETE", chat_log(chat)).status_code == 204
    assert ask("DELETE", chat_log(chat)).status_code == 410
    assert ask("DELETE", chat_log(call)).status_code == 404
    assert [entry.reason for entry in ask.entries("delete")] == [""]


def test_a_transcript_goes_with_its_recording(
    acme: Tenant, ask: Asker, call: int
) -> None:
    lay_transcript(acme, call)

    ask("DELETE", recording(call))

    assert ask("GET", f"/interactions/{call}/transcripts/1").status_code == 410
    deleted = [entry.content for entry in ask.entries("delete")]
    assert deleted == ["recording:1", "transcript:1"]


def test_a_hold_keeps_the_recording(acme: Tenant, ask: Asker) -> None:
    made = lay_interaction(acme, held=True)
    lay_content(acme, made)

    answer = ask("DELETE", recording(made))

    assert (answer.status_code, answer.json()["rule"]) == (403, "hold")
    assert ask("GET", recording(made)).status_code == 200


def test_deleting_needs_its_scope(acme: Tenant, call: int) -> None:
    machine = Asker(acme, [Scope.CONTENT, Scope.READ])

    assert machine("DELETE", recording(call)).status_code == 403


def test_hearing_costs_the_same_however_much_there_is(
    acme: Tenant, ask: Asker, call: int
) -> None:
    ask("GET", recording(call))
    with CaptureQueriesContext(connection) as alone:
        ask("GET", recording(call))
    for n in range(2, 7):
        lay_content(acme, call, n=n, body=b"x")

    with CaptureQueriesContext(connection) as among_others:
        ask("GET", recording(call))
    assert len(among_others) == len(alone)
