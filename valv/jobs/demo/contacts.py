"""One contact of the demo, medium by medium: from an intention to an arrival.

Refuses nothing and knows no archive; what a medium may carry is said here once more so
that the demo never offers what a law would refuse.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from valv.core.interaction import (
    AgentRef,
    Arrival,
    ChatLog,
    Direction,
    General,
    Media,
    Message,
    Party,
    Registration,
    Sender,
    SurveyAnswer,
)
from valv.jobs.demo.people import AGENTS, QUEUES, Colleague, Person
from valv.jobs.demo.script import Dialogue, comment_for, written
from valv.jobs.demo.voices import Turn

WITHHELD: Final = "anonymous"
_TASKS: Final = {"sv": "Återkom: {subject}", "en": "Follow up: {subject}"}
_WRITING_SPEED: Final = 9.0  # characters a second, generously


@dataclass(frozen=True, slots=True)
class Contact:
    """Who gets in touch about what, when, and by chance of its own."""

    media: Media
    person: Person
    colleague: Colleague
    dialogue: Dialogue
    at: datetime
    chance: random.Random

    @property
    def order(self) -> str:
        return f"{int(self.at.timestamp()) * 7919 % 10_000:04}"


def arrival_of(contact: Contact, *, session_id: str) -> Arrival:
    """The contact as a source would hand it in; over within nine hours of its start.

    A call or chat and its survey are over within three.
    """
    return _WAYS[contact.media](contact, session_id)


def _phone(contact: Contact, session_id: str) -> Arrival:
    chance = contact.chance
    wait = _seconds(chance, typical=70, most=1500)
    if chance.random() < 0.05 + min(wait / 4000, 0.2):
        return _abandoned(contact, session_id, wait=wait, party=_caller(contact))
    refused = chance.random() < 0.05
    outbound = chance.random() < 0.08
    general = _answered(
        contact,
        wait=0 if outbound else wait,
        talk=_seconds(chance, typical=240, most=2400),
        party=_caller(contact),
        direction=Direction.OUTBOUND if outbound else Direction.INBOUND,
        variables={"deny_recording": refused, "language": contact.person.language},
    )
    survey = _survey(contact, general, share=0.2)
    return Arrival(
        session_id=session_id, general=general, survey=survey, recording_refused=refused
    )


def _chat(contact: Contact, session_id: str) -> Arrival:
    chance = contact.chance
    wait = _seconds(chance, typical=40, most=600)
    party = contact.person.party("name", "email")
    if chance.random() < 0.06:
        return _abandoned(contact, session_id, wait=wait, party=party)
    started = contact.at + timedelta(seconds=wait)
    log = _chat_log(contact, started=started)
    talk = (log.messages[-1].at - started).total_seconds()
    general = _answered(contact, wait=wait, talk=talk, party=party)
    refused = chance.random() < 0.06
    return Arrival(
        session_id=session_id,
        general=general,
        chat_log=None if refused else log,
        survey=_survey(contact, general, share=0.3),
        storage_refused=refused,
    )


def _email(contact: Contact, session_id: str) -> Arrival:
    return _item(contact, session_id, subject=contact.dialogue.subject)


def _etask(contact: Contact, session_id: str) -> Arrival:
    template = _TASKS[contact.person.language]
    subject = template.format(subject=contact.dialogue.subject)
    return _item(contact, session_id, subject=subject)


def _item(contact: Contact, session_id: str, *, subject: str) -> Arrival:
    chance = contact.chance
    general = _answered(
        contact,
        wait=_seconds(chance, typical=5400, most=7 * 3600),
        talk=_seconds(chance, typical=300, most=3000),
        party=contact.person.party("email"),
        subject=subject,
        url=f"https://desk.example.com/items/{chance.randrange(10**6, 10**7)}",
    )
    return Arrival(session_id=session_id, general=general)


def _social(contact: Contact, session_id: str) -> Arrival:
    general = _answered(
        contact,
        wait=_seconds(contact.chance, typical=900, most=4 * 3600),
        talk=_seconds(contact.chance, typical=400, most=3000),
        party=contact.person.party("handle"),
    )
    return Arrival(session_id=session_id, general=general)


def _caller(contact: Contact) -> Party:
    shown = contact.chance.random()
    if shown < 0.03:
        return Party(phone=WITHHELD)
    if shown < 0.35:
        return contact.person.party("phone", "name")
    return contact.person.party("phone")


def _abandoned(
    contact: Contact, session_id: str, *, wait: float, party: Party
) -> Arrival:
    general = General(
        started_at=contact.at,
        ended_at=contact.at + timedelta(seconds=wait),
        media=contact.media,
        direction=Direction.INBOUND,
        queue=_queue(contact),
        wait_seconds=wait,
        talk_seconds=0,
        outcome="abandoned",
        identifiers=party,
    )
    return Arrival(session_id=session_id, general=general)


def _answered(
    contact: Contact,
    *,
    wait: float,
    talk: float,
    party: Party,
    direction: Direction = Direction.INBOUND,
    subject: str | None = None,
    url: str | None = None,
    variables: Mapping[str, str | bool] | None = None,
) -> General:
    ended = contact.at + timedelta(seconds=wait + talk)
    dialogue = contact.dialogue
    picked = Registration(topic=dialogue.topic, category=dialogue.category, at=ended)
    return General(
        started_at=contact.at,
        ended_at=ended,
        media=contact.media,
        direction=direction,
        queue=_queue(contact),
        agents=_agents(contact),
        wait_seconds=wait,
        talk_seconds=talk,
        outcome="answered",
        identifiers=party,
        subject=subject,
        url=url,
        variables=dict(variables or {}),
        registration=(picked,) if contact.chance.random() < 0.8 else (),
    )


def _queue(contact: Contact) -> str:
    return QUEUES[contact.person.language][contact.dialogue.queue]


def _agents(contact: Contact) -> tuple[AgentRef, ...]:
    """Mostly one; now and then somebody else is asked, or takes over."""
    first = contact.colleague.ref
    if contact.chance.random() > 0.08:
        return (first,)
    others = [c.ref for c in AGENTS[contact.person.language] if c.ref != first]
    return first, contact.chance.choice(others)


def _survey(contact: Contact, general: General, *, share: float) -> SurveyAnswer | None:
    chance = contact.chance
    if chance.random() > share or not isinstance(general.ended_at, datetime):
        return None
    patience = 1.5 if (general.wait_seconds or 0) > 300 else 0
    score = max(0, min(10, round(chance.gauss(8.4 - patience, 2.1))))
    comment = comment_for(
        score, language=contact.person.language, choice=chance.randrange(100)
    )
    at = general.ended_at + timedelta(seconds=_seconds(chance, typical=600, most=5400))
    said = comment if chance.random() < 0.45 else None
    return SurveyAnswer(score=score, comment=said, at=at)


def _chat_log(contact: Contact, *, started: datetime) -> ChatLog:
    turns = written(
        contact.dialogue,
        style=contact.at.minute,
        me=contact.person.first_name,
        agent=contact.colleague.first_name,
        order=contact.order,
    )
    at, messages = started, []
    for turn in turns:
        messages.append(_message(contact, turn, at=at))
        at += timedelta(
            seconds=3 + len(turn.text) / _WRITING_SPEED * contact.chance.uniform(1, 3)
        )
    return ChatLog(tuple(messages))


def _message(contact: Contact, turn: Turn, *, at: datetime) -> Message:
    names = {
        Sender.CUSTOMER: contact.person.name,
        Sender.AGENT: contact.colleague.ref.name,
    }
    return Message(
        at=at, sender=turn.sender, text=turn.text, name=names.get(turn.sender)
    )


def _seconds(chance: random.Random, *, typical: float, most: float) -> float:
    """A length as such lengths fall: half under the typical one, with a long tail."""
    return float(round(min(typical * chance.lognormvariate(0, 0.8), most)))


_WAYS: Final[Mapping[Media, Callable[[Contact, str], Arrival]]] = {
    Media.PHONE: _phone,
    Media.CHAT: _chat,
    Media.EMAIL: _email,
    Media.ETASK: _etask,
    Media.SOCIAL: _social,
}
