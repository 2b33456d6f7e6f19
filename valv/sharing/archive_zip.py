"""Recordings and chat logs of many interactions in one zip, made as it is sent.

Each content is a download of its own: its entry in the audit log commits before its
first byte leaves. What was removed meanwhile is not missed silently: ``errors.txt``, at
the end, lists it. Nothing is laid on a disk.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from zipstream import ZipStream

from valv.archive import sights
from valv.archive.sights import Opened, Why, name_of
from valv.core.errors import Busy, Forbidden, ReasonRequired, ValvError
from valv.core.interaction import ContentKind
from valv.core.moments import zone_named
from valv.sharing.chat_files import chat_log_xml, transcript_xml
from valv.sharing.file_names import file_name
from valv.tenants.access import Caller

MEDIA_TYPE = "application/zip"
ERRORS = "errors.txt"
NO_WHY = Why()

Place: TypeAlias = tuple[int, ContentKind, int]


@dataclass
class _Report:
    """What is in the zip, and what could not be put there."""

    names: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)

    def note(self, place: Place, error: ValvError) -> None:
        interaction_id, kind, n = place
        self.problems.append(f"{interaction_id} {name_of(kind, n)}: {error.title}")

    def unused(self, name: str, place: Place) -> str:
        """The name, with the interaction's id if another file has it already."""
        if name in self.names:
            name = f"{place[0]}_{name}"
        self.names.add(name)
        return name


def archive_zip(
    caller: Caller,
    places: Iterable[Place],
    *,
    now: datetime,
    why: Why = NO_WHY,
    left_out: Callable[[], int] = lambda: 0,
) -> Iterator[bytes]:
    """The bytes of a zip of the contents at ``places``, in their order.

    Restricted ones open for the purpose in ``why``. How many were left out before they
    were named here is asked at the end.

    Raises Forbidden at the first byte without the right to download, ReasonRequired
    where the tenant wants to know why, and Busy when the audit log cannot be written,
    for then nothing may leave.
    """
    archive, report = ZipStream(), _Report()
    for place in places:
        yield from _member(archive, report, caller, place, why, now=now)
    if count := left_out():
        report.problems.append(f"{count} restricted contents were left out.")
    if report.problems:
        archive.add("\n".join([*report.problems, ""]).encode(), ERRORS)
    yield from archive.finalize()


def _member(
    archive: ZipStream,
    report: _Report,
    caller: Caller,
    place: Place,
    why: Why,
    *,
    now: datetime,
) -> Iterator[bytes]:
    try:
        opened = sights.download(
            caller, *place, now=now, use=why.use, reason=why.reason
        )
        body = _body(opened, place[1])
    except (Forbidden, Busy, ReasonRequired):
        raise
    except ValvError as error:
        report.note(place, error)
        return
    name = report.unused(_name(opened, caller), place)
    archive.add(_until_it_fails(body, report, place), name)
    yield from archive.file()


def _body(opened: Opened, kind: ContentKind) -> Iterator[bytes]:
    match kind:
        case ContentKind.CHAT_LOG:
            return iter([chat_log_xml(sights.chat_log_of(opened))])
        case ContentKind.TRANSCRIPT:
            return iter([transcript_xml(sights.transcript_of(opened))])
        case ContentKind.RECORDING:
            return opened.reader.read()


def _until_it_fails(
    body: Iterator[bytes], report: _Report, place: Place
) -> Iterator[bytes]:
    """The bytes as far as they can be read; a deletion may come in between."""
    try:
        yield from body
    except ValvError as error:
        report.note(place, error)


def _name(opened: Opened, caller: Caller) -> str:
    row, interaction = opened.row, opened.interaction
    kind = ContentKind.numbered(row.kind)
    part = {
        ContentKind.RECORDING: f"{row.n}.{row.format.removeprefix('x-')}",
        ContentKind.CHAT_LOG: f"chat-log-{row.n}.xml",
        ContentKind.TRANSCRIPT: f"transcript-{row.n}.xml",
    }[kind]
    return file_name(
        interaction.session_id,
        started_at=row.started_at or interaction.started_at,
        zone=zone_named(caller.tenant.timezone),
        part=part,
    )
