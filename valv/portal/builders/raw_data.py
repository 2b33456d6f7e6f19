"""Raw events as rows, and the form that narrows them."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from valv.archive.raw_listing import BEFORE_ALL, RawEventItem, Wanted, key_from
from valv.core.errors import Malformed
from valv.core.events import TYPES
from valv.core.interaction import as_text
from valv.core.moments import local_date, parse_from, parse_to, zone_named
from valv.portal import words
from valv.portal.contexts.raw_data import RawEvent
from valv.portal.typed import typed
from valv.tenants.models import Tenant

FIELDS = ("from", "to", "session")


@dataclass(frozen=True, slots=True)
class Asked:
    """The form as filled; ``wanted`` is None while something cannot be read."""

    values: Mapping[str, str]
    chosen: tuple[str, ...]
    faults: Mapping[str, str]
    wanted: Wanted | None


def asked_from(post: QueryDict, *, tenant: Tenant, now: datetime) -> Asked:
    """Read the form; before anything is asked it is about today."""
    zone = zone_named(tenant.timezone)
    values = {name: typed(post, name) for name in FIELDS}
    if not post:
        values["from"] = values["to"] = local_date(now, zone=zone).isoformat()
    chosen = tuple(type_ for type_ in TYPES if type_ in post.getlist("type"))
    faults: dict[str, str] = {}
    ends: dict[str, datetime] = {}
    for name, parse in (("from", parse_from), ("to", parse_to)):
        try:
            if values[name]:
                ends[name] = parse(values[name], zone=zone)
        except Malformed:
            faults[name] = _("Not a date as in 2026-11-23.")
    if faults:
        return Asked(values, chosen, faults, None)
    wanted = Wanted(
        start=ends.get("from"),
        end=ends.get("to"),
        types=chosen,
        sessions=(values["session"],) if values["session"] else (),
        after=_after(post),
    )
    return Asked(values, chosen, faults, wanted)


def _after(post: QueryDict) -> tuple[int, int, bytes]:
    with suppress(Malformed):
        return key_from(post.get("after", ""))
    return BEFORE_ALL


def raw_rows(events: Iterable[RawEventItem], *, linked: bool) -> tuple[RawEvent, ...]:
    return tuple(_row(one, linked=linked) for one in events)


def _row(event: RawEventItem, *, linked: bool) -> RawEvent:
    return RawEvent(
        at=datetime.fromisoformat(event.at),
        type=event.type,
        session=event.session_id,
        href=reverse("interaction", args=[event.interaction_id]) if linked else "",
        event_id=event.event_id or "",
        sequence=event.sequence,
        fields=None if event.data is None else tuple(_fields(event.data)),
    )


def _fields(data: Mapping[str, Any], under: str = "") -> Iterator[tuple[str, str]]:
    for name, value in data.items():
        if isinstance(value, Mapping):
            yield from _fields(value, f"{name}.")
        elif value is None and under == "identifiers.":
            yield f"{under}{name}", words.word(words.NOBODY, "withheld")
        elif isinstance(value, list | tuple):
            yield f"{under}{name}", "–".join(map(str, value))
        else:
            yield f"{under}{name}", as_text(value) or ""
