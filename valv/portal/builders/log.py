"""Audit entries as sentences."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from valv.archive.log_reading import Line
from valv.audit.actions import Action
from valv.audit.models import Entry
from valv.core.people import SYSTEM
from valv.portal import sentences, words
from valv.portal.contexts.interaction import LogEntry
from valv.portal.jinja import moment, number

CODE_STEPS = ("failed", "entered", "sent")
LOCK = frozenset({"purpose_required", "purpose_refused", "restricted"})


def log_entry(line: Line, *, linked: bool) -> LogEntry:
    """One entry as its sentence.

    An interaction that went is named by its id, and led to by no link.
    """
    entry, session = line.entry, line.session_id
    about = entry.interaction_id
    kind, n = _content(entry)
    said = sentences.sentence(
        entry.action,
        who=_who(entry),
        content=kind,
        n=n,
        interaction=session or str(about or ""),
    )
    return LogEntry(
        seq="" if entry.seq is None else str(entry.seq),
        at=entry.at,
        action=entry.action,
        sentence=": ".join(filter(None, (said, _amounts(entry) or _rule(entry)))),
        actor_type=entry.actor_type,
        reason=entry.reason,
        href=reverse("interaction", args=[about]) if session and linked else "",
    )


def _content(entry: Entry) -> tuple[str, int]:
    """Which content an entry is about, or which setting, or what came."""
    if entry.action == Action.DENY and entry.details.get("rule") in LOCK:
        return "restricted", 1
    if entry.action == Action.SUPPORT:
        return entry.details["step"], 1
    if entry.action == Action.CODE:
        return next(step for step in CODE_STEPS if step in entry.details), 1
    if entry.details.get("failed"):
        return "", 1
    events = "events" if "events" in entry.details else ""
    told = entry.content or entry.details.get("setting") or events
    kind, _, n = told.partition(":")
    return kind, int(n) if n.isdecimal() else 1


def _amounts(entry: Entry) -> str:
    """How much was found, or taken by the night; or what it was opened for."""
    found = entry.details.get("found")
    if entry.action in {Action.SEARCH, Action.LOG} and isinstance(found, int):
        said = ngettext("%(shown)s hit", "%(shown)s hits", found)
        return said % {"shown": number(found)}
    if entry.action == Action.PURGE:
        taken = ((words.word(words.CLASSES, key), key) for key in words.CLASSES)
        return ", ".join(
            f"{shown} {number(entry.details[key])}"
            for shown, key in taken
            if isinstance(entry.details.get(key), int)
        )
    if entry.action == Action.SUPPORT:
        return _granted(entry.details)
    use = entry.details.get("purpose")
    if use is None:
        return ""
    return _("purpose: %(purpose)s") % {"purpose": words.word(words.USES, use)}


def _granted(details: dict[str, Any]) -> str:
    """To whom, and until when: what was last said of it."""
    said = {one["what"]: one["to"] for one in details.get("changes", ())}
    if "until" not in said:
        return str(details["to"])
    until = moment(datetime.fromisoformat(said["until"]))
    return _("%(to)s, until %(until)s") % {"to": details["to"], "until": until}


def _rule(entry: Entry) -> str:
    """Which rule refused what came."""
    rule = entry.details.get("rule") if entry.action == Action.REFUSE else None
    return words.word(words.RULES, rule) if rule else ""


def _who(entry: Entry) -> str:
    name = "" if entry.actor == SYSTEM.name else entry.actor
    return sentences.who(name, actor_type=entry.actor_type).strip()
