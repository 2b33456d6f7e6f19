"""What was written beside the content: subject, comment, consents, and raw events.

All of an interaction is sealed under its one text key. That key is destroyed when
nothing is left to open with it: not while a survey's comment or raw events stay, for a
job left their place as it was.
"""

from collections.abc import Iterable, Sequence

from django.db.models import Q

from valv.archive.models import Consent, Interaction, RawEvent, Survey
from valv.archive.raw_events import without_people
from valv.archive.text import text_keys
from valv.lifecycle.jobs import Running
from valv.lifecycle.plans import Options, Place
from valv.storage import intents, scope
from valv.storage.keys import KeyKind
from valv.storage.models import Intent
from valv.storage.raw import change, one_of_months, ours

UNCOMMENT = "UPDATE survey SET comment = NULL"
UNASK = "UPDATE consent SET sealed = NULL"
BLANK_EVENTS = "UPDATE raw_event SET body = %s WHERE {} AND {} AND length(body) > 0"


def change_of(sql: str, ids: Sequence[int], *given: object) -> int:
    """Change the rows of some interactions in a table; answers how many."""
    where, values = one_of_months("interaction_id", ids)
    every = f"{sql} WHERE {ours()} AND {where}"
    return change(every, [*given, scope.current(), *values])


def cut_words(running: Running, ids: Sequence[int]) -> list[Intent]:
    """Cut the places that the job cuts, and intend the destruction of the text keys.

    What stands on the interactions themselves is gone already.
    """
    options = running.options
    if options.keep_text:
        _keep_words(running, ids)
        return []
    if options.cuts(Place.SURVEYS):
        change_of(UNCOMMENT, ids)
    if options.cuts(Place.RAW_DATA):
        _blank_events(running, ids)
    if not options.cuts(Place.ARCHIVE):
        return []
    change_of(UNASK, ids)
    gone = wordless(options, ids)
    running.note(texts=len(gone))
    return intents.intend(KeyKind.TEXT, gone, now=running.now)


def _keep_words(running: Running, ids: Sequence[int]) -> None:
    if not running.options.cuts(Place.RAW_DATA):
        return
    if running.options.cuts(Place.ARCHIVE):
        _cut_from_events(running, ids)
    else:
        # From events that name nobody the interaction would be told anew, as nobody's.
        _blank_events(running, ids)


def _blank_events(running: Running, ids: Sequence[int]) -> None:
    where, values = one_of_months("interaction_id", ids)
    sql = BLANK_EVENTS.format(ours(), where)
    running.note(raw_events=change(sql, [b"", scope.current(), *values]))


def _cut_from_events(running: Running, ids: Sequence[int]) -> None:
    """Seal raw events anew, without whom they name."""
    opening = text_keys(running.tenant.id, ids)
    events = RawEvent.objects.filter(interaction_id__in=ids)
    count = 0
    for event in events:
        key = opening.get(event.interaction_id)
        body = b""
        if key is not None and event.body:
            body = without_people(
                bytes(event.body),
                tenant_id=running.tenant.id,
                interaction_id=event.interaction_id,
                key=key,
            )
        one = events.filter(interaction_id=event.interaction_id, event=event.event)
        count += one.update(body=body)
    running.note(raw_events=count)


def wordless(options: Options, ids: Iterable[int]) -> list[int]:
    """Those on which a job left nothing that their text key opens. Inside a scope."""
    wanted = list(ids)
    if not options.leaves:
        return wanted
    texts = Interaction.objects.filter(id__in=wanted, text__isnull=False)
    asked = Consent.objects.filter(interaction_id__in=wanted, sealed__isnull=False)
    written = set(texts.values_list("id", flat=True))
    written |= set(asked.values_list("interaction_id", flat=True))
    return sorted(set(wanted) - written - _apart(wanted, *Place))


def is_written(options: Options, which: Q) -> bool:
    """Whether words stand in surveys or raw data that a job cut. Inside a scope."""
    comments = Survey.objects.filter(which, comment__isnull=False)
    bodies = RawEvent.objects.filter(which).exclude(body=b"")
    cut_all = not options.keep_text
    return (cut_all and options.cuts(Place.SURVEYS) and comments.exists()) or (
        cut_all and options.cuts(Place.RAW_DATA) and bodies.exists()
    )


def written_still(options: Options, ids: Sequence[int]) -> list[int]:
    """Interactions that were cut before, where an earlier job left what this one cuts.

    Inside a scope.
    """
    cut = {place for place in Place if options.cuts(place)}
    found = _apart(ids, *(cut & APART_OF[options.keep_text])) if ids else set()
    if ids and options.cuts(Place.ARCHIVE) and not options.keep_text:
        texts = Interaction.objects.filter(id__in=ids, text__isnull=False)
        found |= set(texts.values_list("id", flat=True))
    return sorted(found)


APART_OF = {False: {Place.SURVEYS, Place.RAW_DATA}, True: {Place.RAW_DATA}}


def _apart(ids: Sequence[int], *places: Place) -> set[int]:
    """Those of which words stand in surveys, or in raw data."""
    found = set[int]()
    if Place.SURVEYS in places:
        rows = Survey.objects.filter(interaction_id__in=ids, comment__isnull=False)
        found |= set(rows.values_list("interaction_id", flat=True))
    if Place.RAW_DATA in places:
        events = RawEvent.objects.filter(interaction_id__in=ids).exclude(body=b"")
        found |= set(events.values_list("interaction_id", flat=True).distinct())
    return found
