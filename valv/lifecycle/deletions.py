"""The deletion report of a period, from what the archive itself keeps.

Nights keep their reports, jobs their receipts; what somebody deleted by hand stands in
the audit log. Nothing else removes what was once kept. It counts, and names nobody.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from valv.core.deletions import Cause, DeletionReport, Line, summed
from valv.core.errors import Malformed
from valv.core.moments import local_date, local_day_bounds, parse_date, zone_named
from valv.core.permissions import Right
from valv.core.retention import DEFAULT_TIMES, Forever, StorageTimes, Stored
from valv.core.storage_rules import Terms
from valv.lifecycle import by_hand, by_rule
from valv.lifecycle.by_rule import Taken
from valv.lifecycle.models import NightlyRun, PrivacyRequest, Receipt
from valv.lifecycle.receipts import Told, told_in
from valv.storage import scope
from valv.tenants.access import Caller
from valv.tenants.models import StorageSetting
from valv.tenants.queries import times_of
from valv.tenants.storage_terms import policy_in

WITH_OTHERS = ("audit_entries", "identifiers")  # by night, with what they hung on
DAY = timedelta(days=1)
Rule = tuple[StorageTimes, date | None]


def _period(from_on: str, to_on: str, *, today: date) -> tuple[date, date]:
    """The dates that were typed, the year until then, or until today.

    Raises Malformed.
    """
    last = parse_date(to_on, field="to") if to_on else today
    first = parse_date(from_on, field="from") if from_on else date(last.year, 1, 1)
    if first > last:
        raise Malformed("The period ends before it begins.", field="to")
    return first, last


def deletion_report(
    caller: Caller, from_on: str, to_on: str, *, today: date
) -> DeletionReport:
    """What was removed on the days of a period, both ends included.

    Raises Forbidden, and Malformed for what is no period.
    """
    caller.require(Right.RETENTION)
    zone = zone_named(caller.tenant.timezone)
    first, last = _period(from_on, to_on, today=today)
    with scope.reading(caller.tenant.id):
        nights = list(NightlyRun.objects.filter(date__gte=first).order_by("date"))
        ran = [night for night in nights if night.date <= last]
        lines = [
            *_of_nights(ran, zone),
            *_by_hand(nights, first, last, zone),
            *_of_jobs(first, last, zone),
        ]
    return DeletionReport(
        tenant=caller.tenant.name,
        from_on=first,
        to_on=last,
        made_on=today,
        nights=len(ran),
        unfinished=sum(bool(night.report.get("failed")) for night in ran),
        lines=summed(lines),
    )


def _bounds(first: date, last: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    ends = local_day_bounds(last, zone=zone)
    return local_day_bounds(first, zone=zone)[0], ends[1]


def _of_nights(nights: list[NightlyRun], zone: ZoneInfo) -> Iterator[Line]:
    """What went by the rules that took it.

    What no night told a rule of went by the general times in force as it began.
    """
    settings = list(StorageSetting.objects.order_by("since", "id"))
    begun = [one.since for one in settings]
    versions = {one.id: one for one in settings}
    for night in nights:
        told = Counter[str]()
        for taken in by_rule.taken_in(night.report):
            told[taken.data.value] += taken.number
            yield _by_rule(taken, versions.get(taken.version), night, zone)
        at = bisect_right(begun, night.started_at) - 1
        rule: Rule = (DEFAULT_TIMES, None)
        if at >= 0:
            since = local_date(settings[at].since, zone=zone)
            rule = times_of(settings[at]), since
        for data in (*(stored.value for stored in Stored), *WITH_OTHERS):
            left = int(night.report.get(data, 0)) - told[data]
            yield _of_night(night, data, rule, left)


def _by_rule(
    taken: Taken, version: StorageSetting | None, night: NightlyRun, zone: ZoneInfo
) -> Line:
    terms = Terms(policy_in(version), taken.rules)
    since = None if version is None else local_date(version.since, zone=zone)
    return by_rule.line_of(taken, terms, night=night.date, since=since)


def _of_night(night: NightlyRun, data: str, rule: Rule, count: int) -> Line:
    times, since = rule
    own = None if data in WITH_OTHERS else times.effective(Stored(data))
    days = None if isinstance(own, Forever) else own
    return Line(
        data=data,
        count=count,
        cause=Cause.STORAGE_TIME,
        first_on=night.date,
        last_on=night.date,
        newest_on=None if days is None else night.date - (days + 1) * DAY,
        days=days,
        since=since,
    )


def _by_hand(
    nights: list[NightlyRun], first: date, last: date, zone: ZoneInfo
) -> Iterator[Line]:
    """From the log, and of interactions that went since from their night's report."""
    start, end = _bounds(first, last, zone)
    yield from by_hand.still_told(start, end, zone=zone)
    for night in nights:
        for line in by_hand.carried_over(night.report):
            if first <= line.first_on <= last:
                yield line


def _of_jobs(first: date, last: date, zone: ZoneInfo) -> Iterator[Line]:
    """Each job's last receipt in the period, less what one before it told already."""
    start, end = _bounds(first, last, zone)
    until = Receipt.objects.filter(issued_at__lt=end)
    jobs = until.filter(issued_at__gte=start).values("job_id")
    newest: dict[int, Receipt] = {}
    before: dict[int, Told] = {}
    for one in until.filter(job_id__in=jobs).order_by("id"):
        newest[one.job_id] = one
        if one.issued_at < start:
            before[one.job_id] = told_in(one.note)
    asked = PrivacyRequest.objects.filter(job_id__in=list(newest))
    requests = dict(asked.values_list("job_id", "id"))
    for job_id, receipt in newest.items():
        request = requests.get(job_id)
        yield from _of_job(receipt, before.get(job_id), request, zone)


def _of_job(
    receipt: Receipt, before: Told | None, request: int | None, zone: ZoneInfo
) -> Iterator[Line]:
    told, on = told_in(receipt.note), local_date(receipt.issued_at, zone=zone)
    for data, count in told.removed.items():
        yield Line(
            data=data,
            count=count - (before.removed.get(data, 0) if before else 0),
            cause=Cause(told.kind),
            first_on=on,
            last_on=on,
            job=str(receipt.job_id),
            entry=receipt.seq,
            request=None if request is None else str(request),
        )
