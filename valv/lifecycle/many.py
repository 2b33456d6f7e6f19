"""Many persons out of one CSV file: a plan for each, and a bad line stops no other."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from valv.core.errors import Malformed
from valv.core.identifiers import Kind
from valv.core.person_lists import Listed, read_persons
from valv.lifecycle import planning
from valv.lifecycle.models import Job
from valv.lifecycle.planning import Wanted
from valv.lifecycle.plans import refuse_odd
from valv.tenants.access import Caller

BY = (Kind.PHONE, Kind.EMAIL, Kind.HANDLE)
MOST_IN_A_REQUEST = 500


@dataclass(frozen=True, slots=True)
class Refused:
    """A line that cannot be read; neither field nor reason says what stands there."""

    line: int
    field: str
    reason: str


@dataclass(frozen=True, slots=True)
class Planned:
    """The person of a line, and what is found of them."""

    line: int
    job: Job


def persons_of(text: str, *, most: int | None = None) -> list[Listed]:
    """The persons of a file. Raises Malformed as ``read_persons``, and for too many."""
    listed = list(read_persons(text))
    if not listed:
        raise Malformed("It lists nobody.", field="csv")
    if most is not None and len(listed) > most:
        raise Malformed(f"At most {most} persons at once.", field="csv")
    return listed


def plans_of(
    caller: Caller, listed: Iterable[Listed], *, like: Wanted, now: datetime
) -> Iterator[Planned | Refused]:
    """Plan for each what is wanted, one at a time, in the order of the file.

    Raises as ``planning.plan`` for what is wrong with what is wanted of all.
    """
    for one in listed:
        if not one.typed:
            yield Refused(one.line, Kind.PHONE.value, "The line says nobody.")
            continue
        wanted = replace(like, typed=one.typed)
        try:
            refuse_odd(caller.tenant, one.typed)
            job = planning.plan(caller, wanted, now=now)
        except Malformed as error:
            if error.field not in BY:
                raise
            yield Refused(one.line, error.field, error.detail)
        else:
            yield Planned(one.line, job)
