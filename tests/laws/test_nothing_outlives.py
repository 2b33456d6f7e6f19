"""Law 6: nothing outlives the interaction it hangs on, nor its own storage time.

Archives of generated ages and storage times; after the night, every table with an
interaction's id is looked through, by the registry, and every key and blob.
"""

from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.cast import OPERATOR
from tests.intake.asking import Source
from tests.laws.laying import (
    PHONE,
    ago,
    blobs,
    hanging,
    interactions,
    lay,
    lay_the_rest,
    living,
    told,
)
from valv.archive import people
from valv.archive.models import (
    Content,
    Identifier,
    Interaction,
    PlayHandle,
    RawEvent,
    Survey,
)
from valv.audit.actions import Action
from valv.audit.models import Entry
from valv.audit.operations import Act, record
from valv.audit.verify import verify
from valv.core.identifiers import Kind, read_pattern
from valv.core.ids import mint
from valv.core.interaction import ContentState
from valv.core.people import SYSTEM
from valv.core.retention import FOREVER, StorageTimes
from valv.intake.models import Missing
from valv.lifecycle import nightly
from valv.lifecycle.orphans import find_orphans
from valv.storage import keys, scope
from valv.storage.keys import KeyKind
from valv.tenants.models import Tenant
from valv.tenants.operations import set_storage_times

pytestmark = pytest.mark.django_db(transaction=True)
_numbers = count(1)
few = settings(
    max_examples=8,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
days = st.integers(0, 40) | st.just(FOREVER)
own = st.none() | days
TIMES = st.builds(
    StorageTimes,
    general=days,
    recordings=own,
    restricted=own,
    chat_logs=own,
    transcripts=own,
    surveys=own,
    raw_events=own,
)
LIVING = (ContentState.PRESENT.number, ContentState.AWAITING.number)


def night(tenant: Tenant, *, ahead: int = 0) -> nightly.Report:
    now = ago(-ahead)
    return nightly.run(tenant, nightly.today(tenant, now), now=now)


def check_nothing_outlives(
    tenant: Tenant, *, left: frozenset[Any] = frozenset()
) -> None:
    """Nor is there a key or a blob without its row, but those that are ``left``."""
    there = interactions(tenant)
    with scope.reading(tenant.id):
        for model in hanging():
            ids = model.objects.filter(interaction_id__isnull=False)
            found = set(ids.values_list("interaction_id", flat=True))
            assert found <= there, model._meta.db_table
        contents = list(Content.objects.filter(state__in=LIVING, id__isnull=False))
        people = set(Identifier.objects.values_list("id", flat=True))
    held = {row.id for row in contents}
    known: dict[KeyKind, set[Any]] = {
        KeyKind.CONTENT: held,
        KeyKind.IDENTIFIER: people,
        KeyKind.TEXT: there,
    }
    assert {
        one for one in living(tenant) if one[1] not in known[KeyKind(one[0])]
    } <= left
    named = {blob for row in contents for blob in (row.blob, row.peaks_blob) if blob}
    assert named <= blobs(tenant) <= named | left
    assert verify(tenant.id).ok


@few
@given(times=TIMES, ages=st.lists(st.integers(0, 45), min_size=1, max_size=3))
def test_after_the_night_nothing_hangs_on_nothing(
    source: Source, times: StorageTimes, ages: list[int]
) -> None:
    tenant = source.tenant
    generous = StorageTimes(general=FOREVER, recordings=None, chat_logs=None)
    set_storage_times(tenant, generous, actor=OPERATOR, now=ago(0))
    for age in ages:
        laid = lay(source, f"N{next(_numbers)}", days=age)
        look_at(tenant, int(laid.call))
    set_storage_times(tenant, times, actor=OPERATOR, now=ago(0))

    report = night(tenant)

    assert report.is_whole
    check_nothing_outlives(tenant)
    assert not [e for e in source.rows(Entry, action="purge") if "orphans" in e.details]


def look_at(tenant: Tenant, call: int) -> None:
    handle = {"id": f"h{call}", "user_id": 1, "content_id": 1, "created_at": ago(0)}
    with scope.writing(tenant.id):
        PlayHandle.objects.create(interaction_id=call, **handle)
        Missing.objects.create(interaction_id=call, kind=0, n=1, started_at=ago(0))
        record(Act(Action.SEE, call), actor=OPERATOR, now=ago(0))


def test_with_an_interaction_goes_its_row_in_every_table(source: Source) -> None:
    tenant, laid = source.tenant, lay(source, "old", days=300)
    lay_the_rest(tenant, laid)
    with scope.writing(tenant.id):
        record(Act(Action.SEE, int(laid.call)), actor=OPERATOR, now=ago(0))
        assert [model for model in hanging() if not model.objects.exists()] == []

    assert night(tenant).is_whole

    assert interactions(tenant) == set()
    check_nothing_outlives(tenant)
    assert not [e for e in source.rows(Entry, action="purge") if "orphans" in e.details]


def test_surveys_and_raw_events_go_on_their_own_days(source: Source) -> None:
    laid = lay(source, "own", days=10)
    times = StorageTimes(general=20, surveys=5, raw_events=5)
    set_storage_times(source.tenant, times, actor=OPERATOR, now=ago(0))

    night(source.tenant)

    assert not source.rows(Survey) + source.rows(RawEvent)
    assert int(laid.call) in interactions(source.tenant)
    assert source.item("own-call")["identifiers"]["phone"] == "+46701234567"


def test_no_memory_keeps_whom_a_night_took(source: Source) -> None:
    """Of fragments; a search that finds no call says nothing of what is held."""
    laid = lay(source, "old", days=300)
    wanted = read_pattern(f"*{PHONE[-4:]}", kind=Kind.PHONE, region="SE")
    asked = f"/interactions?phone=*{PHONE[-4:]}"
    (found,) = source.ask("GET", asked).json()["items"]
    assert found["id"] == laid.call

    night(source.tenant)

    assert source.ask("GET", asked).json()["items"] == []
    with scope.reading(source.tenant.id):
        assert [one.fitting(wanted).ids for one in people.held()] == [frozenset()]


def test_a_chat_under_way_is_left_alone_by_the_sweep(source: Source) -> None:
    laid = lay(source, "under-way", days=0)

    with scope.writing(source.tenant.id):
        Interaction.objects.update(updated_at=ago(-3))  # it is told of to this day
    night(source.tenant, ahead=3)

    (row,) = source.rows(Content, interaction_id=int(laid.telling))
    assert row.state == ContentState.AWAITING.number
    assert keys.read(source.tenant.id, KeyKind.CONTENT, [row.id])


def test_a_chat_that_never_ended_goes_on_its_day(source: Source) -> None:
    laid = lay(source, "never-ended", days=20)
    times = StorageTimes(general=100, chat_logs=10)
    set_storage_times(source.tenant, times, actor=OPERATOR, now=ago(0))

    night(source.tenant)

    (row,) = source.rows(Content, interaction_id=int(laid.telling))
    assert row.state == ContentState.EXPIRED.number
    check_nothing_outlives(source.tenant)


@pytest.mark.parametrize("model", hanging(), ids=lambda m: m._meta.db_table)
def test_what_lost_its_interaction_is_found_and_removed(
    source: Source, model: Any
) -> None:
    laid = lay(source, "lost")
    lay_the_rest(source.tenant, laid)
    with scope.writing(source.tenant.id):
        record(Act(Action.SEE, int(laid.call)), actor=SYSTEM, now=ago(0))
        Interaction.objects.all().delete()
    found = find_orphans(source.tenant.id)

    report = night(source.tenant)

    assert found[model._meta.db_table]
    assert report.is_whole
    assert find_orphans(source.tenant.id) == {}


def test_keys_that_were_made_for_nothing_go_after_a_day(source: Source) -> None:
    laid = lay(source, "kept")
    source.tell(told("kept-telling", laid.at, 9, "session.ended"))
    kept = living(source.tenant)
    tenant_id, old = source.tenant.id, ago(2)
    for kind in (KeyKind.CONTENT, KeyKind.IDENTIFIER, KeyKind.TEXT):
        keys.create(tenant_id, kind, [mint(old, noise=kind.value)])

    night(source.tenant)
    night(source.tenant, ahead=2)

    assert living(source.tenant) == kept


def test_an_identifier_taken_back_goes_on_its_day(source: Source) -> None:
    source.put(
        "taken", started_at="2026-11-01T10:00:00Z", identifiers={"phone": "0701"}
    )
    source.put("taken", identifiers={"phone": "0702"})
    with scope.writing(source.tenant.id):
        Identifier.objects.update(written_at=ago(400))

    night(source.tenant)

    assert len(source.rows(Identifier)) == 1
    assert source.item("taken")["identifiers"]["phone"] == "0702"


def test_no_number_of_the_log_is_given_twice(source: Source) -> None:
    laid = lay(source, "numbered", days=300)
    verify(source.tenant.id)
    with scope.writing(source.tenant.id):
        record(Act(Action.SEE, int(laid.call)), actor=OPERATOR, now=ago(0))
    verify(source.tenant.id)
    last = max(source.rows(Entry), key=lambda entry: entry.seq)

    night(source.tenant)

    assert last.interaction_id == int(laid.call)
    assert verify(source.tenant.id).ok
    assert last.seq not in {entry.seq for entry in source.rows(Entry)}
