"""Made-up holds, and what one of them covers."""

from datetime import timedelta

from tests.browser.example_hits import NOW, row
from valv.portal.contexts.holds import (
    HoldForm,
    HoldHitsPage,
    HoldPage,
    HoldRow,
    HoldsPage,
    HoldTyped,
)

TYPED = HoldTyped(matter="Mål T 4711-26", owner="Cleo Ek", queue="Support\nSkador")


def hold(number: int, state: str, **fields: object) -> HoldRow:
    known: dict[str, object] = {
        "matter": ("Mål T 4711-26", "Klagomål 88", "Revision 2026")[number % 3],
        "owner": "Cleo Ek",
        "reason": "Tvist om ett avtal",
        "count": 1_204 * number,
        "placed_at": NOW - timedelta(days=40 * number),
        "placed_by": "Alma Berg",
        **fields,
    }
    return HoldRow(id=number, state=state, **known)  # type: ignore[arg-type]


def grace(number: int) -> HoldRow:
    return hold(
        number,
        "grace",
        asked_at=NOW - timedelta(days=2),
        asked_by="Alma Berg",
        released_at=NOW - timedelta(days=1),
        released_by="Cleo Ek",
        release_reason="Förlikning",
        lifts_at=NOW + timedelta(days=13),
    )


def holds() -> HoldsPage:
    form = HoldForm(TYPED, "matter", "?")
    standing = (hold(3, "placed"), hold(4, "asked"), grace(1))
    ended = hold(2, "lifted", count=0)
    return HoldsPage(standing, (ended,), form, grace=14, two_persons=True)


def one_hold() -> HoldPage:
    coming = (("queue", "Support, Skador"), ("media", "Telefon"))
    return HoldPage(
        hold(3, "placed", coming=coming, people=2),
        tuple(row(i) for i in range(8)),
        next=3,
        may_release=True,
        two_persons=True,
        grace=14,
    )


def hold_hits() -> HoldHitsPage:
    return HoldHitsPage(
        "/search/q7Yd2/act", "/search/q7Yd2", HoldForm(TYPED), count=312, held=4
    )
