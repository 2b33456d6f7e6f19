"""The nightly run: exactly what is past its time goes, whatever breaks on the way."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.cast import NOW, OPERATOR
from tests.intake.asking import Source
from tests.laws.laying import PHONE
from tests.lifecycle.archive_of_ages import AGES, Left, lay_ages, left
from valv.archive.identifiers import epoch
from valv.archive.models import Content, Interaction
from valv.audit.actions import Action
from valv.audit.models import Entry
from valv.audit.operations import Act, record
from valv.core.errors import ValvError
from valv.core.interaction import ContentState
from valv.core.retention import FOREVER, StorageTimes
from valv.lifecycle import holds, nightly, purge
from valv.lifecycle.lease import LeaseLost
from valv.lifecycle.models import NightlyRun
from valv.lifecycle.night import Night, in_batches
from valv.storage import blobstore, intents, keys, scope
from valv.storage.keys import KeyKind
from valv.storage.models import Intent
from valv.tenants.models import Tenant
from valv.tenants.operations import set_storage_times

pytestmark = pytest.mark.django_db(transaction=True)

TODAY = NOW.date()
FEW_AGES = (14, 15, 30, 31, 180, 181)  # either side of each storage time
UP_TO_180 = [age for age in AGES if age <= 180]


def expected(ages: tuple[int, ...] = AGES) -> Left:
    recordings = [age for age in ages if age <= 14]
    chat_logs = [age for age in ages if age <= 30]
    general = sorted([age for age in ages if age <= 180] * 2)
    contents = len(recordings) + len(chat_logs)
    return Left(general, recordings, chat_logs, len(general) + contents, contents, 0)


def run(tenant: Tenant) -> nightly.Report:
    return nightly.run(tenant, TODAY, now=NOW, actor=OPERATOR)


def test_what_is_past_14_30_and_180_days_goes_and_nothing_else(acme: Tenant) -> None:
    lay_ages(acme, NOW)

    report = run(acme)

    assert left(acme, NOW) == expected()
    assert report.is_whole
    assert report.counts["general"] == 2 * (len(AGES) - len(UP_TO_180))


def test_a_second_run_of_the_same_night_finds_nothing(acme: Tenant) -> None:
    lay_ages(acme, NOW)
    run(acme)

    again = run(acme)

    assert not any(again.counts.values())


def test_the_preview_says_what_the_run_takes(acme: Tenant) -> None:
    lay_ages(acme, NOW)
    foreseen = nightly.preview(acme, TODAY)

    report = run(acme)

    # General information takes its own content with it, which the preview counts once.
    assert foreseen.counts["general"] == report.counts["general"]
    assert foreseen.counts["recordings"] == report.counts["recordings"]


def test_what_is_held_stays(acme: Tenant) -> None:
    lay_ages(acme, NOW, ages=(200,))
    with scope.writing(acme.id):
        Interaction.objects.update(held=True)

    report = run(acme)

    assert left(acme, NOW).general == [200, 200]
    assert left(acme, NOW).recordings == [200]
    assert report.counts["held"] == 2


def test_another_tenants_archive_is_left_alone(acme: Tenant, borealis: Tenant) -> None:
    lay_ages(borealis, NOW, ages=(200,))

    run(acme)

    assert left(borealis, NOW).general == [200, 200]


def test_kept_for_ever_is_kept(acme: Tenant) -> None:
    lay_ages(acme, NOW, ages=(200,))
    times = StorageTimes(general=FOREVER, recordings=None, chat_logs=None)
    set_storage_times(acme, times, actor=OPERATOR, now=NOW)

    run(acme)

    assert left(acme, NOW).recordings == [200]


def test_expired_content_leaves_a_tombstone_that_says_why(acme: Tenant) -> None:
    lay_ages(acme, NOW, ages=(20,))

    run(acme)

    with scope.reading(acme.id):
        row = Content.objects.get(kind=0)
    assert row.state == ContentState.EXPIRED.number
    assert (row.removed_at, row.removed_reason) == (NOW, "storage time")
    assert row.blob == ""


def test_audit_entries_go_with_the_general_information(acme: Tenant) -> None:
    lay_ages(acme, NOW, ages=(200, 20))
    with scope.writing(acme.id):
        ids = list(Interaction.objects.order_by("id").values_list("id", flat=True))
        acts = [Act(Action.SEE, one) for one in ids]
        record(acts, actor=OPERATOR, now=NOW - timedelta(days=19))

    report = run(acme)

    with scope.reading(acme.id):
        seen = set(Entry.objects.filter(action="see").values_list("interaction_id"))
    assert report.counts["audit_entries"] == 2
    assert seen == {(one,) for one in ids[2:]}


def test_a_night_that_another_took_over_takes_no_further_step(
    acme: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    further: list[str] = []

    def taken_over(*_: Any, **__: Any) -> None:
        with scope.writing(acme.id):
            NightlyRun.objects.update(runner="another")

    monkeypatch.setattr(holds, "lift", taken_over)
    monkeypatch.setattr(holds, "keep_named", lambda *_, **__: further.append("named"))

    with pytest.raises(LeaseLost):
        run(acme)

    assert further == []


class Broken(ValvError):
    """What a store that fails raises."""


def failing(act: Callable[..., Any], *, at: int, after: bool) -> Callable[..., Any]:
    """``act``, which fails at its ``at``-th call: before it is done, or after."""
    calls = iter(range(1, 1_000_000))

    def tried(*args: Any, **named: Any) -> Any:
        number = next(calls)
        if number == at and not after:
            raise Broken("not done")
        answer = act(*args, **named)
        if number == at:
            raise Broken("done, but the answer was lost")
        return answer

    return tried


STEPS = {
    "key": (keys, "destroy"),
    "blob": (type(None), "discard"),
    "settle": (keys, "is_settled"),
    "strike": (Intent.objects, "filter"),
}


@pytest.mark.parametrize("after", [False, True], ids=["not done", "answer lost"])
@pytest.mark.parametrize("at", [1, 2, 3])
@pytest.mark.parametrize("step", STEPS)
def test_a_run_that_breaks_anywhere_is_finished_by_the_next(
    acme: Tenant, monkeypatch: pytest.MonkeyPatch, step: str, at: int, *, after: bool
) -> None:
    lay_ages(acme, NOW, FEW_AGES)
    place, name = STEPS[step]
    owner = blobstore.store() if step == "blob" else place
    with monkeypatch.context() as patch:
        broken = failing(getattr(owner, name), at=at, after=after)
        patch.setattr(owner, name, broken, raising=True)
        broken_off = run(acme)

    run(acme)

    assert not broken_off.is_whole
    assert left(acme, NOW) == expected(FEW_AGES)


def test_a_reader_of_the_key_file_keeps_the_run_from_being_done(
    acme: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay_ages(acme, NOW)
    with monkeypatch.context() as patch:
        patch.setattr(keys, "is_settled", lambda: False)
        held_up = run(acme)

    run(acme)

    assert not held_up.is_whole
    assert left(acme, NOW) == expected()


def test_what_batches_decided_is_carried_out_though_a_later_one_fails(
    acme: Tenant,
) -> None:
    keys.create(acme.id, KeyKind.TEXT, [7])
    waiting = [7]

    def batch(_: Night) -> list[Intent]:
        if not waiting:
            raise Broken("not done")
        doomed = intents.intend(KeyKind.TEXT, [waiting.pop()], now=NOW)
        return intents.commit(doomed)

    with pytest.raises(Broken):
        in_batches(Night(acme, OPERATOR, NOW, note=print), batch)

    assert not keys.read(acme.id, KeyKind.TEXT, [7])


def test_what_is_found_and_never_taken_ends_its_class_and_is_said(
    acme: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay_ages(acme, NOW, ages=(20, 200))
    with scope.writing(acme.id):
        Interaction.objects.update(held=True)
    before = left(acme, NOW)
    monkeypatch.setattr(purge, "unheld", lambda due: due)  # as if it answered wrongly

    report = run(acme)

    assert report.counts["failed"] >= 1
    assert report.counts["recordings"] == 0
    assert left(acme, NOW) == before


def test_a_batch_that_came_after_a_hold_stops_none_that_follow(acme: Tenant) -> None:
    waiting = [0, 1, 0, 1]

    def batch(night: Night) -> list[Intent] | None:
        if not waiting:
            return None
        night.note(Counter(general=waiting.pop(0)))
        return []

    in_batches(Night(acme, OPERATOR, NOW, note=print), batch)

    assert not waiting


def test_who_went_with_a_night_is_dropped_from_every_memory(acme: Tenant) -> None:
    source = Source.of(acme)
    source.put("S1", started_at="2026-01-01T09:00:00Z", identifiers={"phone": PHONE})
    with scope.reading(acme.id):
        before = epoch()

    assert run(acme).counts["identifiers"] == 1

    with scope.reading(acme.id):
        assert epoch() > before
