"""People outside, from what was typed to where each identifier stands once.

A name belongs to the number, address or handle that it came with, and alone to its
interaction, so it never identifies anybody by itself.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from msgspec import UNSET, UnsetType

from valv.archive.identifiers import Wanted, held, resolve
from valv.archive.standing import standing_among, standing_hash
from valv.core.errors import Malformed
from valv.core.identifiers import Identifier, Kind, read_identifier
from valv.core.interaction import General, Party
from valv.tenants.models import Tenant

UNKNOWN = -1  # the id of what is not held
OWNERS = (Kind.PHONE, Kind.EMAIL, Kind.HANDLE)

# What was said of one person, by kind; None where it was cleared.
Read = dict[Kind, Identifier | None]


@dataclass(frozen=True, slots=True)
class Known:
    """The ids of one person's identifiers; None where it is cleared or withheld.

    Of one for whom an entry is ``standing`` nothing is kept, and nothing known.
    """

    ids: Mapping[Kind, int | None]
    withheld: bool = False
    standing: bool = False


NOBODY = Known({})


def read_party(tenant: Tenant, party: Party | UnsetType | None) -> Read:
    """Read what was typed. Raises Malformed, naming the field."""
    if party is None:
        return dict.fromkeys(Kind)
    if party is UNSET:
        return {}
    found: Read = {}
    for kind in Kind:
        typed = getattr(party, kind.value)
        if typed is not UNSET:
            found[kind] = _read(typed, kind=kind, region=tenant.region)
    return found


def read_name(tenant: Tenant, typed: str | None) -> Read:
    """A name that came by itself; nothing where there is none."""
    if not typed or not typed.strip():
        return {}
    return {Kind.NAME: read_party(tenant, Party(name=typed))[Kind.NAME]}


def _read(typed: str | None, *, kind: Kind, region: str) -> Identifier | None:
    if not typed or not typed.strip():
        return None
    try:
        return read_identifier(typed, kind=kind, region=region)
    except Malformed as error:
        raise Malformed(error.detail, field=f"identifiers.{kind.value}") from None


def know(
    tenant: Tenant, people: Iterable[tuple[int, Read]], *, now: datetime
) -> list[Known]:
    """Find or make the identifiers of people, each with its interaction's id.

    Inside a ``writing`` scope; three statements however many they are.
    """
    given = list(people)
    barred = _barred(tenant, [read for _, read in given], now=now)
    asked = [
        (id_, dict[Kind, Identifier | None]() if i in barred else read)
        for i, (id_, read) in enumerate(given)
    ]
    found = _known_of(asked, partial(resolve, tenant, now=now))
    return [
        Known(dict.fromkeys(given[i][1]), standing=True) if i in barred else one
        for i, one in enumerate(found)
    ]


def looked_up(tenant: Tenant, people: Iterable[tuple[int, Read]]) -> list[Known]:
    """As ``know``; what is not held yet is ``UNKNOWN``. Inside a scope."""

    def find(wanted: Iterable[Wanted]) -> dict[Wanted, int]:
        listed = list(wanted)
        return dict.fromkeys(listed, UNKNOWN) | held(tenant, listed)

    return _known_of(people, find)


def _known_of(
    people: Iterable[tuple[int, Read]],
    find: Callable[[Iterable[Wanted]], dict[Wanted, int]],
) -> list[Known]:
    listed = list(people)
    first = {
        _wanted(one)
        for _, read in listed
        for kind, one in read.items()
        if one is not None and kind is not Kind.NAME and not one.is_withheld
    }
    ids = find(first) if first else {}
    names = {
        index: _wanted(name, owner_id=_owner(read, ids) or interaction_id)
        for index, (interaction_id, read) in enumerate(listed)
        if (name := read.get(Kind.NAME)) is not None and not name.is_withheld
    }
    if names:
        ids |= find(names.values())
    return [_known(read, ids, names.get(i)) for i, (_, read) in enumerate(listed)]


def is_barred(tenant: Tenant, general: General, *, now: datetime) -> bool:
    """Whether one of those it names is one of whom nothing is to be kept."""
    parties = (general.identifiers, *(general.others or ()))
    reads = [read_party(tenant, party) for party in parties]
    return bool(_barred(tenant, reads, now=now))


def _barred(tenant: Tenant, reads: list[Read], *, now: datetime) -> set[int]:
    """Those of them, by place, of whom nothing is to be kept."""
    hashes = [
        {
            standing_hash(tenant.id, kind, one.normal)
            for kind in OWNERS
            if (one := read.get(kind)) is not None and not one.is_withheld
        }
        for read in reads
    ]
    standing = standing_among(set().union(*hashes), now=now)
    return {i for i, own in enumerate(hashes) if own & standing}


def _wanted(one: Identifier, *, owner_id: int = 0) -> Wanted:
    return Wanted(one.kind, one.normal, one.shown, one.form.value, owner_id)


def _owner(read: Read, ids: Mapping[Wanted, int]) -> int | None:
    for kind in OWNERS:
        one = read.get(kind)
        if one is not None and not one.is_withheld:
            return ids[_wanted(one)]
    return None


def _known(read: Read, ids: Mapping[Wanted, int], name: Wanted | None) -> Known:
    found: dict[Kind, int | None] = {}
    for kind, one in read.items():
        wanted = name if kind is Kind.NAME else one and _wanted(one)
        found[kind] = ids.get(wanted) if wanted else None
    phone = read.get(Kind.PHONE)
    return Known(found, withheld=phone is not None and phone.is_withheld)
