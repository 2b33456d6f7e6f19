"""Taking the events of some interactions, inside the transaction that locked them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from valv.archive import contents
from valv.archive.models import Content, RawEvent
from valv.core.email_bodies import BODILESS, email_body, has_body
from valv.core.errors import Refused
from valv.core.events import ChatMessage, SessionStarted, VariableSet
from valv.core.interaction import ContentKind
from valv.core.people import Actor
from valv.intake import chats
from valv.intake.announced import Announced, announce, chat_log_in
from valv.intake.bodies import ruling_medium
from valv.intake.chats import Line, Said
from valv.intake.derived import Reading, apply
from valv.intake.drafts import Draft, Drafts, open_texts
from valv.intake.event_lines import Incoming, RefusedLine
from valv.intake.general import Words
from valv.intake.minimising import minimise
from valv.intake.parties import NOBODY, know
from valv.intake.refusals import Asked, note, refusal_of, settle, unfinished
from valv.intake.stated import Stated
from valv.intake.told import (
    RawRow,
    Stored,
    Told,
    add_raw_events,
    raw_row,
    stored_events,
)
from valv.storage.models import Intent
from valv.tenants.models import Tenant


@dataclass(slots=True)
class Took:
    """What became of the events, and what is to be done after the commit."""

    accepted: int = 0
    duplicate: int = 0
    refused: list[RefusedLine] = field(default_factory=list)
    doomed: list[Intent] = field(default_factory=list)
    ended_chats: list[int] = field(default_factory=list)
    loud: set[int] = field(default_factory=set)


Held = Mapping[int, list[Content]]


def take(
    tenant: Tenant,
    drafts: Drafts,
    sessions: Mapping[str, Sequence[Incoming]],
    hashes: Mapping[str, bytes],
    *,
    actor: Actor,
    now: datetime,
) -> Took:
    """Take events by session. Answers what is to be carried out after the scope."""
    asked = Asked.of(tenant, actor=actor, now=now)
    took = Took(loud=asked.loud)
    open_texts(tenant, drafts.values())
    stored = stored_events(drafts.values())
    held = _contents(drafts)
    readings = []
    for session_id, draft in drafts.items():
        known = stored.get(draft.id, Stored())
        fresh = _fresh(sessions[session_id], known, hashes, took)
        draft.is_idle = not fresh
        if not fresh:
            took.doomed += unfinished(held.get(draft.id, ()))
        else:
            is_late = draft.states(Stated.DERIVED) and not known.told
            reading = Reading(draft, [*known.told, *fresh], is_late)
            _sift(reading, asked, took)
            readings.append(reading)
    words = _apply_all(readings, asked, took)
    _keep_all(readings, held, words, asked, took)
    return took


def read_again(asked: Asked, draft: Draft) -> None:
    """Read the events told so far anew, now that another medium is known.

    What it may not have goes from them, and from the free text.
    """
    open_texts(asked.tenant, [draft])
    draft.set_text(draft.text())
    known = stored_events([draft]).get(draft.id)
    if known is None or not known.told:
        return
    reading = Reading(draft, known.told, is_late=False)
    _sift(reading, asked, Took())
    apply(reading, Words.of([reading.general], reading.agents))


def _contents(drafts: Drafts) -> Held:
    found: dict[int, list[Content]] = defaultdict(list)
    for row in contents.rows_of(d.id for d in drafts.values() if not d.is_new):
        found[row.interaction_id].append(row)
    return found


def _fresh(
    events: Sequence[Incoming],
    known: Stored,
    hashes: Mapping[str, bytes],
    took: Took,
) -> list[Told]:
    """The events that are not known yet; the others are counted."""
    seen = set(known.hashes)
    fresh = []
    for one in events:
        hash_ = hashes[one.event.event_id]
        if hash_ in seen:
            took.duplicate += 1
            continue
        seen.add(hash_)
        fresh.append(Told(one.event, hash_, incoming=one))
    return fresh


def _sift(reading: Reading, asked: Asked, took: Took) -> None:
    """Take out what no rule allows, whether it came now or before."""
    out = _forbidden(reading, asked)
    if not out:
        return
    _refuse(reading, out, asked, took)
    reading.lost_messages = any(
        one.hash in out and isinstance(one.event.data, ChatMessage)
        for one in reading.told
    )
    gone = RawEvent.objects.filter(interaction_id=reading.draft.id)
    gone.filter(event__in=list(out)).delete()
    reading.told = [one for one in reading.told if one.hash not in out]
    if reading.told:
        reading.read_again()


def _forbidden(reading: Reading, asked: Asked) -> dict[bytes, Refused]:
    """Messages of a chat that is not kept, and what brings along a letter's body."""
    row, out = reading.draft.row, dict[bytes, Refused]()
    said = [one for one in reading.told if isinstance(one.event.data, ChatMessage)]
    refusal = refusal_of(asked, row, ContentKind.CHAT_LOG) if said else None
    if refusal is not None:
        out = {one.hash: refusal for one in said}
    if ruling_medium(row) in BODILESS:
        letters = (one for one in reading.told if has_body(_named(one.event.data)))
        out |= {one.hash: email_body() for one in letters}
    return out


def _named(data: object) -> Mapping[str, object]:
    """What the source gave a name of its own."""
    match data:
        case VariableSet(name=name, value=value):
            return {name: value}
        case SessionStarted(variables=dict(given)):
            return given
        case _:
            return {}


def _refuse(
    reading: Reading, out: Mapping[bytes, Refused], asked: Asked, took: Took
) -> None:
    """Name the lines, and record each rule once."""
    rules: dict[str, Refused] = {}
    for one in reading.told:
        refusal = out.get(one.hash)
        if refusal is not None and one.incoming is not None:
            took.refused.append(one.incoming.refused(refusal))
            rules[refusal.rule] = refusal
    for refusal in rules.values():
        note(reading.draft.id, refusal, actor=asked.actor, now=asked.now)


def _apply_all(readings: Sequence[Reading], asked: Asked, took: Took) -> Words:
    _know_all(readings, asked)
    for reading in readings:
        if reading.draft.states(Stated.STANDING):
            _sift(reading, asked, took)  # by now it is known what is refused
    words = Words.of(
        [reading.general for reading in readings],
        [agent for reading in readings for agent in reading.agents],
    )
    for reading in readings:
        apply(reading, words)
    return words


def _know_all(readings: Sequence[Reading], asked: Asked) -> None:
    """Find or make whom the new events name; a cut interaction takes nobody in."""
    naming = [
        (reading.draft.id, one, one.incoming.read)
        for reading in readings
        if not reading.draft.takes_nobody_in
        for one in reading.told
        if one.incoming is not None and one.incoming.read
    ]
    people = [(id_, read) for id_, _, read in naming]
    known = know(asked.tenant, people, now=asked.now) if people else []
    for (_, one, _), person in zip(naming, known, strict=True):
        one.known = person
    for reading in readings:
        if any(one.known.standing for one in reading.told):
            _minimise(reading, asked)


def _minimise(reading: Reading, asked: Asked) -> None:
    """Nobody is named by its events any more, those before among them.

    Under a hold it is only the new ones that name nobody.
    """
    minimise(reading.draft, now=asked.now)
    for one in reading.told:
        if reading.draft.is_cut or one.known.standing:
            one.known = NOBODY


def _keep_all(
    readings: Sequence[Reading], held: Held, words: Words, asked: Asked, took: Took
) -> None:
    """Keep the events themselves and what was said, as far as it is allowed."""
    rows: list[RawRow] = []
    said: list[Said] = []
    parts = Announced()
    _meet_agents(readings, held, words, asked)
    for reading in readings:
        draft = reading.draft
        of_it = held.get(draft.id, [])
        fresh = [one for one in reading.told if one.incoming is not None]
        took.accepted += len(fresh)
        took.doomed += settle(asked, draft.row, of_it, reading.evidence)
        announce(asked, reading, of_it, words, into=parts)
        rows += [raw_row(draft, one) for one in fresh]
        said += _said(reading, chat_log_in(of_it), fresh, took)
    add_raw_events(rows)
    parts.save()
    logs = {id_: log for id_, of_it in held.items() if (log := chat_log_in(of_it))}
    if said:
        chats.keep(asked.tenant, said, logs, now=asked.now)


def _meet_agents(
    readings: Sequence[Reading], held: Held, words: Words, asked: Asked
) -> None:
    """Read at once who all the agents are of whose recordings it will be judged."""
    asked.rules.agents.update((id_, agent) for agent, id_ in words.agents.items())
    asked.rules.meet(id_ for one in readings for id_ in one.draft.row.agent_ids)
    contents = (content for one in readings for content in held.get(one.draft.id, ()))
    asked.rules.meet(one.agent_id for one in contents if one.agent_id is not None)


def _said(
    reading: Reading, log: Content | None, fresh: Sequence[Told], took: Took
) -> list[Said]:
    """The new messages, unless the log is gone or was sent whole."""
    if not chats.is_told(log):
        return []
    row = reading.draft.row
    said = [
        Said(
            row,
            one.hash,
            Line(one.event.at, data.sender, data.text, one.event.event_id),
        )
        for one in fresh
        if isinstance(data := one.event.data, ChatMessage)
    ]
    if row.ended_at is not None and reading.is_media_known() and (said or log):
        took.ended_chats.append(reading.draft.id)
    return said
