"""Whether an arrival changed anything, told field by field and not by what was sent."""

from dataclasses import dataclass
from typing import Any

from valv.archive.models import OtherParty
from valv.archive.text import Text
from valv.archive.topics import registrations_of
from valv.core.interaction import Registration
from valv.intake.drafts import Draft
from valv.intake.general import Statement
from valv.intake.saving import ALL
from valv.intake.stated import Stated

# The text is sealed anew each time, the age follows from the rest, and flags tell of
# content, which is counted by itself.
APART = frozenset({"text", "updated_at", "aged_from", "flags", "has_others"})


@dataclass(frozen=True, slots=True)
class Before:
    """An interaction as it was when it was opened, as far as it may be changed."""

    columns: dict[str, Any]
    text: Text
    others: set[int]
    registrations: list[Registration]


def seen(draft: Draft, statement: Statement) -> Before:
    """What there was; lists only where the statement speaks of them."""
    others: set[int] = set()
    registrations: list[Registration] = []
    if statement.stated & Stated.OTHERS and not draft.is_new:
        rows = OtherParty.objects.filter(interaction_id=draft.id)
        others = set(rows.values_list("identifier_id", flat=True))
    if statement.stated & Stated.REGISTRATION and not draft.is_new:
        registrations = registrations_of(draft.id)
    return Before(_columns(draft), draft.text(), others, registrations)


def is_changed(before: Before, draft: Draft) -> bool:
    """Whether anything is different from before; after all was applied to the draft."""
    return (
        _columns(draft) != before.columns
        or draft.text() != before.text
        or (draft.others is not None and set(draft.others) != before.others)
        or (
            draft.registrations is not None
            and draft.registrations != before.registrations
        )
    )


def _columns(draft: Draft) -> dict[str, Any]:
    return {
        name: _copied(getattr(draft.row, name))
        for name in ALL.names
        if name not in APART
    }


def _copied(value: Any) -> Any:
    return list(value) if isinstance(value, list) else value
