"""Made-up raw events."""

from datetime import timedelta

from tests.browser.example_hits import NOW
from valv.core.events import TYPES
from valv.portal.contexts.raw_data import RawDataPage, RawEvent, RawEvents

TOLD: tuple[tuple[str, tuple[tuple[str, str], ...] | None], ...] = (
    (
        "session.started",
        (
            ("media", "phone"),
            ("direction", "inbound"),
            ("identifiers.phone", "+46701740605"),
            ("variables.kundnummer", "4471"),
        ),
    ),
    ("menu.entered", (("menu", "Huvudmeny"),)),
    ("digits.entered", (("module", "Personnummer"), ("mask", "true"))),
    ("consent.given", (("purpose", "recording"), ("how", "key"))),
    ("queue.entered", (("queue", "Support"),)),
    ("agent.connected", (("agent", "bo"), ("name", "Bo Ek"))),
    ("recording.started", (("n", "1"), ("agent", "bo"))),
    ("session.started", None),
    ("session.ended", (("outcome", "answered"),)),
)


def _event(n: int) -> RawEvent:
    type_, fields = TOLD[n % len(TOLD)]
    return RawEvent(
        at=NOW + timedelta(seconds=7.3 * n),
        type=type_,
        session=f"7f3a{n // 9:04x}",
        href="/interactions/1",
        event_id="" if fields is None else f"e-{n:05}",
        sequence=n if n % 3 else None,
        fields=fields,
    )


def raw_events() -> RawEvents:
    return RawEvents(tuple(map(_event, range(9))), more=True)


def raw_data() -> RawDataPage:
    return RawDataPage(
        rows=tuple(map(_event, range(40))),
        values={"from": "2026-11-23", "to": "2026-11-23", "session": ""},
        types=tuple((type_, type_) for type_ in TYPES),
        chosen=("session.started", "session.ended"),
        next="1.2.3",
        may_export=True,
    )
