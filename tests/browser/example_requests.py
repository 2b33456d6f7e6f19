"""A made-up register of requests."""

from datetime import date

from tests.browser.example_hits import NOW
from valv.portal.contexts.requests import RequestPage, RequestRow, RequestsPage


def request_row(number: int, kind: str, state: str, **fields: object) -> RequestRow:
    known: dict[str, object] = {
        "who": "Anna Ek, 070-123 45 67",
        "received_on": date(2026, 10, 20 - number),
        "due_on": date(2026, 11, 20 - number),
        "registered_by": "Cleo Ek",
        "checked_by": "Legitimerad på kontoret",
        **fields,
    }
    return RequestRow(str(number), kind, state, **known)  # type: ignore[arg-type]


def requests() -> RequestsPage:
    waiting = (
        request_row(1, "erasure", "late"),
        request_row(2, "access", "open", due_on=date(2026, 12, 20)),
    )
    answered = request_row(3, "objection", "answered", who="", answered_at=NOW)
    return RequestsPage(waiting, (answered,), {"who": ""}, {"who": "?"})


def request() -> RequestPage:
    decided = request_row(
        1,
        "erasure",
        "late",
        extended_for="Många system",
        decision="partly",
        decided_for="En del har raderingsspärr",
        decided_at=NOW,
        job="/anonymise/3765203606964170587",
    )
    return RequestPage(decided, (("3765203606964170587", "2026-11-23 14:05, Klart"),))
