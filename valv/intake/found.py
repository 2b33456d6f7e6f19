"""What an import finds in a folder: vCons, events, recordings by name, an old table.

Each file belongs to one thing. A recording that a vCon or a table speaks of goes with
that, also where the vCon itself turns out to be broken; one of which nobody speaks is
read by its name. A file of no known kind is named.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath
from zoneinfo import ZoneInfo

from valv.core.errors import Malformed, ValvError
from valv.core.interaction import Arrival, General, RecordingPart, decoded
from valv.core.moments import zone_named
from valv.intake import mapped_rows
from valv.intake.delivery_notes import moment_from, read_note
from valv.intake.mapping import Map, rows_of
from valv.intake.old_names import Named, is_sound, read_name, stem_of
from valv.intake.sources import Folder, beside, chunks, read_text
from valv.intake.stated import NOTHING, Bits, Stated
from valv.intake.vcons import arrival_from
from valv.tenants.models import Tenant

VCONS, EVENTS, NOTE = {".json", ".vcon"}, {".ndjson", ".jsonl"}, ".xml"
UNKNOWN = "This is no kind of file that Valv can import."
UNCLAIMED = "Nothing tells which interaction this recording belongs to."


@dataclass(frozen=True, slots=True)
class Found:
    """Something to import; ``read`` raises for what is wrong with it.

    ``place`` is the name beside which its recordings lie.
    """

    source: str
    place: str
    read: Callable[[], Arrival]
    unstated: Bits = NOTHING


@dataclass(frozen=True, slots=True)
class Events:
    """A file of raw events."""

    source: str


@dataclass(frozen=True, slots=True)
class Amiss:
    """A file that cannot be imported, and why."""

    source: str
    error: ValvError


@dataclass(slots=True)
class Search:
    """A look through one folder."""

    tenant: Tenant
    folder: Folder
    map: Map | None

    @property
    def zone(self) -> ZoneInfo:
        named = self.map.timezone if self.map is not None else ""
        return zone_named(named or self.tenant.timezone)

    def everything(self) -> Iterator[Found | Events | Amiss]:
        """All there is, each thing once; recordings nobody claimed come last."""
        names = self.folder.names()
        claimed: set[str] = set()
        if self.map is not None:
            yield from self._table(self.map, names, claimed)
        for name in names:
            if name not in claimed:
                yield from self._document(name, claimed)
        left = [name for name in names if is_sound(name) and name not in claimed]
        yield from self._recordings(left, claimed)
        yield from self._notes(names, claimed)

    def _document(
        self, name: str, claimed: set[str]
    ) -> Iterator[Found | Events | Amiss]:
        ending = PurePosixPath(name).suffix.lower()
        if ending in VCONS:
            yield self._vcon(name, claimed)
        elif ending in EVENTS:
            yield Events(name)
        elif ending != NOTE and not is_sound(name):
            yield Amiss(name, Malformed(UNKNOWN))

    def _vcon(self, name: str, claimed: set[str]) -> Found | Amiss:
        try:
            arrival = arrival_from(read_text(self.folder, name))
        except (ValvError, OSError, EOFError) as error:
            claimed.update(self._kin_of(name))
            return Amiss(name, _told(error))
        claimed.update(self._files_of(name, arrival.recordings))
        return Found(name, name, lambda: arrival)

    def _kin_of(self, name: str) -> Iterator[str]:
        """Recordings that share a broken vCon's name: theirs is the same trouble."""
        start = name.partition(".")[0]
        for other in self.folder.names():
            if is_sound(other) and other.partition(".")[0] == start:
                yield other

    def _files_of(self, name: str, parts: Iterable[RecordingPart]) -> Iterator[str]:
        for part in parts:
            found = beside(self.folder, name, part.filename) if part.filename else None
            if found is not None:
                yield found

    def _table(
        self, made: Map, names: list[str], claimed: set[str]
    ) -> Iterator[Found | Amiss]:
        if made.table not in names:
            yield Amiss(made.table, Malformed("The map's table is not here."))
            return
        claimed.add(made.table)
        place = f"{made.recordings.strip('/')}/-" if made.recordings else made.table
        try:
            for number, row in rows_of(made, read_text(self.folder, made.table)):
                yield self._row(made, number, row, place, claimed)
        except (ValvError, OSError) as error:
            yield Amiss(made.table, _told(error))

    def _row(
        self,
        made: Map,
        number: int,
        row: dict[str, object],
        place: str,
        claimed: set[str],
    ) -> Found | Amiss:
        source = f"{made.table}:{number}"
        try:
            arrival = mapped_rows.arrival_from(made, row, zone=self.zone)
        except ValvError as error:
            return Amiss(source, error)
        claimed.update(self._files_of(place, arrival.recordings))
        return Found(source, place, lambda: arrival)

    def _recordings(
        self, names: list[str], claimed: set[str]
    ) -> Iterator[Found | Amiss]:
        sessions: dict[tuple[str, str], list[tuple[str, Named]]] = defaultdict(list)
        for name in names:
            named = read_name(name)
            if named is None:
                yield Amiss(name, Malformed(UNCLAIMED))
                continue
            place = name.rpartition("/")[0]
            sessions[place, named.session_id].append((name, named))
            claimed.add(f"{name.rpartition('.')[0]}{NOTE}")
        for listed in sessions.values():
            yield self._session(listed)

    def _session(self, listed: list[tuple[str, Named]]) -> Found:
        first = listed[0][0]
        unstated = NOTHING if listed[0][1].started_at else Stated.STARTED_AT
        note = f"{first.rpartition('.')[0]}{NOTE}"
        if self.folder.has(note):
            unstated = NOTHING
        read = partial(self._read_session, listed)
        return Found(first, first, read, unstated | Stated.MEDIA)

    def _read_session(self, listed: list[tuple[str, Named]]) -> Arrival:
        """All recordings of one session, with what their names and notes tell."""
        name, named = listed[0]
        told = self._note(name)
        parts = [
            {
                "n": one.n or place,
                "filename": PurePosixPath(other).name,
                "started_at": one.started_at,
            }
            for place, (other, one) in enumerate(listed, start=1)
        ]
        known = {
            "started_at": self._started_at(name, named, told),
            "direction": named.direction,
            "queue": told.get("queue") or told.get("queue_key") or named.queue,
            "agents": list(dict.fromkeys(a for _, one in listed for a in one.agents)),
            "identifiers": _party(told.get("phone") or named.phone),
            "variables": _variables(told),
        }
        said = {key: value for key, value in known.items() if value}
        return Arrival(
            session_id=told.get("session_id", named.session_id),
            general=decoded(said, General),
            recordings=tuple(decoded(part, RecordingPart) for part in parts),
        )

    def _note(self, name: str) -> dict[str, str]:
        note = f"{name.rpartition('.')[0]}{NOTE}"
        if not self.folder.has(note):
            return {}
        return read_note(read_text(self.folder, note))

    def _started_at(self, name: str, named: Named, told: dict[str, str]) -> object:
        if "started_at" in told:
            return moment_from(told["started_at"], zone=self.zone)
        return named.started_at or self.folder.modified(name)

    def _notes(self, names: list[str], claimed: set[str]) -> Iterator[Amiss]:
        for name in names:
            if name.lower().endswith(NOTE) and name not in claimed:
                yield Amiss(name, Malformed(f"No recording {stem_of(name)} is here."))

    def bytes_beside(self, place: str, filename: str) -> Iterator[bytes] | None:
        """The bytes of a file beside ``place``; None if it is not there."""
        found = beside(self.folder, place, filename)
        return None if found is None else chunks(self.folder, found)


def _party(phone: str | None) -> dict[str, str] | None:
    return {"phone": phone} if phone else None


def _variables(told: dict[str, str]) -> dict[str, str]:
    return {k: v for k, v in told.items() if k in ("access_number", "queue_key")}


def _told(error: Exception) -> ValvError:
    if isinstance(error, ValvError):
        return error
    return Malformed("The file cannot be read.")
