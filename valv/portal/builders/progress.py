"""How far a job is, as every page of jobs shows it."""

from django.urls import reverse

from valv.lifecycle.plans import JobState
from valv.lifecycle.showing import Watched
from valv.portal.contexts.privacy import JobProgress

GOING = (JobState.WAITING, JobState.RUNNING)


def progress_of(one: Watched, page: str) -> JobProgress:
    """``page`` names where the state is asked for again."""
    return JobProgress(
        state=one.status,
        href=reverse(page, args=[one.id]),
        done=one.done,
        total=one.total,
        held=one.held,
        failed=one.failed,
        at_night=one.at_night,
        is_going=one.status in GOING,
    )
