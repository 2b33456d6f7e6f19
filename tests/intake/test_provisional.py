"""What waits for its decision: sealed, shown to nobody, then kept or destroyed."""

from typing import Any

import pytest

from tests.cast import NOW, OPERATOR
from tests.intake.asking import Source, event, states
from tests.intake.sounds import tone, wav
from valv.archive.models import Content, Interaction
from valv.audit.models import Entry
from valv.core.interaction import decoded
from valv.core.recording_policy import Policy
from valv.storage import blobstore
from valv.storage.keys import KeyKind
from valv.storage.models import SealingKey
from valv.tenants.operations import set_recording_policy

pytestmark = pytest.mark.django_db(transaction=True)
SOUND = wav(tone(440, seconds=0.2))
PENDING = {"mode": "pending", "on": "queue", "name": "Support"}
FORCED = {**PENDING, "mode": "forced"}
START = event(0, "session.started", media="phone")
CALL = (
    START,
    event(1, "queue.entered", queue="Support"),
    event(5, "agent.connected", agent="a7"),
    event(6, "recording.started", n=1, agent="a7"),
)
SAVE = event(10, "recording.requested", action="save")
END = event(30, "session.ended")
MESSAGES = [{"at": "2026-11-20T09:00:01Z", "from": "customer", "text": "Hej"}]


def lay(source: Source, *rules: dict[str, str], **settings: Any) -> None:
    policy = decoded({"rules": list(rules), **settings}, Policy)
    set_recording_policy(source.tenant, policy, actor=OPERATOR, now=NOW)


def record(source: Source) -> int:
    answer = source.ask("PUT", "/interactions/S1/recordings/1", SOUND)
    return int(answer.status_code)


def held() -> tuple[int, int]:
    """How many keys of content live, and how many blobs lie there."""
    keys = SealingKey.objects.using("keys").filter(kind=KeyKind.CONTENT)
    return keys.count(), len(list(blobstore.store().list("")))


def play(source: Source) -> int:
    path = f"/interactions/{source.id_of('S1')}/recordings/1"
    return int(source.ask("GET", path).status_code)


def found(source: Source, filters: str) -> int:
    answer = source.ask("GET", f"/interactions?{filters}").json()
    return int(answer["count"]["value"])


def actions(source: Source, content: str = "recording:1") -> list[str]:
    rows = source.rows(Entry, content=content)
    return [row.action for row in sorted(rows, key=lambda row: row.id)]


def test_a_pending_recording_is_there_once_it_was_saved_and_the_call_is_over(
    source: Source,
) -> None:
    lay(source, PENDING)
    source.tell(*CALL)

    seen = [record(source), play(source), found(source, "has_recording=true")]
    source.tell(SAVE)
    seen += [play(source), found(source, "has_recording=true")]
    source.tell(END)
    seen += [play(source), found(source, "has_recording=true")]

    assert seen == [201, 404, 0, 404, 0, 200, 1]
    assert actions(source) == ["receive", "keep", "play"]


def test_one_never_saved_is_destroyed_with_the_end(source: Source) -> None:
    lay(source, PENDING)
    source.tell(*CALL)
    record(source)
    before = held()

    source.tell(END)

    assert (before, held()) == ((1, 2), (0, 0))
    assert states(source.item("S1")) == [("recording", 1, "refused")]
    (row,) = source.rows(Content)
    assert (row.removed_reason, row.seconds, row.bytes) == ("not_saved", None, None)
    assert (play(source), record(source)) == (410, 410)
    assert actions(source)[:2] == ["receive", "refuse"]


def test_an_end_that_was_stated_decides_as_well(source: Source) -> None:
    lay(source, PENDING)
    source.tell(*CALL)
    record(source)

    source.put("S1", ended_at="2026-11-20T09:01:00Z")

    assert (held(), play(source)) == ((0, 0), 410)


def test_consent_that_comes_late_but_in_time_lets_it_be_heard(source: Source) -> None:
    lay(source, FORCED, consent_needed=True)
    source.tell(*CALL)
    before = record(source), play(source)

    source.tell(event(8, "consent.given", purpose="recording"))

    assert (*before, play(source)) == (201, 404, 200)


def test_consent_told_after_the_end_is_too_late_for_what_had_arrived(
    source: Source,
) -> None:
    lay(source, FORCED, consent_needed=True)
    source.tell(*CALL)
    arrived = record(source)
    source.tell(END)

    source.tell(event(8, "consent.given", purpose="recording"))

    assert (arrived, play(source), record(source)) == (201, 410, 410)
    assert held() == (0, 0)


def test_what_is_hidden_does_not_say_how_long_it_is(source: Source) -> None:
    lay(source, PENDING)
    source.tell(*CALL)
    answer = source.ask("PUT", "/interactions/S1/recordings/1", SOUND).json()
    (content,) = source.item("S1")["contents"]

    assert answer == content
    assert (content["state"], content["seconds"], content["bytes"]) == (
        "awaiting", None, None,
    )  # fmt: skip


def test_the_same_bytes_again_are_held_and_others_a_conflict(source: Source) -> None:
    lay(source, PENDING)
    source.tell(*CALL)
    record(source)

    other = wav(tone(880, seconds=0.2))
    answer = source.ask("PUT", "/interactions/S1/recordings/1", other)

    assert (record(source), answer.status_code) == (200, 409)
    assert held() == (1, 2)


def test_what_came_before_its_call_is_hidden_when_that_is_told(source: Source) -> None:
    lay(source, PENDING)
    seen = [record(source), play(source), found(source, "has_recording=true")]

    source.tell(*CALL)

    assert [*seen, play(source), found(source, "has_recording=true")] == [
        201, 200, 1, 404, 0,
    ]  # fmt: skip
    assert "withhold" in actions(source)


def test_a_save_told_after_the_end_counts_if_nothing_was_sent_yet(
    source: Source,
) -> None:
    """Told out of order; a byte that was destroyed would not come back."""
    lay(source, PENDING)
    source.tell(*CALL, END)
    before = states(source.item("S1"))
    source.tell(SAVE)

    assert (before, record(source)) == ([("recording", 1, "refused")], 201)
    assert states(source.item("S1")) == [("recording", 1, "present")]


def test_what_was_refused_once_is_refused_for_good(source: Source) -> None:
    lay(source, PENDING)
    source.tell(*CALL, END)
    before = record(source)
    source.tell(SAVE)

    assert (before, record(source)) == (403, 410)


def test_a_log_sent_whole_waits_for_the_end_of_its_chat(source: Source) -> None:
    source.tell(event(0, "session.started", media="chat"))
    seen = [source.put_chat_log("S1", MESSAGES).status_code]
    seen += [source.chat_log("S1").status_code, found(source, "has_chat_log=true")]
    source.tell(END)
    seen += [source.chat_log("S1").status_code, found(source, "has_chat_log=true")]

    assert seen == [201, 404, 0, 200, 1]
    assert actions(source, "chat_log:1") == ["receive", "keep", "see"]


def test_a_log_that_waits_is_destroyed_by_a_refusal(source: Source) -> None:
    source.tell(event(0, "session.started", media="chat"))
    source.put_chat_log("S1", MESSAGES)

    source.tell(event(9, "chat.storage_refused"), END)

    assert held() == (0, 0)
    assert source.chat_log("S1").status_code == 410


def test_a_log_of_which_only_a_survey_is_told_waits_for_nothing(
    source: Source,
) -> None:
    source.tell(event(40, "survey.answered", score=7))
    source.put_chat_log("S1", MESSAGES)

    assert source.chat_log("S1").status_code == 200


def test_rules_made_anew_change_nothing_of_what_waits(source: Source) -> None:
    lay(source, PENDING)
    source.tell(*CALL)
    record(source)
    lay(source, FORCED)

    source.tell(END)

    assert play(source) == 410


def test_its_flags_follow(source: Source) -> None:
    lay(source, PENDING)
    source.tell(*CALL)
    record(source)
    flags = [row.flags & 1 for row in source.rows(Interaction)]
    source.tell(SAVE, END)

    assert flags + [row.flags & 1 for row in source.rows(Interaction)] == [0, 1]
