"""Requests as their pages show them."""

from collections.abc import Iterable, Mapping

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from valv.core.errors import Malformed
from valv.core.privacy_requests import RequestState
from valv.lifecycle.requests import Seen
from valv.lifecycle.showing import Listed
from valv.portal import words
from valv.portal.contexts.requests import RequestPage, RequestRow, RequestsPage
from valv.portal.jinja import moment


def request_row(seen: Seen) -> RequestRow:
    row = seen.row
    has_job = row.job_id is not None
    return RequestRow(
        id=str(row.id),
        kind=row.kind,
        state=seen.state.value,
        who=seen.who,
        received_on=row.received_on,
        due_on=row.due_on,
        registered_by=row.registered_by,
        extended_for=row.extended_for,
        checked_by=row.checked_by,
        decision=row.decision,
        decided_for=row.decided_for,
        decided_at=row.decided_at,
        answered_how=row.answered_how,
        answered_at=row.answered_at,
        job=reverse("anonymise-job", args=[row.job_id]) if has_job else "",
    )


def requests_page(
    listed: Iterable[Seen], typed: Mapping[str, str], error: Malformed | None
) -> RequestsPage:
    rows = [request_row(one) for one in listed]
    over = RequestState.ANSWERED.value
    return RequestsPage(
        waiting=tuple(row for row in rows if row.state != over),
        answered=tuple(row for row in rows if row.state == over),
        typed=typed,
        faults=faults_of(error),
    )


def request_page(
    seen: Seen,
    jobs: Iterable[Listed],
    typed: Mapping[str, str],
    error: Malformed | None,
) -> RequestPage:
    known = tuple((one.id, _job_words(one)) for one in jobs)
    return RequestPage(request_row(seen), known, typed, faults_of(error))


def _job_words(job: Listed) -> str:
    """When it was asked for, and how much it is about: whom, nobody knows any more."""
    much = ngettext("%(n)s interaction", "%(n)s interactions", job.matched)
    state = words.word(words.JOB_STATES, job.status)
    return f"{moment(job.created_at)}, {much % {'n': job.matched}}, {state}"


def faults_of(error: Malformed | None) -> Mapping[str, str]:
    if error is None:
        return {}
    field = error.field or "who"
    match field:
        case "who":
            return {field: _("Write who it is from.")}
        case "received_on":
            return {field: _("Choose a day that is not yet to come.")}
        case _:
            return {field: _("Say so in a few words.")}
