"""Jobs as the page on anonymising shows them."""

from collections.abc import Iterable
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from valv.archive.standing_models import StandingEntry
from valv.core.identifiers import Kind, is_odd, read_identifier
from valv.core.moments import parse_moment
from valv.core.phones import written_forms
from valv.lifecycle.many import Planned, Refused
from valv.lifecycle.plans import JobState, Options, Place
from valv.lifecycle.showing import Hit, Listed, ShownJob
from valv.portal.builders.progress import progress_of
from valv.portal.contexts.privacy import (
    AlsoSeenRow,
    EntryRow,
    HitRow,
    JobPage,
    JobRow,
    LinePlanned,
    LineRefused,
    ManyPage,
    PersonKnown,
    TypedPerson,
)


def job_row(one: Listed) -> JobRow:
    return JobRow(
        href=reverse("anonymise-job", args=[one.id]),
        created_at=one.created_at,
        by=one.asked_by,
        about=", ".join(one.about),
        state=one.status,
        kind=one.kind,
        matched=one.matched,
        held=one.held,
        failed=one.failed,
    )


def entry_row(one: StandingEntry) -> EntryRow:
    href = reverse("anonymise-job", args=[one.job_id])
    return EntryRow(one.id, href, one.created_at, one.created_by, one.until)


def typed_of(job: ShownJob) -> TypedPerson:
    return TypedPerson(
        anonymise=job.anonymise,
        delete=bool(job.delete),
        keep_text=job.keep_text,
        blank=job.blank,
        standing=str(job.standing_days or ""),
        archive=_cuts(job, Place.ARCHIVE),
        surveys=_cuts(job, Place.SURVEYS),
        raw_data=_cuts(job, Place.RAW_DATA),
    )


def _cuts(job: ShownJob, place: Place) -> bool:
    """Whether it is ticked; where nobody is anonymised, nothing says it is not."""
    return not job.anonymise or place in job.anonymise_in


def _name(place: Place) -> str:
    match place:
        case Place.ARCHIVE:
            return _("the archive")
        case Place.SURVEYS:
            return _("comments of surveys")
        case Place.RAW_DATA:
            return _("raw data")


def many_page(lines: Iterable[Planned | Refused], options: Options) -> ManyPage:
    told = list(lines)
    return ManyPage(
        planned=tuple(_line(one) for one in told if isinstance(one, Planned)),
        refused=tuple(
            LineRefused(one.line, one.field) for one in told if isinstance(one, Refused)
        ),
        leaves=", ".join(map(_name, options.leaves)),
    )


def _line(one: Planned) -> LinePlanned:
    job = one.job
    href = reverse("anonymise-job", args=[str(job.id)])
    held = job.places.get("held", 0)
    return LinePlanned(one.line, str(job.id), href, job.total, held)


def job_page(job: ShownJob, hits: Iterable[Hit], *, region: str) -> JobPage:
    rows = tuple(map(hit_row, hits))
    shown = {name: n for name, n in job.places.items() if n and name != "held"}
    return JobPage(
        id=job.id,
        kind=job.kind,
        created_at=parse_moment(job.created_at),
        by=job.asked_by,
        progress=progress_of(job.watched(), "anonymise-state"),
        known=tuple(known_row(one.kind, one.shown, region) for one in job.about),
        typed=typed_of(job),
        places=tuple(shown.items()),
        also_seen=tuple(
            AlsoSeenRow(s.id, s.kind, s.shown, s.here, s.elsewhere)
            for s in job.also_seen_with
        ),
        hits=rows,
        more_hits=max(0, sum(job.progress[k] for k in ("total", "struck")) - len(rows)),
        ended_at=_moment(job.finished_at),
        gone_at=_moment(job.found_nowhere_since),
        receipt=job.receipt.get("note", ""),
        keeps_recordings=_keeps(job),
        leaves=", ".join(_name(one) for one in Place if not _cuts(job, one)),
        leaves_archive=not _cuts(job, Place.ARCHIVE),
        may_cancel=job.may_cancel,
        may_delete=job.status == JobState.DONE and not job.delete and _keeps(job),
    )


def _keeps(job: ShownJob) -> bool:
    """Whether content stays in which the person can be heard or read."""
    kinds = ("recordings", "chat_logs", "transcripts")
    return not job.delete and any(job.places.get(kind) for kind in kinds)


def _moment(text: str | None) -> datetime | None:
    return None if text is None else parse_moment(text)


def known_row(kind: str, shown: str, region: str) -> PersonKnown:
    forms = written_forms(shown, region=region) if kind == Kind.PHONE else []
    one = read_identifier(shown, kind=Kind(kind), region=region)
    return PersonKnown(kind, shown, " · ".join(forms), is_odd=is_odd(one))


def hit_row(hit: Hit) -> HitRow:
    item = hit.item
    person = item.identifiers
    known = (person.name, person.phone, person.email, person.handle)
    there = [one for one in item.contents if one.state == "present"]
    return HitRow(
        id=item.id,
        href="" if hit.hidden else reverse("interaction", args=[item.id]),
        at=parse_moment(item.started_at),
        media=item.media,
        who=", ".join(filter(None, known)) or _("Anonymised"),
        queue=item.queue or "",
        contents=str(len(there) or ""),
        struck=hit.struck,
        hidden=hit.hidden,
        held=item.held,
    )
