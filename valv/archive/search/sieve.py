"""Testing rows in memory for what the database cannot see.

Values of people and subjects stand sealed; this opens them, a stretch of rows at a
time, and keeps nothing.
"""

from collections.abc import Sequence

from valv.archive.parts import others_of
from valv.archive.people import People
from valv.archive.raw_listing import forgotten_in
from valv.archive.rows import Row
from valv.archive.search.plan import Plan, Someone
from valv.archive.text import GENERAL, Text, open_json, text_keys
from valv.core.identifiers import Fragment
from valv.core.phones import folded


class Sieve:
    """Lets rows through that pass all of a plan's tests in memory."""

    def __init__(self, plan: Plan, people: People) -> None:
        self._plan = plan
        self._people = people
        self._subject = [Fragment(f.match, folded(f.text)) for f in plan.subject]

    def passing(self, page: Sequence[Row]) -> list[Row]:
        """Those that pass, in order. Inside a scope."""
        kept = list(page)
        for someone in self._plan.people_tests:
            kept = self._involving(kept, someone)
        return self._about(kept) if self._subject else kept

    def _involving(self, page: list[Row], someone: Someone) -> list[Row]:
        place = someone.kind.number
        others = others_of([row.id for row in page if row.has_others])
        ids = {row.id: set(filter(None, [row.identifier_ids[place]])) for row in page}
        for interaction_id, identifier_id in others:
            ids[interaction_id].add(identifier_id)
        everyone = frozenset().union(*ids.values())
        fitting = self._people.fits(someone.pattern, everyone)
        admits_withheld = someone.pattern.withheld
        return [
            row
            for row in page
            if ids[row.id] & fitting or (admits_withheld and row.withheld)
        ]

    def _about(self, page: list[Row]) -> list[Row]:
        with_text = [row for row in page if row.text]
        opening = text_keys(self._people.tenant_id, [row.id for row in with_text])
        kept = [
            row
            for row in with_text
            if (key := opening.get(row.id)) and self._fits(row, key)
        ]
        return self._not_forgotten(kept)

    def _fits(self, row: Row, key: bytes) -> bool:
        text = open_json(
            row.text or b"",
            Text,
            tenant_id=self._people.tenant_id,
            interaction_id=row.id,
            key=key,
            role=GENERAL,
        )
        subject = folded(text.subject or "")
        return any(fragment.fits(subject) for fragment in self._subject)

    def _not_forgotten(self, page: list[Row]) -> list[Row]:
        """Text of someone forgotten is hidden at once, though its key goes later."""
        gone = forgotten_in(self._people, [row.id for row in page]) if page else set()
        return [row for row in page if row.id not in gone]
