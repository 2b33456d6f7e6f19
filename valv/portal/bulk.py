"""Acts on many hits, a page of them at a time.

What takes longer than a browser waits is stopped in good time, told, and begun again
where it stopped: what is gone is passed over.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from time import monotonic

from django.http import QueryDict
from django.utils.translation import ngettext

from valv.archive.items import Item
from valv.archive.operations import delete_contents
from valv.core.answers import Answer, Purpose
from valv.core.interaction import ContentKind, ContentState
from valv.core.permissions import Right
from valv.core.purposes import Use, uses_open
from valv.portal.jinja import number
from valv.sharing.archive_zip import Place
from valv.tenants.access import Caller

MOST_TALLIED = 10_000
ALL = "all"
SECONDS = 20.0
BATCH = 50
PRESENT = ContentState.PRESENT.value


@dataclass(slots=True)
class Tally:
    """Contents that are or would be deleted, that are held, and hits without any."""

    count: int = 0
    held: int = 0
    without: int = 0
    is_unfinished: bool = False


@dataclass(slots=True)
class Opening:
    """Who takes out many, and what for; ``left_out`` counts what is locked to them."""

    caller: Caller
    use: Use | None
    left_out: int = 0

    def opens(self, item: Item) -> bool:
        if not item.restricted:
            return True
        given = [(Purpose(one.purpose), Answer(one.answer)) for one in item.consents]
        return self.caller.may(Right.RESTRICTED) and self.use in uses_open(given)


def places_of(
    hits: Iterable[list[Item]], kind: ContentKind, opening: Opening
) -> Iterator[Place]:
    """Where the contents of a kind are that are there, and that open."""
    for page in hits:
        for item in page:
            if not opening.opens(item):
                opening.left_out += _there(item, kind)
                continue
            for content in item.contents:
                if content.kind == kind.value and content.state == PRESENT:
                    yield int(item.id), kind, content.n


def tally_of(hits: Iterable[list[Item]], kind: ContentKind) -> Tally:
    """What deleting would do, counted over the first ten thousand hits."""
    tally, seen = Tally(), 0
    for page in hits:
        if seen >= MOST_TALLIED:
            tally.is_unfinished = True
            break
        seen += len(page)
        for item in page:
            _count(tally, item, kind)
    return tally


def tally_of_hits(hits: Iterable[list[Item]]) -> Tally:
    """How many hits there are, and how many of them are held, of ten thousand."""
    tally = Tally()
    for page in hits:
        if tally.count >= MOST_TALLIED:
            tally.is_unfinished = True
            break
        tally.count += len(page)
        tally.held += sum(item.held for item in page)
    return tally


def travelling(post: QueryDict) -> tuple[tuple[str, str], ...]:
    """The fields that say which hits are meant; with all of them, no ids."""
    is_all = post.get("scope") == ALL
    names = ("action", "scope") if is_all else ("action", "scope", "id")
    return tuple((n, value) for n in names for value in post.getlist(n))


def _count(tally: Tally, item: Item, kind: ContentKind) -> None:
    there = _there(item, kind)
    if not there:
        tally.without += 1
    elif item.held:
        tally.held += there
    else:
        tally.count += there


def _there(item: Item, kind: ContentKind) -> int:
    return sum(c.kind == kind.value and c.state == PRESENT for c in item.contents)


def deleted(
    caller: Caller,
    hits: Iterable[list[Item]],
    kind: ContentKind,
    *,
    reason: str,
    now: datetime,
) -> Tally:
    """Delete the contents of a kind, in small batches, for some twenty seconds."""
    done, began = Tally(), monotonic()
    for page in hits:
        doomed = [int(item.id) for item in page if _there(item, kind) and not item.held]
        done.held += sum(_there(item, kind) for item in page if item.held)
        for start in range(0, len(doomed), BATCH):
            if monotonic() - began > SECONDS:
                done.is_unfinished = True
                return done
            batch = doomed[start : start + BATCH]
            done.count += delete_contents(caller, batch, kind, reason=reason, now=now)
    return done


def result_words(kind: ContentKind, count: int) -> str:
    if kind is ContentKind.CHAT_LOG:
        said = ngettext(
            "%(shown)s chat log is deleted.", "%(shown)s chat logs are deleted.", count
        )
    else:
        said = ngettext(
            "%(shown)s recording is deleted.",
            "%(shown)s recordings are deleted.",
            count,
        )
    return said % {"shown": number(count)}


def left_out_words(count: int) -> str:
    said = ngettext(
        "%(shown)s restricted one is left out.",
        "%(shown)s restricted ones are left out.",
        count,
    )
    return said % {"shown": number(count)}


def held_words(count: int) -> str:
    said = ngettext(
        "%(shown)s stays, for it is on hold.",
        "%(shown)s stay, for they are on hold.",
        count,
    )
    return said % {"shown": number(count)}
