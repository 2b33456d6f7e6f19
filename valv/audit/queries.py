"""Reading the audit log, newest first."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from valv.audit.models import Entry


@dataclass(frozen=True, slots=True)
class LogFilter:
    """What to look for; None means any. ``until`` is exclusive.

    ``actor_like`` and ``reason_like`` disregard case, and take * first and/or last for
    any beginning or end.
    """

    action: str | None = None
    actor: str | None = None
    actor_type: str | None = None
    interaction_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    actions: tuple[str, ...] = ()
    actor_like: str = ""
    reason_like: str = ""


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
    if wanted.actions:
        found = found.filter(action__in=wanted.actions)
    for name, pattern in (("actor", wanted.actor_like), ("reason", wanted.reason_like)):
        found = found.filter(_like(name, pattern))
    if before is not None:
        found = found.filter(seq__lt=before)
    return list(found[:limit])


def _like(name: str, pattern: str) -> Q:
    text = pattern.strip("*")
    if not text:
        return Q()
    match pattern.startswith("*"), pattern.endswith("*"):
        case True, True:
            how = "icontains"
        case True, False:
            how = "iendswith"
        case False, True:
            how = "istartswith"
        case _:
            how = "iexact"
    return Q(**{f"{name}__{how}": text})


def entries_of(interaction_id: int, *, limit: int = 100) -> list[Entry]:
    """Who has looked at one interaction, newest first, numbered yet or not."""
    found = Entry.objects.filter(interaction_id=interaction_id).order_by("-at", "-id")
    return list(found[:limit])


def is_waiting() -> bool:
    """Whether an entry that is Valv's own has no number yet."""
    return Entry.objects.filter(seq=None, mac__isnull=False).exists()
