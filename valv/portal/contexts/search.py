"""The search page: the search as typed, and one page of its answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from valv.portal.contexts import Choice


class Row(NamedTuple):
    """One hit, in the very words shown: a tuple, for the hot path unpacks it.

    ``identity_state`` is known, anonymised, withheld or none; the words for the last
    three are in ``identity``. ``contents`` are (kind, state, words) of what is and was
    there. ``score`` is empty or like ``9/10``, ``mood`` low, mid or high.
    ``life`` is (state, words) of what is not complete yet.
    """

    id: str
    href: str
    media: str
    media_words: str
    direction: str
    started: str
    identity_state: str
    identity: str
    also: str
    queue: str
    agents: str
    wait: str
    talk: str
    outcome: str
    contents: tuple[tuple[str, str, str], ...]
    score: str
    mood: str
    session: str
    held: bool
    restricted: bool
    life: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class SearchForm:
    """The search as typed, to fill the form again.

    ``values`` maps single fields to text, ``several`` the repeated ones to what is
    chosen; ``faults`` maps a field to what is wrong with it.
    """

    values: Mapping[str, str]
    several: Mapping[str, tuple[str, ...]]
    faults: Mapping[str, str]
    queues: tuple[Choice, ...] = ()
    agents: tuple[Choice, ...] = ()
    outcomes: tuple[Choice, ...] = ()
    categories: tuple[Choice, ...] = ()
    topics: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Hits:
    """One page of an answer, under its opaque ``search_id``.

    ``count`` is None when nobody counted; ``capped`` says there are more than that.
    ``past_storage`` is the first day still stored, when the period reaches past it.
    ``next`` is the cursor of the page that follows, ``first`` whether this is the
    first.
    """

    search_id: str
    rows: tuple[Row, ...]
    columns: tuple[str, ...]
    count: int | None = None
    capped: bool = False
    next: str = ""
    first: bool = True
    past_storage: date | None = None
    by_person: bool = False
    may_download_recordings: bool = False
    may_delete_recordings: bool = False
    may_download_chat_logs: bool = False
    may_delete_chat_logs: bool = False
    may_export: bool = False
    may_anonymise: bool = False
    may_hold: bool = False
    may_open_restricted: bool = False


@dataclass(frozen=True, slots=True)
class SearchPage:
    """``hits`` is None before the first search.

    ``late_requests`` have waited too long for their answer.
    """

    form: SearchForm
    hits: Hits | None = None
    late_requests: int = 0
