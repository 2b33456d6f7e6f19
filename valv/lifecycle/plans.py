"""What a job is to do, and to whom: the part that may be told, and the sealed part.

Whom a job is about is sealed under a key of the job's own, which is destroyed when the
job is done. What is left of its row names nobody.
"""

from collections.abc import Iterable
from datetime import datetime
from enum import IntEnum, StrEnum
from secrets import randbits

import msgspec
from msgspec import Struct

from valv.archive.identifiers import lookup
from valv.archive.taking_out import Take
from valv.core.errors import Malformed
from valv.core.identifiers import Kind, Match, is_odd, match_of, read_identifier
from valv.core.ids import NOISE_BITS, mint
from valv.core.interaction import ContentKind
from valv.core.purposes import Use, use_from
from valv.lifecycle.models import Job
from valv.storage import keys
from valv.storage.keys import KeyKind
from valv.storage.sealed import open_value, seal_value
from valv.tenants.models import Tenant


class JobState(StrEnum):
    """Where a job is. Only ``planned`` ones go by themselves when nobody approves."""

    PLANNED = "planned"
    WAITING = "waiting"
    RUNNING = "running"
    PAUSED = "paused"
    PARTLY = "partly"
    DONE = "done"
    CANCELLED = "cancelled"


class ItemState(IntEnum):
    """What became of one interaction; stable, for it is stored."""

    WAITING = 0
    DONE = 1
    HELD = 2
    STRUCK = 3
    REFUSED = 4
    WITHOUT = 5


class Place(StrEnum):
    """Where a person is cut: unless it is said otherwise, in all of them."""

    ARCHIVE = "archive"
    SURVEYS = "surveys"
    RAW_DATA = "raw_data"


class Known(Struct, frozen=True):
    """Something that somebody is known by, as it was read."""

    kind: Kind
    normal: str
    shown: str


class Who(Struct, frozen=True):
    """Whom a job is about: what was entered, and where it stood when it was planned."""

    known: list[Known] = []
    ids: list[int] = []


class Options(Struct, frozen=True, omit_defaults=True):
    """What is done. ``delete`` and ``take`` are kinds of content; it names nobody.

    The places that it ``leaves`` stay as they are. For ``standing_days`` nothing is
    kept of whoever gets in touch again.
    ``keep_text`` keeps what the person wrote beside the content; ``blank`` takes what
    was entered out of chat logs and transcripts that are kept. ``reason`` is why there
    is something to delete where nobody is forgotten, or to take out. ``purpose`` is
    what restricted content is taken out for, ``restricted`` whether who asked may. Of a
    package for somebody, ``tell`` are identifiers of others that it may name, once they
    were ``reviewed``; staff is named if ``name_staff``.
    """

    anonymise: bool = False
    leaves: tuple[Place, ...] = ()
    delete: tuple[ContentKind, ...] = ()
    keep_text: bool = False
    blank: bool = True
    standing_days: int = 0
    struck: int = 0
    reason: str = ""
    take: tuple[ContentKind, ...] = ()
    purpose: str = ""
    restricted: bool = False
    tell: tuple[int, ...] = ()
    reviewed: bool = False
    name_staff: bool = False
    language: str = ""

    def cuts(self, *places: Place) -> bool:
        """Whether the person is cut in all of these places."""
        return self.anonymise and not set(places) & set(self.leaves)

    def ends_identifiers(self) -> bool:
        """Whether no place is left that an identifier is still told by."""
        return self.cuts(Place.ARCHIVE, Place.RAW_DATA)


def leaves_of(chosen: Iterable[Place]) -> tuple[Place, ...]:
    """The places that stay as they are, of those that were chosen to be cut."""
    wanted = set(chosen)
    return tuple(place for place in Place if place not in wanted)


EVERYTHING = tuple(ContentKind)


def read_known(
    tenant: Tenant, typed: Iterable[tuple[Kind, str]], *, field: str | None = None
) -> list[Known]:
    """Read what somebody is known by, in any written form.

    Raises Malformed for a name, which identifies nobody, for a withheld number, and
    for a fragment.
    """
    found: dict[tuple[Kind, str], Known] = {}
    for kind, text in typed:
        name = field or kind.value
        if kind is Kind.NAME:
            raise Malformed("A name alone identifies nobody.", field=name)
        one = _read(tenant, kind, text, field=name)
        found[kind, one.normal] = one
    return list(found.values())


def _read(tenant: Tenant, kind: Kind, text: str, *, field: str) -> Known:
    if match_of(text.strip()) is not Match.EXACT:
        raise Malformed("State it whole, without *.", field=field)
    try:
        one = read_identifier(text, kind=kind, region=tenant.region)
    except Malformed as error:
        raise Malformed(error.detail, field=field) from None
    if one.is_withheld:
        raise Malformed("A withheld number is nobody's.", field=field)
    return Known(kind, one.normal, one.shown)


def refuse_odd(tenant: Tenant, typed: Iterable[tuple[Kind, str]]) -> None:
    """Raises Malformed for what looks like no number or address.

    Nothing is found of it: where nobody looks first, *done* would be false comfort.
    """
    for kind, text in typed:
        if is_odd(read_identifier(text, kind=kind, region=tenant.region)):
            raise Malformed("It is no number or address.", field=kind.value)


def ids_of(tenant: Tenant, known: Iterable[Known]) -> list[int]:
    """The identifiers that are held of what was entered. Inside a scope."""
    return sorted(id_ for one in known for id_ in lookup(tenant, one.kind, one.normal))


def new_id(now: datetime) -> int:
    return mint(now, noise=randbits(NOISE_BITS))


def sealed(tenant_id: int, job_id: int, who: Who) -> bytes:
    """Seal whom a new job is about, under a key that is made and committed first."""
    key = keys.create(tenant_id, KeyKind.JOB, [job_id])[job_id]
    plain = msgspec.json.encode(who)
    return seal_value(plain, key=key, context=context_of(tenant_id, job_id))


def who_of(job: Job) -> Who:
    """Whom a job is about; nobody once it is done."""
    key = keys.read(job.tenant_id, KeyKind.JOB, [job.id]).get(job.id)
    if job.sealed is None or key is None:
        return Who()
    context = context_of(job.tenant_id, job.id)
    return msgspec.json.decode(
        open_value(bytes(job.sealed), key=key, context=context), type=Who
    )


def options_of(job: Job) -> Options:
    return msgspec.convert(job.options, Options)


def take_of(options: Options) -> Take:
    """What is taken out or, of a job that deletes, what would be counted so."""
    kinds = options.take or options.delete
    # Nothing is locked to whoever deletes: they open nothing.
    use = use_from(options.purpose) if options.take else Use.LEGAL
    may = options.restricted or not options.take
    return Take(kinds, use, may, options.reason)


def context_of(tenant_id: int, job_id: int) -> bytes:
    return f"job:{tenant_id}:{job_id}".encode()
