"""Reading the audit log, newest first."""

from dataclasses import dataclass
from datetime import datetime

from valv.audit.models import Entry


@dataclass(frozen=True, slots=True)
class LogFilter:
    """What to look for; None means any. ``until`` is exclusive."""

    action: str | None = None
    actor: str | None = None
    actor_type: str | None = None
    interaction_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None


FIELDS = {
    "action": "action",
    "actor": "actor",
    "actor_type": "actor_type",
    "interaction_id": "interaction_id",
    "since": "at__gte",
    "until": "at__lt",
}


def entries(wanted: LogFilter, *, before: int | None, limit: int) -> list[Entry]:
    """At most ``limit`` numbered entries with ``seq`` below ``before``."""
    found = Entry.objects.filter(seq__isnull=False).order_by("-seq")
    stated = {FIELDS[name]: getattr(wanted, name) for name in FIELDS}
    found = found.filter(**{k: v for k, v in stated.items() if v is not None})
    if before is not None:
        found = found.filter(seq__lt=before)
    return list(found[:limit])


def entries_of(interaction_id: int, *, limit: int = 100) -> list[Entry]:
    """Who has looked at one interaction, newest first, numbered yet or not."""
    found = Entry.objects.filter(interaction_id=interaction_id).order_by("-at", "-id")
    return list(found[:limit])
