"""Jobs over HTTP: forgetting a person, and deleting content of many.

A job is planned and, unless it is left for later, begun at once; what a request has no
time for the worker finishes. ``GET /jobs/{id}`` tells how far it is.
"""

from collections.abc import Iterator
from typing import Literal

from django.http.response import HttpResponseBase
from msgspec import Struct

from valv.api.contents import number_from
from valv.api.endpoint import Answer, Call, Query, endpoint, limit_to
from valv.archive.queries import walk_ids
from valv.core.errors import Malformed
from valv.core.identifiers import Kind
from valv.core.ids import id_from_text
from valv.core.interaction import ContentKind, Line, Word
from valv.core.moments import zone_named
from valv.core.purposes import Use
from valv.core.search import HIGHEST_LIMIT, Count, read_search
from valv.lifecycle import access, jobs, kinds, many, planning
from valv.lifecycle.access import reachable_job
from valv.lifecycle.files import fetch
from valv.lifecycle.models import Job
from valv.lifecycle.plans import EVERYTHING, Options, Place, leaves_of
from valv.lifecycle.receipts import DOWNLOAD, FORGET, SUBJECT
from valv.lifecycle.showing import ShownJob, items_after, see_job
from valv.sharing import archive_zip
from valv.sharing.streams import Sent, sent
from valv.sharing.transfers import Way
from valv.storage import scope

MOST_ITEMS = 500
ON_PEOPLE = (FORGET, SUBJECT)
BY = (Kind.PHONE, Kind.EMAIL, Kind.HANDLE)


class JobAsked(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be done, and to whom or what.

    ``forget`` takes a person by ``phone``, ``email`` and ``handle``, however written;
    ``delete`` takes ``contents`` of interactions, and so does ``download``, which puts
    them in zips that can be fetched for a day; restricted ones open for the ``purpose``
    that the person granted. ``subject`` takes a person, and packs what is held about
    them: others who stand there have to be ``reviewed`` first, and those of
    ``third_parties`` are named; so is staff if ``name_staff``. All take
    ``interactions`` by id, all that a ``search`` finds, and those that another job,
    ``of_job``, was done to. ``csv`` is a file of many persons, as text: a job for each
    row under the headings phone, email, handle. A person is cut in the places of
    ``anonymise_in``: in the others all stays as it is, and nobody is said to be found
    nowhere. For
    ``standing_days`` nothing is kept of whom a forgetting was about if they get in
    touch again. ``when`` is now, at the coming night, or not until it is approved.
    ``reason`` says why content is deleted, where nobody is forgotten, or taken out.
    """

    kind: Literal["forget", "delete", "download", "subject"]
    when: Literal["never", "now", "night"] = "now"
    phone: tuple[Line, ...] = ()
    email: tuple[Line, ...] = ()
    handle: tuple[Line, ...] = ()
    interactions: tuple[Word, ...] = ()
    search: dict[Word, tuple[Line, ...]] = {}
    of_job: Word | None = None
    csv: str = ""
    leave_out: tuple[Word, ...] = ()
    anonymise: bool = True
    anonymise_in: tuple[Place, ...] = tuple(Place)
    delete_content: bool = False
    contents: tuple[ContentKind, ...] = EVERYTHING
    keep_text: bool = False
    blank: bool = True
    standing_days: int = 0
    reason: Line = ""
    purpose: Word | None = None
    third_parties: tuple[Word, ...] = ()
    reviewed: bool = False
    name_staff: bool = False
    language: Literal["", "sv", "en"] = ""


class Approval(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When it is to be run; of a package, that others who stand there were reviewed."""

    when: Literal["now", "night"] = "now"
    third_parties: tuple[Word, ...] = ()
    reviewed: bool = False
    name_staff: bool = False
    language: Literal["", "sv", "en"] = ""


class JobOfLine(Struct, frozen=True):
    """The job that a line of the file became."""

    line: int
    id: str
    status: str
    matched: int
    held: int


class LineRefused(Struct, frozen=True):
    """A line that cannot be read, by its number; never what stands there."""

    line: int
    field: str
    reason: str


class ManyJobs(Struct, frozen=True):
    """What became of a file of persons; the worker does its jobs."""

    jobs: list[JobOfLine]
    refused: list[LineRefused]


class JobInteraction(Struct, frozen=True):
    """One interaction of a job: waiting, done, held, struck, refused or without."""

    interaction_id: str
    state: str


class JobInteractions(Struct, frozen=True):
    """A page of them, and the cursor of the next."""

    items: list[JobInteraction]
    next: str | None


@endpoint("POST", "/jobs", body=JobAsked, answers={201: ShownJob, 202: ManyJobs})
def post_job(call: Call) -> Answer:
    """Plan a job, and run it unless it is left for later.

    Needs the right to what it does: privacy, or delete and bulk, or download and bulk.
    `GET /jobs/{id}` tells how far it is, and which files can be fetched. A file of
    persons is answered with 202: a job for each, and the lines that cannot be read.
    """
    asked = call.json(JobAsked)
    access.require(call.caller, asked.kind)
    if asked.csv:
        return Answer(_post_many(call, asked), 202)
    job = planning.plan(call.caller, _wanted(call, asked), now=call.now)
    job = _reviewed(call, job, asked)
    if asked.when != "never" and not kinds.needs_review(job):
        at_night = asked.when == "night"
        job = kinds.begin(call.caller.tenant, job, at_night=at_night, now=call.now)
    return Answer(see_job(call.caller, job, now=call.now), 201)


def _post_many(call: Call, asked: JobAsked) -> ManyJobs:
    like = _wanted(call, asked)
    if asked.kind != FORGET or like != planning.Wanted(options=like.options):
        raise Malformed("The persons are those of the file.", field="csv")
    listed = many.persons_of(asked.csv, most=many.MOST_IN_A_REQUEST)
    planned, refused = [], []
    for one in many.plans_of(call.caller, listed, like=like, now=call.now):
        if isinstance(one, many.Refused):
            refused.append(LineRefused(one.line, one.field, one.reason))
        else:
            planned.append(_job_of_line(call, one, asked.when))
    return ManyJobs(planned, refused)


def _job_of_line(call: Call, one: many.Planned, when: str) -> JobOfLine:
    job = one.job
    if when != "never":
        at_night = when == "night"
        job = jobs.approve(call.caller.tenant, job.id, at_night=at_night, now=call.now)
    held = job.places.get("held", 0)
    return JobOfLine(one.line, str(job.id), job.state, job.total, held)


@endpoint("GET", "/jobs/{id}", answers={200: ShownJob})
def show_job(call: Call, job_id: str) -> ShownJob:
    """Show a job: what was found, how far it is, and its receipt."""
    return see_job(call.caller, reachable_job(call.caller, job_id), now=call.now)


@endpoint(
    "GET",
    "/jobs/{id}/interactions",
    query=[limit_to(MOST_ITEMS, default=50), Query("cursor", "the last answer's next")],
    answers={200: JobInteractions},
)
def list_job(call: Call, job_id: str) -> JobInteractions:
    """List the interactions of a job, with what became of each."""
    limit = call.number("limit", 50, most=MOST_ITEMS)
    after = id_from_text(call.one("cursor", "0") or "0")
    job = reachable_job(call.caller, job_id)
    with scope.reading(call.caller.tenant.id):
        found = items_after(call.caller, job, after, limit=limit)
    listed = [JobInteraction(str(id_), state) for id_, state in found]
    last = listed[-1].interaction_id if len(listed) == limit else None
    return JobInteractions(listed, last)


@endpoint(
    "GET",
    "/jobs/{id}/files/{n}",
    answers={200: archive_zip.MEDIA_TYPE, 206: archive_zip.MEDIA_TYPE},
    transfers=Way.OUT,
)
def fetch_file(call: Call, job_id: str, n: str) -> HttpResponseBase:
    """Fetch a file that a job made, whole or one range of it; each fetch is entered.

    410 once it is over a day old, or anything in it was deleted or anonymised.
    """
    job = reachable_job(call.caller, job_id)
    got = fetch(call.caller, job, number_from(n), now=call.now)
    how = Sent(archive_zip.MEDIA_TYPE, got.name, f"{got.file.id:x}", attached=True)
    return sent(call.request, got.reader, how)


@endpoint("POST", "/jobs/{id}/approve", body=Approval, answers={200: ShownJob})
def approve_job(call: Call, job_id: str) -> ShownJob:
    """Let a planned job be run, now or at the coming night."""
    job = reachable_job(call.caller, job_id)
    asked = call.json(Approval)
    job = _reviewed(call, job, asked)
    at_night = asked.when == "night"
    begun = kinds.begin(call.caller.tenant, job, at_night=at_night, now=call.now)
    return see_job(call.caller, begun, now=call.now)


@endpoint("POST", "/jobs/{id}/pause", answers={200: ShownJob})
def pause_job(call: Call, job_id: str) -> ShownJob:
    """Stop a job before its next batch; it can be gone on with."""
    job = reachable_job(call.caller, job_id)
    return see_job(call.caller, jobs.pause(call.caller.tenant, job.id), now=call.now)


@endpoint("POST", "/jobs/{id}/continue", answers={200: ShownJob})
def continue_job(call: Call, job_id: str) -> ShownJob:
    """Go on with a paused job, or try one again that is partly done."""
    job = jobs.go_on(call.caller.tenant, reachable_job(call.caller, job_id).id)
    job = kinds.run_at_once(call.caller.tenant, job, now=call.now)
    return see_job(call.caller, job, now=call.now)


@endpoint("POST", "/jobs/{id}/cancel", answers={200: ShownJob})
def cancel_job(call: Call, job_id: str) -> ShownJob:
    """End a job that has forgotten nobody yet."""
    job = reachable_job(call.caller, job_id)
    return see_job(call.caller, jobs.cancel(call.caller.tenant, job.id), now=call.now)


def _reviewed(call: Call, job: Job, asked: JobAsked | Approval) -> Job:
    """The job, with what was said of the others in a package."""
    tenant, others = call.caller.tenant, bool(job.places.get("third_parties"))
    if job.kind != SUBJECT or (others and not asked.reviewed):
        return job
    return planning.review(
        tenant,
        job,
        tell=map(id_from_text, asked.third_parties),
        language=asked.language,
        name_staff=asked.name_staff,
    )


def _wanted(call: Call, asked: JobAsked) -> planning.Wanted:
    typed = tuple((kind, text) for kind in BY for text in getattr(asked, kind.value))
    if asked.kind not in ON_PEOPLE and typed:
        raise Malformed("This is about interactions, and nobody.", field="kind")
    return planning.Wanted(
        kind=asked.kind,
        typed=typed,
        interactions=_chosen(call, asked),
        pages=_hits(call, asked) if asked.search else None,
        struck=frozenset(map(id_from_text, asked.leave_out)),
        options=_options(asked),
    )


def _options(asked: JobAsked) -> Options:
    if asked.kind == SUBJECT:
        return Options(take=EVERYTHING, purpose=Use.LEGAL.value, language="en")
    if asked.kind == DOWNLOAD:
        purpose = asked.purpose or ""
        return Options(take=asked.contents, reason=asked.reason, purpose=purpose)
    if asked.kind != FORGET:
        return Options(delete=asked.contents, reason=asked.reason)
    return Options(
        anonymise=asked.anonymise,
        leaves=leaves_of(asked.anonymise_in),
        delete=asked.contents if asked.delete_content else (),
        keep_text=asked.keep_text,
        blank=asked.blank,
        standing_days=asked.standing_days,
        reason=asked.reason,
    )


def _chosen(call: Call, asked: JobAsked) -> frozenset[int]:
    found = set(map(id_from_text, asked.interactions))
    if asked.of_job is not None:
        other = reachable_job(call.caller, asked.of_job)
        found |= planning.chosen_of(other.id, call.caller.tenant)
    return frozenset(found)


def _hits(call: Call, asked: JobAsked) -> Iterator[list[int]]:
    """All that a search finds at this moment: the job is done to these."""
    tenant = call.caller.tenant
    pairs = [(name, value) for name, values in asked.search.items() for value in values]
    pairs += [("limit", str(HIGHEST_LIMIT)), ("count", Count.NONE.value)]
    request = read_search(pairs, zone=zone_named(tenant.timezone), region=tenant.region)
    return walk_ids(call.caller, request, now=call.now)
