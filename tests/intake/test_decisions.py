"""A recording that arrives is judged by the tenant's rules, and what was told."""

from typing import Any

import pytest

from tests.cast import NOW, OPERATOR
from tests.intake.asking import Source, event, states
from tests.intake.sounds import tone, wav
from valv.archive.models import Content
from valv.audit.models import Entry
from valv.core.interaction import decoded
from valv.core.recording_policy import Policy
from valv.storage.keys import KeyKind
from valv.storage.models import SealingKey
from valv.tenants.operations import set_recording_policy

pytestmark = pytest.mark.django_db(transaction=True)
SOUND = wav(tone(440, seconds=0.2))
FORCED = {"mode": "forced", "on": "queue", "name": "Support"}
PENDING = {**FORCED, "mode": "pending"}
MANUAL = {"mode": "manual", "on": "agent", "name": "a7"}
CALL = (
    event(0, "session.started", media="phone"),
    event(1, "queue.entered", queue="Support"),
    event(5, "agent.connected", agent="a7"),
)
SAVE = event(10, "recording.requested", action="save")
UNSAVE = event(12, "recording.requested", action="unsave")
CONSENT = event(3, "consent.given", purpose="recording")
END = event(30, "session.ended")


def lay(source: Source, *rules: dict[str, str], **settings: Any) -> None:
    policy = decoded({"rules": list(rules), **settings}, Policy)
    set_recording_policy(source.tenant, policy, actor=OPERATOR, now=NOW)


def record(source: Source, n: int = 1, **query: str) -> Any:
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    path = f"/api/v1/interactions/S1/recordings/{n}?{asked}"
    return source.client.generic(
        "PUT", path, SOUND, content_type="audio/wav",
        headers={"Authorization": f"Bearer {source.token}"},
    )  # fmt: skip


def verdict(source: Source, n: int = 1, **query: str) -> tuple[int, str | None]:
    answer = record(source, n, **query)
    return answer.status_code, answer.json().get("rule")


def content_keys() -> int:
    keys = SealingKey.objects.using("keys").filter(kind=KeyKind.CONTENT)
    return keys.count()


def is_hidden(source: Source) -> bool:
    path = f"/interactions/{source.id_of('S1')}/recordings/1"
    return bool(source.ask("GET", path).status_code == 404)


def test_without_rules_whatever_arrives_is_let_in(source: Source) -> None:
    source.tell(*CALL, END)

    assert verdict(source) == (201, None)
    (row,) = source.rows(Content)
    assert (row.rule, row.policy_version, row.provisional) == ("no_rule", 0, False)


@pytest.mark.parametrize(
    "said",
    [
        event(3, "consent.refused", purpose="recording"),
        event(3, "recording.requested", action="start", accepted=False),
    ],
    ids=["consent", "request"],
)
def test_without_rules_a_refusal_that_an_event_tells_of_holds(
    source: Source, said: Any
) -> None:
    source.tell(*CALL, said, END)

    assert verdict(source) == (403, "deny_recording")


def test_the_rule_by_which_it_is_kept_is_kept_too(source: Source) -> None:
    lay(source, FORCED)
    source.tell(*CALL, END)
    record(source)

    (row,) = source.rows(Content)
    assert (row.rule, row.policy_version) == ("forced", 1)


def test_forced_without_the_consent_it_needs_is_refused_by_name(
    source: Source,
) -> None:
    lay(source, FORCED, consent_needed=True)
    source.tell(*CALL, END)

    assert verdict(source) == (403, "consent")
    assert states(source.item("S1")) == [("recording", 1, "refused")]
    assert content_keys() == 0
    assert record(source).status_code == 410
    (entry,) = source.rows(Entry, action="refuse")
    assert (entry.content, entry.details) == ("recording:1", {"rule": "consent"})


def test_with_consent_it_is_kept(source: Source) -> None:
    lay(source, FORCED, consent_needed=True)
    source.tell(*CALL, CONSENT, END)

    assert verdict(source) == (201, None)


@pytest.mark.parametrize("said", [(), (SAVE, UNSAVE)])
def test_pending_that_was_not_saved_is_refused(source: Source, said: Any) -> None:
    lay(source, PENDING)
    source.tell(*CALL, *said, END)

    assert verdict(source) == (403, "not_saved")


def test_pending_that_was_saved_is_kept(source: Source) -> None:
    lay(source, PENDING)
    source.tell(*CALL, SAVE, END)

    assert verdict(source) == (201, None)


@pytest.mark.parametrize("laid", [PENDING, FORCED])
def test_while_the_call_can_still_answer_it_is_shown_to_nobody(
    source: Source, laid: dict[str, str]
) -> None:
    lay(source, laid, consent_needed=True)
    source.tell(*CALL)

    assert verdict(source) == (201, None)
    assert is_hidden(source)


def test_one_call_keeps_one_leg_and_not_the_other(source: Source) -> None:
    lay(source, PENDING)
    source.tell(
        *CALL, SAVE,
        event(20, "agent.connected", agent="a8"),
        event(21, "agent.disconnected", agent="a7"), END,
    )  # fmt: skip

    assert verdict(source, 1, agent="a7") == (201, None)
    assert verdict(source, 2, agent="a8") == (403, "not_saved")


def test_refusing_what_no_rule_allows_goes_for_what_arrives(source: Source) -> None:
    lay(source, FORCED, refuse_unruled=True)

    assert verdict(source) == (403, "no_rule")
    source.put("S1", started_at="2026-11-20T09:00:00Z", queue="Support")
    assert verdict(source) == (201, None)


def test_audio_that_comes_alone_has_nothing_that_speaks_against_it(
    source: Source,
) -> None:
    lay(source, PENDING, {**FORCED, "name": "Sales"}, consent_needed=True)
    source.put("S1", started_at="2026-11-20T09:00:00Z", queue="Sales")

    assert verdict(source) == (201, None)


def test_rules_that_are_changed_later_do_not_judge_what_was_told_of_before(
    source: Source,
) -> None:
    lay(source, FORCED)
    source.tell(*CALL, event(6, "recording.started", n=1), END)
    lay(source, PENDING)

    assert verdict(source) == (201, None)
    (row,) = source.rows(Content)
    assert (row.rule, row.policy_version) == ("forced", 1)


@pytest.mark.parametrize(
    ("accepted", "expected"),
    [(True, (201, None)), (None, (403, "not_accepted")),
     (False, (403, "deny_recording"))],
)  # fmt: skip
def test_a_manual_start_may_need_that_the_caller_accepts(
    source: Source, accepted: bool | None, expected: tuple[int, str | None]
) -> None:
    lay(source, MANUAL, acceptance_needed=True)
    start = event(7, "recording.requested", action="start", accepted=accepted)
    source.tell(*CALL, start, END)

    assert verdict(source) == expected
