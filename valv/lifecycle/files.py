"""Prepared files: shown to whoever asked for them, fetched, and ended in time.

Each fetch is entered before its first byte. A file is the asker's alone; what is in it
must be in their reach still, and open to them still.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from msgspec import Struct

from valv.archive import contents, prepared
from valv.archive.models import Interaction, PreparedFile, PreparedPart
from valv.archive.reach import narrowed
from valv.audit.actions import Action
from valv.audit.operations import Act, record
from valv.core.errors import Gone, NotFound, Refused
from valv.core.moments import format_moment, zone_named
from valv.core.permissions import Right
from valv.lifecycle.models import Job
from valv.lifecycle.plans import options_of
from valv.storage import intents, scope
from valv.storage.sealed import SealedReader
from valv.tenants.access import Caller
from valv.tenants.models import Tenant

CONTENT = "prepared_file"
NAMES = {"recording": "recordings", "chat_log": "chat-logs"}


class ShownFile(Struct, frozen=True):
    """A file that can be fetched until it dies; ``contents`` are counted."""

    n: int
    name: str
    contents: int
    bytes: int
    expires_at: str


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file that may now be read, under its name."""

    file: PreparedFile
    name: str
    reader: SealedReader


def files_of(job: Job, tenant: Tenant, *, now: datetime) -> list[ShownFile]:
    """Those that are there, in order. Inside a scope."""
    return [
        ShownFile(
            one.n,
            name_of(job, one, tenant),
            one.members,
            one.stored_bytes,
            format_moment(one.expires_at),
        )
        for one in _living(job, now)
    ]


def _living(job: Job, now: datetime) -> list[PreparedFile]:
    found = PreparedFile.objects.filter(job_id=job.id, expires_at__gt=now, blob__gt="")
    return list(found.order_by("n"))


def name_of(job: Job, file: PreparedFile, tenant: Tenant) -> str:
    """What it is called: what is in it and when it was asked for; it names nobody."""
    at = job.created_at.astimezone(zone_named(tenant.timezone))
    take = options_of(job).take
    what = NAMES.get(take[0].value, "contents") if len(take) == 1 else "contents"
    return f"{what}_{at:%Y-%m-%d_%H%M%S}_{file.n}.zip"


def fetch(caller: Caller, job: Job, n: int, *, now: datetime) -> Fetched:
    """Fetch a file of a job that came by its door: one entry for each call.

    Raises NotFound for what never was or is beyond reach, Gone for what died, and
    Refused (``restricted``) for what was restricted since.
    """
    with scope.writing(caller.tenant.id):
        files = {one.n: one for one in _living(job, now)}
        if n not in files:
            if 1 <= n <= job.report.get("files", 0):
                raise Gone("This file is gone. Have it made again.")
            raise NotFound
        file = files[n]
        _check(caller, job, file)
        reader = contents.file_reader(file)
        if reader is None:
            raise Gone("This file is gone. Have it made again.")
        details = {"job": str(job.id), "file": n, "contents": file.members}
        act = Act(Action.DOWNLOAD, content=CONTENT, details=details)
        record(act, actor=caller.actor, now=now)
        return Fetched(file, name_of(job, file, caller.tenant), reader)


def _check(caller: Caller, job: Job, file: PreparedFile) -> None:
    parts = PreparedPart.objects.filter(file_id=file.id)
    ids = parts.values("interaction_id")
    if not caller.reach.is_everywhere:
        near = narrowed(Interaction.objects.filter(id__in=ids), caller.reach)
        if near.count() < parts.values("interaction_id").distinct().count():
            raise NotFound
    locked = Interaction.objects.filter(id__in=ids, restricted=True)
    may = caller.may(Right.RESTRICTED) and options_of(job).purpose
    if not may and locked.exists():
        raise Refused("restricted", "Something in it is restricted.")


def end_old_files(tenant: Tenant, *, now: datetime) -> None:
    """End files whose time is over, and those that were never made to an end."""
    over = Q(expires_at__lte=now)
    with scope.reading(tenant.id):
        if not PreparedFile.objects.filter(over).exists():
            return
    with scope.writing(tenant.id):
        doomed = intents.commit(prepared.files_ending(over, now=now))
    intents.carry_out(tenant.id, doomed)
