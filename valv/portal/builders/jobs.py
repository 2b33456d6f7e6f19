"""Jobs on many interactions, as their pages show them."""

from collections.abc import Iterable
from dataclasses import replace

from django.urls import reverse

from valv.core.ids import moment_of
from valv.core.moments import parse_moment
from valv.core.reasons import Needs
from valv.lifecycle.models import Job
from valv.lifecycle.planning import language_of
from valv.lifecycle.plans import options_of
from valv.lifecycle.receipts import DELETE
from valv.lifecycle.showing import Hit, Listed, ShownJob
from valv.portal.builders.privacy import hit_row, job_row, known_row
from valv.portal.builders.progress import progress_of
from valv.portal.contexts.jobs import (
    FileRow,
    JobsRow,
    ManyPage,
    PackagePage,
    Undone,
)
from valv.portal.contexts.privacy import AlsoSeenRow, JobRow
from valv.tenants.models import Tenant
from valv.tenants.reasons import reasons_of

COUNTS = (
    "archive", "with_content", "without_any", "without_awaiting", "without_deleted",
    "without_expired", "without_refused", "locked", "held",
)  # fmt: skip
RESULTS = ("done", "waiting", "held", "refused", "without")


def jobs_row(job: Job) -> JobsRow:
    options = options_of(job)
    kinds = [kind.value for kind in options.take or options.delete]
    return JobsRow(
        href=reverse("job", args=[job.id]),
        created_at=job.created_at,
        what=what_of(job.kind, kinds),
        state=job.state,
        total=job.total,
        files=job.report.get("files", 0),
        held=job.report.get("held", 0),
        failed=bool(job.report.get("failed")),
    )


def what_of(kind: str, kinds: Iterable[str]) -> str:
    """What is done to what: a key of ``words.JOBS``; a transcript goes unsaid."""
    said = sorted(set(kinds) - {"transcript"})
    return f"{kind}-{said[0]}" if len(said) == 1 else kind


def many_page(
    job: ShownJob,
    undone: Iterable[tuple[int, str]],
    tenant: Tenant,
    *,
    reason: str = "",
    fault: str = "",
) -> ManyPage:
    is_deletion = job.kind == DELETE
    asked = reasons_of(tenant)
    return ManyPage(
        id=job.id,
        what=what_of(job.kind, job.take or job.delete),
        created_at=parse_moment(job.created_at),
        by=job.asked_by,
        progress=progress_of(job.watched(), "job-state"),
        counts=tuple((name, n) for name in COUNTS if (n := job.places.get(name))),
        results=tuple((name, n) for name in RESULTS if (n := job.progress[name])),
        files=_files(job),
        gone=max(0, job.report.get("files", 0) - len(job.files)),
        undone=tuple(
            Undone(reverse("interaction", args=[id_]), moment_of(id_), state)
            for id_, state in undone
        ),
        may_cancel=job.may_cancel,
        is_deletion=is_deletion,
        reason_required=is_deletion or Needs.DOWNLOAD in asked.required,
        proposed=asked.proposed,
        reason=reason,
        fault=fault,
        receipt=job.receipt.get("note", ""),
    )


def package_row(one: Listed) -> JobRow:
    return replace(job_row(one), href=reverse("subject-package", args=[one.id]))


def package_page(
    job: ShownJob,
    hits: Iterable[Hit],
    undone: Iterable[tuple[int, str]],
    tenant: Tenant,
) -> PackagePage:
    rows = tuple(map(hit_row, hits))
    page = replace(
        many_page(job, undone, tenant),
        progress=progress_of(job.watched(), "subject-state"),
        files=_files(job, "subject-file"),
    )
    return PackagePage(
        many=page,
        known=tuple(known_row(o.kind, o.shown, tenant.region) for o in job.about),
        others=tuple(
            AlsoSeenRow(s.id, s.kind, s.shown, s.here, s.elsewhere)
            for s in job.also_seen_with
        ),
        hits=rows,
        more_hits=max(0, sum(job.progress[k] for k in ("total", "struck")) - len(rows)),
        language=language_of(tenant, ""),
    )


def _files(job: ShownJob, place: str = "job-file") -> tuple[FileRow, ...]:
    return tuple(
        FileRow(
            reverse(place, args=[job.id, one.n]),
            one.name,
            one.contents,
            one.bytes,
            parse_moment(one.expires_at),
        )
        for one in job.files
    )
