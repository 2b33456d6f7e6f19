"""What nobody decided about is destroyed after a day, by the worker or the night."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.intake.asking import Source, states
from tests.intake.test_provisional import PENDING, SOUND, held, lay
from tests.laws.laying import ago, told
from valv.archive.models import ChatPart, Interaction
from valv.audit.models import Entry
from valv.jobs.work import end_undecided
from valv.lifecycle import nightly
from valv.lifecycle.undecided import destroy_undecided
from valv.storage import intents, scope
from valv.storage.models import Intent
from valv.tenants.models import Tenant

pytestmark = pytest.mark.django_db(transaction=True)
DAY = timedelta(hours=24)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def source(acme: Tenant) -> Source:
    return Source.of(acme)


def now() -> datetime:
    return datetime.now(UTC)


def call(source: Source) -> None:
    """A pending recording of a call that goes on."""
    lay(source, PENDING)
    at = ago(0)
    source.tell(
        told("S1", at, 0, "session.started", media="phone"),
        told("S1", at, 1, "queue.entered", queue="Support"),
        told("S1", at, 2, "agent.connected", agent="a7"),
    )
    assert source.ask("PUT", "/interactions/S1/recordings/1", SOUND).status_code == 201


def chat(source: Source, text: str = "Hej") -> None:
    at = ago(0)
    source.tell(
        told("S1", at, 0, "session.started", media="chat"),
        told("S1", at, 1, "chat.message", **{"from": "customer", "text": text}),
    )


@pytest.mark.parametrize("lay_it", [call, chat])
def test_a_day_later_it_is_destroyed_and_not_before(
    source: Source, lay_it: Any
) -> None:
    lay_it(source)

    early = destroy_undecided(source.tenant, now=now() + DAY - MINUTE)
    before = held()[0]
    late = destroy_undecided(source.tenant, now=now() + DAY + MINUTE)

    assert (early, before, late, held()) == (0, 1, 1, (0, 0))
    assert [state for _, _, state in states(source.item("S1"))] == ["refused"]
    assert source.rows(ChatPart) == []
    (entry,) = source.rows(Entry, action="refuse")
    assert (entry.details, entry.actor_type) == ({"rule": "no_decision"}, "system")


def test_the_night_does_it_too(source: Source) -> None:
    call(source)
    late = now() + DAY + MINUTE

    report = nightly.run(source.tenant, nightly.today(source.tenant, late), now=late)

    assert (report.is_whole, held()) == (True, (0, 0))


def test_the_worker_looks_once_a_minute(source: Source) -> None:
    looked: dict[int, datetime] = {}
    end_undecided(source.tenant, now() + DAY, looked)
    call(source)

    end_undecided(source.tenant, now() + DAY + MINUTE / 2, looked)
    before = held()
    end_undecided(source.tenant, now() + DAY + 2 * MINUTE, looked)

    assert (before, held()) == ((1, 2), (0, 0))


def test_a_chat_that_goes_on_for_days_is_left_alone(source: Source) -> None:
    chat(source)
    (row,) = source.rows(Interaction)
    with scope.writing(source.tenant.id):
        Interaction.objects.update(updated_at=now() + 2 * DAY)

    assert destroy_undecided(source.tenant, now=row.updated_at + 2 * DAY) == 0
    assert destroy_undecided(source.tenant, now=row.updated_at + 4 * DAY) == 1


def test_a_yes_that_comes_too_late_brings_nothing_back(source: Source) -> None:
    call(source)
    destroy_undecided(source.tenant, now=now() + DAY + MINUTE)

    at = ago(0)
    source.tell(
        told("S1", at, 5, "recording.requested", action="save"),
        told("S1", at, 9, "session.ended"),
    )

    assert [state for _, _, state in states(source.item("S1"))] == ["refused"]
    path = "/interactions/S1/recordings/1"
    assert source.ask("PUT", path, b"RIFF").status_code in (410, 422)


def test_what_a_crash_cut_short_is_finished(
    source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    call(source)

    def crash(_tenant_id: int, _doomed: list[Intent]) -> bool:
        raise RuntimeError("cut short")

    with monkeypatch.context() as patch:
        patch.setattr(intents, "carry_out", crash)
        with pytest.raises(RuntimeError):
            destroy_undecided(source.tenant, now=now() + DAY + MINUTE)

    before = held()
    intents.resume(source.tenant.id)
    assert (before, held()) == ((1, 2), (0, 0))
