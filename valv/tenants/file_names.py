"""How a tenant's files are named that are taken out together."""

from dataclasses import dataclass
from datetime import datetime

from valv.audit.actions import Action
from valv.audit.operations import Act, record
from valv.core.changes import setting
from valv.core.file_names import FIELD, USUAL, checked_pattern, named
from valv.core.people import Actor
from valv.core.traces import refuse_traces
from valv.storage import scope
from valv.tenants.models import Tenant

NAME = "file_names"
ENDING = ".mp3"
MADE_UP = {
    "date": "2026-11-23",
    "time": "140500",
    "session": "S-1042",
    "id": "3700000000000000001",
    "n": "1",
    "queue": "Support",
    "agent": "a17",
    "number": "+46701740605",  # of those the numbering plan keeps for fiction
}


@dataclass(frozen=True, slots=True)
class FileNames:
    """The pattern in force, and what a made-up recording is called by it."""

    pattern: str
    example: str


def file_names_of(tenant: Tenant) -> FileNames:
    """What is in force."""
    pattern = tenant.file_names or USUAL
    return FileNames(pattern, named(pattern, MADE_UP) + ENDING)


def set_file_names(
    tenant: Tenant, pattern: str, *, actor: Actor, now: datetime
) -> FileNames:
    """Name files so from now on, "" as is usual; entered if it changes anything.

    Files that are made already keep their names. Raises Malformed for a pattern that
    is none, or leads to somebody.
    """
    kept = checked_pattern(pattern)
    refuse_traces(kept, region=tenant.region, field=FIELD)
    with scope.writing(tenant.id):
        row = Tenant.objects.filter(id=tenant.id)
        before = row.values_list("file_names", flat=True).get()
        if kept != before:
            row.update(file_names=kept)
            told = {FIELD: before or USUAL}, {FIELD: kept or USUAL}
            act = Act(Action.SETTING, details=setting(NAME, *told))
            record(act, actor=actor, now=now)
    tenant.file_names = kept
    return file_names_of(tenant)
