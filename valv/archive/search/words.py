"""Queues, agents and topics by their names, case-blind over the whole alphabet.

Neither database folds å ä ö alike, so it is asked for what may fit, with a gap where a
letter is not ASCII, and the answer is compared here.
"""

import re
from collections.abc import Sequence

from valv.core.identifiers import Fragment, Match
from valv.core.phones import folded
from valv.storage import scope
from valv.storage.raw import is_sqlite, rows

# Characters whose other case may be another length, or no ASCII, and the wildcards.
_GAP = re.compile(r"(?:[^\x00-\x7f]|ss|[%_!ki])+", re.IGNORECASE)


def queues(fragments: Sequence[Fragment]) -> list[int]:
    """The ids of queues whose name fits. Inside a scope."""
    return _ids("queue", ("name",), fragments)


def agents(fragments: Sequence[Fragment]) -> list[int]:
    """The ids of agents of whom the name or the source's id fits. Inside a scope."""
    return _ids("agent", ("name", "source_id"), fragments)


def topics(category: Sequence[Fragment], topic: Sequence[Fragment]) -> list[int]:
    """The ids of topics that fit, under a category that does. Inside a scope."""
    found = [
        set(_ids("topic", (column,), fragments))
        for column, fragments in (("category", category), ("name", topic))
        if fragments
    ]
    return sorted(set.intersection(*found))


def _ids(
    table: str, columns: tuple[str, ...], fragments: Sequence[Fragment]
) -> list[int]:
    folded_fragments = [Fragment(f.match, folded(f.text)) for f in fragments]
    like = "LIKE" if is_sqlite() else "ILIKE"
    tests = [f"{column} {like} %s" for column in columns for _ in fragments]
    found = rows(
        f"SELECT id, {', '.join(columns)} FROM {table}"  # noqa: S608 - our own words
        f" WHERE tenant_id = %s AND ({' OR '.join(tests)})",
        [scope.current(), *(_gapped(f) for _ in columns for f in folded_fragments)],
    )
    return [
        id_
        for id_, *names in found
        if any(f.fits(folded(name)) for name in names for f in folded_fragments)
    ]


def _gapped(fragment: Fragment) -> str:
    text = _GAP.sub("%", fragment.text)
    before = "%" if fragment.match in {Match.SUFFIX, Match.CONTAINS} else ""
    after = "%" if fragment.match in {Match.PREFIX, Match.CONTAINS} else ""
    return before + text + after
