"""Changes of settings as rows: in words where there are such, else by their names."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from valv.archive.log_reading import change_of
from valv.audit.models import Entry
from valv.core.people import SYSTEM
from valv.portal import sentences, words
from valv.portal.contexts.reports import ChangeRow, ValueChange


def change_row(entry: Entry, names: Mapping[int, str]) -> ChangeRow:
    """One change; ``names`` are those of users, for a change of one of them."""
    name, changes = change_of(entry)
    who = "" if entry.actor == SYSTEM.name else entry.actor
    return ChangeRow(
        at=entry.at,
        who=sentences.who(who, actor_type=entry.actor_type).strip(),
        setting=words.word(words.SETTINGS, name),
        of=names.get(entry.details.get("user", 0), ""),
        changes=tuple(
            ValueChange(
                words.word(words.SETTING_VALUES, one["what"]),
                _said(one["from"]),
                _said(one["to"]),
            )
            for one in changes
        ),
        reason=entry.reason,
    )


def _said(value: Any) -> str:
    """A value in words; nothing where it is not set."""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_said(one)}" for name, one in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(_said, value))
    return "" if value is None else str(value)
