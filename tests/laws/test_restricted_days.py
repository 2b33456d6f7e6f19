"""Law 6: recordings of restricted interactions go on days of their own."""

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from tests.cast import OPERATOR
from tests.intake.asking import Source, states
from tests.laws.laying import SOUND, ago
from valv.archive.models import Content, Interaction
from valv.core.interaction import ContentState
from valv.core.moments import format_moment
from valv.core.retention import FOREVER, StorageTimes
from valv.lifecycle import nightly
from valv.storage import scope
from valv.tenants.operations import set_storage_times

pytestmark = pytest.mark.django_db(transaction=True)
AGES = (2, 6, 12, 20)
few = settings(
    max_examples=6,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
days = st.none() | st.integers(0, 25) | st.just(FOREVER)


def keep(source: Source, **times: Any) -> None:
    set_storage_times(source.tenant, StorageTimes(**times), actor=OPERATOR, now=ago(0))


def lay(source: Source, session: str, age: int, *, restricted: bool) -> Any:
    at = format_moment(ago(age))
    variables = {"SET_RESTRICTED": "Yes"} if restricted else {"order": "1"}
    source.put(session, started_at=at, ended_at=at, variables=variables)
    return source.ask("PUT", f"/interactions/{session}/recordings/1", SOUND)


def night(source: Source) -> dict[str, int]:
    tenant, now = source.tenant, ago(0)
    return nightly.run(tenant, nightly.today(tenant, now), now=now).counts


def left(source: Source) -> set[str]:
    """The sessions whose recording is still there."""
    present = source.rows(Content, state=ContentState.PRESENT.number)
    ids = [row.interaction_id for row in present]
    return {row.session_id for row in source.rows(Interaction, id__in=ids)}


def stays(age: int, *limits: Any) -> bool:
    return all(limit is None or limit is FOREVER or age <= limit for limit in limits)


@few
@example(recordings=3, restricted=12)
@example(recordings=12, restricted=3)
@given(recordings=days, restricted=days)
def test_each_goes_on_its_own_days(
    source: Source, recordings: Any, restricted: Any
) -> None:
    with scope.writing(source.tenant.id):
        Interaction.objects.all().delete()
    keep(source, general=40, recordings=None)
    for age in AGES:
        lay(source, f"free-{age}", age, restricted=False)
        lay(source, f"restricted-{age}", age, restricted=True)
    keep(source, general=15, recordings=recordings, restricted=restricted)

    counts = night(source)

    own = recordings if restricted is None else restricted
    expected = {f"free-{age}" for age in AGES if stays(age, 15, recordings)}
    expected |= {f"restricted-{age}" for age in AGES if stays(age, 15, own)}
    assert left(source) == expected
    assert counts["recordings"] + counts["restricted"] == 2 * len(AGES) - len(expected)
    assert counts["failed"] == 0
    with scope.writing(source.tenant.id):
        Content.objects.all().delete()


def test_the_preview_tells_what_the_night_takes(source: Source) -> None:
    for age in AGES:
        lay(source, f"r{age}", age, restricted=True)
    tenant = source.tenant
    keep(source, general=180, recordings=30, restricted=10)
    shown = nightly.preview(tenant, nightly.today(tenant, ago(0))).counts

    assert (shown["recordings"], shown["restricted"]) == (0, 2)
    assert night(source)["restricted"] == 2


def test_at_0_days_a_restricted_recording_is_not_stored(source: Source) -> None:
    keep(source, general=180, recordings=14, restricted=0)

    answer = lay(source, "S1", 0, restricted=True)

    assert (answer.status_code, answer.json()["rule"]) == (403, "storage_time")
    assert lay(source, "S2", 0, restricted=False).status_code == 201


def test_one_that_is_restricted_late_goes_by_the_new_days(source: Source) -> None:
    keep(source, general=180, recordings=30, restricted=5)
    lay(source, "S1", 12, restricted=False)
    assert night(source)["restricted"] == 0

    source.put("S1", variables={"SET_RESTRICTED": "1"})

    assert night(source)["restricted"] == 1
    assert states(source.item("S1")) == [("recording", 1, "expired")]


def test_a_hold_keeps_it(source: Source) -> None:
    keep(source, general=180, recordings=30, restricted=5)
    lay(source, "S1", 12, restricted=True)
    with scope.writing(source.tenant.id):
        Interaction.objects.update(held=True)

    assert night(source)["restricted"] == 0
    assert left(source) == {"S1"}
