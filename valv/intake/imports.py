"""An import: folders, zips and single files, all in, each interaction once.

What is wrong with one file is named, by its name and a reason and never by what is in
it, and the rest goes in. It may be run again, also after a crash: what is there is left
alone. A dry run reads everything and changes nothing.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zipfile import BadZipFile
from zlib import error as ZlibError  # noqa: N812 -- the name zlib gives it is “error”

from valv.audit.actions import Action
from valv.audit.operations import Act, record
from valv.core.answers import restricts
from valv.core.errors import Busy, Malformed, Refused, ValvError
from valv.core.interaction import Arrival, ContentKind
from valv.core.moments import local_date, zone_named
from valv.core.people import Actor
from valv.core.retention import StorageTimes, Stored, stored_as
from valv.intake.arrivals import Outcome, take_in, would_take_in
from valv.intake.event_files import take_file
from valv.intake.found import Amiss, Events, Found, Search
from valv.intake.mapping import Map
from valv.intake.refusals import note
from valv.intake.report import Report
from valv.intake.sources import opened
from valv.storage import scope
from valv.tenants.models import Tenant
from valv.tenants.queries import storage_times

Step = Callable[[str], None]


@dataclass(slots=True)
class Import:
    """One run of the command. ``tonight`` is told of a dry run alone."""

    tenant: Tenant
    actor: Actor
    now: datetime
    map: Map | None = None
    dry_run: bool = False
    report: Report = field(default_factory=Report)
    tonight: dict[str, int] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        told = self.report.as_json()
        if self.dry_run:
            told |= {"dry_run": True, "next_night": self.tonight}
        return told


def run(asked: Import, paths: Sequence[Path], *, step: Step = lambda _: None) -> None:
    """Import all that is in ``paths``; ``step`` is told each source before it goes in.

    The report tells what happened. Raises Busy if the archive stays locked.
    """
    with scope.reading(asked.tenant.id):
        times = storage_times()
    for path in paths:
        _import_path(asked, path, times, step=step)
    if not asked.dry_run:
        _note(asked)


def _import_path(asked: Import, path: Path, times: StorageTimes, *, step: Step) -> None:
    try:
        with opened(path) as folder:
            search = Search(asked.tenant, folder, asked.map)
            for one in search.everything():
                step(one.source)
                _import_one(asked, search, path, one, times)
    except Busy:
        raise
    except (ValvError, OSError, EOFError, BadZipFile, ZlibError) as error:
        asked.report.note(str(path), _told(error))


def _import_one(
    asked: Import,
    search: Search,
    path: Path,
    one: Found | Events | Amiss,
    times: StorageTimes,
) -> None:
    # A single file is its own source; in a folder or zip the path says which of many.
    source = str(path) if path.name == one.source else f"{path}/{one.source}"
    try:
        match one:
            case Amiss(error=error):
                _note_refusal(asked, error)
                asked.report.note(source, error)
            case Events():
                _import_events(asked, search, source, one)
            case Found():
                _import_found(asked, search, source, one, times)
    except Busy:
        raise
    except (ValvError, OSError, EOFError, BadZipFile, ZlibError) as error:
        asked.report.note(source, _told(error))


def _note_refusal(asked: Import, error: ValvError) -> None:
    """Enter in the log what a rule refused before it was an arrival."""
    if isinstance(error, Refused) and not asked.dry_run:
        with scope.writing(asked.tenant.id):
            note(None, error, actor=asked.actor, now=asked.now)


def _import_events(asked: Import, search: Search, source: str, one: Events) -> None:
    take_file(
        asked.tenant,
        search.folder,
        one.source,
        asked.report,
        source=source,
        actor=asked.actor,
        now=asked.now,
        dry_run=asked.dry_run,
    )


def _import_found(
    asked: Import, search: Search, source: str, one: Found, times: StorageTimes
) -> None:
    arrival = one.read()

    def beside(filename: str) -> Iterable[bytes] | None:
        return search.bytes_beside(one.place, filename)

    if asked.dry_run:
        outcome = would_take_in(
            asked.tenant, arrival, now=asked.now, beside=beside, unstated=one.unstated
        )
        _count_tonight(asked, arrival, outcome, times)
    else:
        outcome = take_in(
            asked.tenant,
            arrival,
            actor=asked.actor,
            now=asked.now,
            beside=beside,
            unstated=one.unstated,
        )
    asked.report.take(source, outcome)


def _count_tonight(
    asked: Import, arrival: Arrival, outcome: Outcome, times: StorageTimes
) -> None:
    """How much of it the next nightly run would take, by class."""
    zone = zone_named(asked.tenant.timezone)
    night = local_date(asked.now, zone=zone) + timedelta(days=1)
    ended_at = arrival.general.ended_at or arrival.general.started_at
    nights = {one: times.goes_on(one, ended_at=ended_at, zone=zone) for one in Stored}
    due = {one for one, first in nights.items() if first is not None and first <= night}
    for stored, count in _going(arrival, outcome, due).items():
        asked.tonight[stored.value] = asked.tonight.get(stored.value, 0) + count


def _going(
    arrival: Arrival, outcome: Outcome, due: Collection[Stored]
) -> dict[Stored, int]:
    """How much that there would be goes, by class; with a recording its transcript."""
    spoken = _recordings_of(arrival)
    recordings, chat_logs, transcripts = (
        {n for of, n in outcome.contents if of is kind}
        for kind in (
            ContentKind.RECORDING,
            ContentKind.CHAT_LOG,
            ContentKind.TRANSCRIPT,
        )
    )
    if Stored.TRANSCRIPTS not in due:
        transcripts &= recordings if spoken in due else set()
    return {
        Stored.GENERAL: int(Stored.GENERAL in due),
        spoken: len(recordings) * (spoken in due),
        Stored.CHAT_LOGS: len(chat_logs) * (Stored.CHAT_LOGS in due),
        Stored.TRANSCRIPTS: len(transcripts),
        Stored.SURVEYS: int(arrival.survey is not None) * (Stored.SURVEYS in due),
    }


def _recordings_of(arrival: Arrival) -> Stored:
    told = arrival.restricted or arrival.general.restricted is True
    restricted = told or restricts(arrival.general.variables or {})
    return stored_as(ContentKind.RECORDING, restricted=restricted)


def _note(asked: Import) -> None:
    """One entry for the whole run, beside those of each interaction."""
    counts = {
        name: len(value) if isinstance(value, list) else value
        for name, value in asked.report.as_json().items()
    }
    with scope.writing(asked.tenant.id):
        act = Act(Action.OPERATE, details={"command": "import", **counts})
        record(act, actor=asked.actor, now=asked.now)


def _told(error: Exception) -> ValvError:
    if isinstance(error, ValvError):
        return error
    return Malformed("The file cannot be read: it is broken, or access is denied.")
