"""From which states a job is approved, paused, gone on with and cancelled."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest

from tests.cast import NOW, OPERATOR
from tests.held import lay_interaction
from valv.core.errors import Conflict
from valv.core.permissions import Right
from valv.lifecycle import jobs, lease, planning
from valv.lifecycle.lease import LeaseLost
from valv.lifecycle.models import Job
from valv.lifecycle.planning import Wanted
from valv.lifecycle.plans import JobState
from valv.storage import scope
from valv.tenants.access import Caller
from valv.tenants.models import Tenant

pytestmark = pytest.mark.django_db
Act = Callable[[Tenant, int], Job]
ACTS: tuple[tuple[Act, str, JobState], ...] = (
    (partial(jobs.approve, at_night=False, now=NOW), "planned", JobState.WAITING),
    (jobs.pause, "waiting running", JobState.PAUSED),
    (jobs.go_on, "paused partly", JobState.WAITING),
    (jobs.cancel, "planned waiting paused running", JobState.CANCELLED),
)


@pytest.fixture
def job(acme: Tenant) -> Job:
    caller = Caller(acme, OPERATOR, frozenset(Right))
    wanted = Wanted(interactions=frozenset([lay_interaction(acme)]))
    return planning.plan(caller, wanted, now=NOW)


def put(job: Job, tenant: Tenant, **fields: object) -> None:
    with scope.writing(tenant.id):
        Job.objects.filter(id=job.id).update(**fields)


@pytest.mark.parametrize("state", JobState)
@pytest.mark.parametrize(("act", "taken", "to"), ACTS)
def test_each_is_done_from_some_states_and_no_other(
    acme: Tenant, job: Job, act: Act, taken: str, to: JobState, state: JobState
) -> None:
    put(job, acme, state=state)

    if state in taken.split():
        assert act(acme, job.id).state == to
    else:
        with pytest.raises(Conflict):
            act(acme, job.id)
        assert jobs.found(acme.id, job.id).state == state


@pytest.mark.parametrize("state", JobState)
def test_nothing_that_has_begun_to_forget_is_cancelled(
    acme: Tenant, job: Job, state: JobState
) -> None:
    put(job, acme, state=state, gone_at=NOW - timedelta(minutes=1))

    with pytest.raises(Conflict):
        jobs.cancel(acme, job.id)

    assert not jobs.may_cancel(jobs.found(acme.id, job.id))


@pytest.mark.parametrize("stop", [jobs.pause, jobs.cancel])
def test_who_runs_one_that_is_stopped_does_no_more_of_it(
    acme: Tenant, job: Job, stop: Act
) -> None:
    put(job, acme, state=JobState.WAITING)
    held = lease.take_job(acme, job.id, states=jobs.RUNNABLE, now=NOW)

    stop(acme, job.id)

    with pytest.raises(LeaseLost):
        held.renew()
