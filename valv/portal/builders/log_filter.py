"""The audit log's filters as typed, and what they ask of it."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.http import QueryDict
from django.utils.translation import gettext as _

from valv.audit.actions import Action
from valv.audit.queries import LogFilter
from valv.core.errors import Malformed, NotFound
from valv.core.ids import id_from_text
from valv.core.moments import parse_from, parse_to
from valv.core.people import ActorType
from valv.portal.typed import typed

FIELDS = ("actor", "actor_type", "interaction", "reason", "from", "to")
NOTHING = -1
DIGITS = 18

Find = Callable[[str], int | None]
"""The interaction that a source calls so."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The filters; ``wanted`` is None while something in them cannot be read."""

    values: Mapping[str, str]
    chosen: tuple[str, ...]
    faults: Mapping[str, str]
    before: int | None
    wanted: LogFilter | None


def asked_from(post: QueryDict, *, zone: ZoneInfo, find: Find) -> Asked:
    values = {name: typed(post, name) for name in FIELDS}
    chosen = tuple(a.value for a in Action if a.value in post.getlist("action"))
    faults: dict[str, str] = {}
    since = _moment(values["from"], "from", parse_from, zone, faults)
    until = _moment(values["to"], "to", parse_to, zone, faults)
    types = [one.value for one in ActorType]
    wanted = LogFilter(
        actions=chosen,
        actor_like=values["actor"],
        reason_like=values["reason"],
        actor_type=values["actor_type"] if values["actor_type"] in types else None,
        interaction_id=_interaction(values["interaction"], find),
        since=since,
        until=until,
    )
    return Asked(values, chosen, faults, _before(post), None if faults else wanted)


def _moment(
    text: str,
    field: str,
    parse: Callable[..., datetime],
    zone: ZoneInfo,
    faults: dict[str, str],
) -> datetime | None:
    if not text:
        return None
    try:
        return parse(text, zone=zone, field=field)
    except Malformed:
        faults[field] = _("Not a date as in 2026-11-23.")
        return None


def _interaction(text: str, find: Find) -> int | None:
    """By what the source calls it, else by its id; one that is not there is nothing."""
    if not text:
        return None
    found = find(text)
    if found is None:
        with suppress(NotFound):
            return id_from_text(text)
    return NOTHING if found is None else found


def _before(post: QueryDict) -> int | None:
    text = post.get("before", "")
    is_number = text.isascii() and text.isdecimal() and len(text) <= DIGITS
    return int(text) if is_number else None
