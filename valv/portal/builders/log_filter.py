"""The audit log's filters as typed, and what they ask of it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext as _

from valv.audit.asked import (
    CHOSEN,
    PARAMETERS,
    PEOPLE,
    Asked,
    cursor_of,
    key_from,
    read_asked,
)
from valv.audit.queries import Key
from valv.core.errors import Malformed, NotFound
from valv.core.ids import id_from_text
from valv.core.moments import zone_named
from valv.portal.typed import typed
from valv.tenants.models import Tenant

INTERACTION = "interaction"
FIELDS = (*(name for name in PARAMETERS if name not in CHOSEN), INTERACTION)
NOTHING = -1

Find = Callable[[str], int | None]
"""The interaction that a source calls so."""


@dataclass(frozen=True, slots=True)
class Typed:
    """The filters; ``asked`` is None while something in them cannot be read."""

    values: Mapping[str, str]
    several: Mapping[str, tuple[str, ...]]
    faults: Mapping[str, str]
    after: Key | None
    asked: Asked | None


def typed_from(post: QueryDict, *, tenant: Tenant, find: Find) -> Typed:
    values = {name: typed(post, name) for name in FIELDS}
    several = {
        name: tuple(one for one in known if one in post.getlist(name))
        for name, known in CHOSEN.items()
    }
    faults: Mapping[str, str] = {}
    asked: Asked | None = None
    try:
        given = _pairs(values, several)
        zone = zone_named(tenant.timezone)
        asked = read_asked(given, zone=zone, region=tenant.region)
    except Malformed as error:
        faults = fault_of(error)
    if asked is not None and values[INTERACTION]:
        asked = asked.of(_interaction(values[INTERACTION], find))
    return Typed(values, several, faults, after_of(post), asked)


def fault_of(error: Malformed) -> Mapping[str, str]:
    """Which field is at fault, and why, in words."""
    field = error.field or "actor"
    if field in PEOPLE:
        return {field: _("Too many or none can be meant by it. Write more.")}
    return {field: _("Not a date as in 2026-11-23.")}


def _pairs(
    values: Mapping[str, str], several: Mapping[str, tuple[str, ...]]
) -> Iterator[tuple[str, str]]:
    yield from values.items()
    for name, chosen in several.items():
        yield from ((name, one) for one in chosen)


def _interaction(text: str, find: Find) -> int:
    """By what the source calls it, else by its id; one that is not there is nothing."""
    found = find(text)
    if found is None:
        with suppress(NotFound):
            return id_from_text(text)
    return NOTHING if found is None else found


def after_of(post: QueryDict) -> Key | None:
    """Where the page begins; what is no such place is the beginning."""
    with suppress(Malformed):
        return key_from(post.get("after", ""))
    return None


def next_of(key: Key | None) -> str:
    return "" if key is None else cursor_of(key)
