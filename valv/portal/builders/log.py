"""Audit entries as sentences."""

from collections.abc import Mapping

from django.urls import reverse

from valv.audit.models import Entry
from valv.core.people import SYSTEM
from valv.portal import words
from valv.portal.contexts.interaction import LogEntry


def log_entry(entry: Entry, sessions: Mapping[int, str], *, linked: bool) -> LogEntry:
    """One entry; ``sessions`` are the sources' names for interactions still held.

    An interaction that went is named by its id, and led to by no link.
    """
    about = entry.interaction_id
    kind, n = _content(entry)
    session = sessions.get(about or 0, "")
    return LogEntry(
        seq="" if entry.seq is None else str(entry.seq),
        at=entry.at,
        action=entry.action,
        sentence=words.sentence(
            entry.action,
            who=_who(entry),
            content=kind,
            n=n,
            interaction=session or str(about or ""),
        ),
        actor_type=entry.actor_type,
        reason=entry.reason,
        href=reverse("interaction", args=[about]) if session and linked else "",
    )


def _content(entry: Entry) -> tuple[str, int]:
    """Which content an entry is about, or which setting."""
    kind, _, n = (entry.content or entry.details.get("setting", "")).partition(":")
    return kind, int(n) if n.isdecimal() else 1


def _who(entry: Entry) -> str:
    name = "" if entry.actor == SYSTEM.name else entry.actor
    return words.who(name, actor_type=entry.actor_type).strip()
