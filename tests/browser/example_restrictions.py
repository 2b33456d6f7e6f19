"""Made-up restrictions of processing."""

from datetime import timedelta

from tests.browser.example_hits import NOW
from valv.portal.contexts.restrictions import (
    OtherMatter,
    RestrictionRow,
    RestrictionsPage,
    RestrictionTyped,
)


def restriction(number: int, **fields: object) -> RestrictionRow:
    known: dict[str, object] = {
        "about": "+46 70 123 45 67, anna@example.com",
        "reason": "Bestrider att uppgifterna är riktiga",
        "count": 12 * number,
        "began_at": NOW - timedelta(days=number),
        "began_by": "Cleo Ek",
        **fields,
    }
    return RestrictionRow(id=number, **known)  # type: ignore[arg-type]


def restrictions() -> RestrictionsPage:
    also = (OtherMatter("Mål T 4711-26", "Cleo Ek", NOW - timedelta(days=90)),)
    standing = (
        restriction(3, last_day=NOW.date() + timedelta(days=30), also=also),
        restriction(2, about=""),
    )
    ended = restriction(1, about="", ended_at=NOW, ended_by="Cleo Ek")
    typed = RestrictionTyped(phone="070-123", last_day="2026-01-01")
    return RestrictionsPage(standing, (ended,), typed, "last_day", "?")
