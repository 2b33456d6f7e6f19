"""A transcript goes by its recording: refused with it, before it or after it."""

from typing import Any

import msgspec
import pytest

from tests.cast import NOW, OPERATOR
from tests.intake.asking import Source, event
from tests.intake.made import SOUND, inline, vcon
from valv.core.interaction import (
    Arrival,
    General,
    Sender,
    Transcript,
    Utterance,
    decoded,
)
from valv.core.recording_policy import Policy
from valv.core.retention import StorageTimes
from valv.intake.arrivals import take_in
from valv.storage.keys import KeyKind
from valv.storage.models import SealingKey
from valv.tenants.operations import set_recording_policy, set_storage_times

pytestmark = pytest.mark.django_db(transaction=True)
CALL = vcon()["uuid"]
PENDING = {"mode": "pending", "on": "queue", "name": "Support"}


def on_call(number: int, type_: str, **data: object) -> Any:
    return event(number, type_, session=CALL, **data)


BEGUN = (
    on_call(0, "session.started", media="phone"),
    on_call(1, "queue.entered", queue="Support"),
    on_call(5, "agent.connected", agent="a7"),
    on_call(6, "recording.started", n=1, agent="a7"),
)
SAVED = on_call(10, "recording.requested", action="save")
END = on_call(30, "session.ended")


def send(source: Source, **parts: Any) -> None:
    answer = source.ask("POST", "/vcons", msgspec.json.encode(vcon(**parts)))
    assert answer.status_code < 300


def send_while_it_goes_on(source: Source) -> None:
    said = Utterance(sender=Sender.CUSTOMER, text="Hej")
    arrival = Arrival(
        session_id=CALL,
        general=General(started_at=NOW),
        transcripts=(Transcript(n=1, utterances=(said,)),),
    )
    take_in(source.tenant, arrival, actor=OPERATOR, now=NOW)


def record(source: Source, path: str = "") -> int:
    place = f"/interactions/{CALL}/recordings/1{path}"
    return int(source.ask("PUT", place, SOUND).status_code)


def lay(source: Source, *rules: dict[str, str], **settings: bool) -> None:
    policy = decoded({"rules": list(rules), **settings}, Policy)
    set_recording_policy(source.tenant, policy, actor=OPERATOR, now=NOW)


def fate(source: Source) -> tuple[str, str | None]:
    """What became of the transcript, and by which rule."""
    contents = source.item(CALL)["contents"]
    (one,) = [one for one in contents if one["kind"] == "transcript"]
    return one["state"], (one["removed"] or {}).get("reason")


def living() -> int:
    keys = SealingKey.objects.using("keys").filter(kind=KeyKind.CONTENT)
    return keys.count()


def test_it_is_refused_where_recordings_are_not_kept(source: Source) -> None:
    times = StorageTimes(recordings=0, transcripts=100)
    set_storage_times(source.tenant, times, actor=OPERATOR, now=NOW)

    send(source)

    assert (fate(source), living()) == (("refused", "storage_time"), 0)


def test_it_does_not_come_after_its_recording_was_deleted(source: Source) -> None:
    send(source, recording=inline(), transcript=False)
    path = f"/interactions/{source.id_of(CALL)}/recordings/1?reason=asked"
    source.ask("DELETE", path)

    send(source)

    assert (fate(source), living()) == (("refused", "recording_gone"), 0)


def test_it_does_not_come_after_its_recording_was_refused(source: Source) -> None:
    lay(source, PENDING)
    source.tell(*BEGUN, END)
    assert record(source) == 403

    send(source)

    assert (fate(source), living()) == (("refused", "not_saved"), 0)


def test_while_it_waits_it_goes_when_its_recording_may_not_be_kept(
    source: Source,
) -> None:
    lay(source, PENDING)
    source.tell(*BEGUN)
    send_while_it_goes_on(source)
    waiting = fate(source)[0], living()

    source.tell(END)

    assert waiting == ("awaiting", 1)
    assert (fate(source), living()) == (("refused", "not_saved"), 0)


def test_it_goes_when_its_recording_is_refused_at_the_door(source: Source) -> None:
    lay(source, PENDING)
    handed_over = (
        on_call(20, "agent.connected", agent="b9"),
        on_call(21, "agent.disconnected", agent="a7"),
    )
    source.tell(*BEGUN[:3], SAVED, *handed_over, END)
    send(source)
    kept = fate(source)[0], living()

    assert record(source, "?agent=b9") == 403

    assert kept == ("present", 1)
    assert (fate(source), living()) == (("refused", "not_saved"), 0)


def test_it_is_refused_with_the_recording_that_it_came_along_with(
    source: Source,
) -> None:
    lay(source, {"mode": "forced", "on": "agent", "name": "a7"}, refuse_unruled=True)
    parties = [{"tel": "+46701234567"}]
    parties += [{"role": "agent", "uuid": agent} for agent in ("a7", "b9")]

    send(source, parties=parties, recording={**inline(), "parties": [0, 2]})

    assert (fate(source), living()) == (("refused", "no_rule"), 0)
