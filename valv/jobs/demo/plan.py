"""A contact centre's half year, made up: who got in touch, when, and what came of it.

The same seed and the same ``now`` give the same plan; only voices differ from reading
to reading. Content keeps the laws: refused calls have no recording, refused chats no
log, e-mails and e-tasks no body, and social contacts no content at all.

Refuses to write anything: it yields values, and the command brings them in.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from valv.core.interaction import (
    Arrival,
    Media,
    RecordingPart,
    Sender,
    Transcript,
    Utterance,
)
from valv.jobs.demo import voices
from valv.jobs.demo.contacts import Contact, arrival_of
from valv.jobs.demo.people import AGENTS, Colleague, Person, people
from valv.jobs.demo.script import LANGUAGES, dialogues, spoken
from valv.jobs.demo.voices import Turn, Voice

DAYS: Final = 182
_RECENT: Final = timedelta(days=14)
_MEDIA: Final = {
    Media.PHONE: 62,
    Media.EMAIL: 14,
    Media.CHAT: 14,
    Media.SOCIAL: 6,
    Media.ETASK: 4,
}
_LIVE: Final = frozenset({Media.PHONE, Media.CHAT})
# Monday to Sunday; the phones are closed on Sundays.
_LIVE_DAYS: Final = (125, 110, 100, 95, 90, 25, 0)
_ANY_DAYS: Final = (110, 100, 100, 95, 90, 50, 45)
_LIVE_HOURS: Final = {
    8: 7, 9: 11, 10: 13, 11: 11, 12: 7, 13: 10, 14: 11, 15: 10, 16: 8, 17: 5, 18: 2,
}  # fmt: skip
_ANY_HOURS: Final = {
    hour: 2 if hour < 7 else 6 if hour < 17 else 8 for hour in range(24)
}


@dataclass(frozen=True, slots=True)
class Call:
    """A call that one can listen to: what is said, and by which voices."""

    turns: tuple[Turn, ...]
    caller: Voice
    agent: Voice


@dataclass(frozen=True, slots=True)
class Planned:
    """One interaction; ``call`` is there when it is to be spoken."""

    arrival: Arrival
    call: Call | None = None

    def spoken(self) -> Arrival:
        """The arrival with its recording and transcript, if there is a call.

        Times are set right after the recording, since only now is its length known.
        Takes about a twentieth of a second, and the recording is in memory.
        """
        if self.call is None:
            return self.arrival
        recording = voices.recorded(
            self.call.turns, caller=self.call.caller, agent=self.call.agent
        )
        return _with_recording(self.arrival, self.call, recording)


def plan(
    *,
    now: datetime,
    zone: ZoneInfo,
    seed: int = 1,
    interactions: int = 3_000,
    recordings: int = 120,
) -> Iterator[Planned]:
    """A half year of contacts before ``now``, oldest first.

    ``recordings`` of the answered calls can be listened to, half of them in the last
    two weeks.
    """
    chance = random.Random(seed)  # noqa: S311 - a story, not a secret
    contacts = _contacts(chance, now=now, zone=zone, count=interactions)
    arrivals = [
        arrival_of(contact, session_id=f"demo-{now:%Y%m%d}-{n:05}")
        for n, contact in enumerate(contacts, start=1)
    ]
    heard = _to_be_heard(chance, arrivals, now=now, count=recordings)
    for n, (contact, arrival) in enumerate(zip(contacts, arrivals, strict=True)):
        yield Planned(arrival, _call(contact) if n in heard else None)


def _contacts(
    chance: random.Random, *, now: datetime, zone: ZoneInfo, count: int
) -> list[Contact]:
    crowd = people(chance.randrange(1 << 30))
    weights = [person.often for person in crowd]
    media = chance.choices(list(_MEDIA), list(_MEDIA.values()), k=count)
    callers = chance.choices(crowd, weights, k=count)
    moments = [_moment(chance, medium, now=now, zone=zone) for medium in media]
    chosen = zip(media, callers, moments, strict=True)
    contacts = [_contact(chance, *each) for each in chosen]
    return sorted(contacts, key=lambda contact: contact.at)


def _contact(
    chance: random.Random, media: Media, person: Person, at: datetime
) -> Contact:
    colleague = chance.choice(AGENTS[person.language])
    dialogue = chance.choice(dialogues(person.language))
    own = random.Random(chance.randrange(1 << 60))  # noqa: S311 - as above
    return Contact(media, person, colleague, dialogue, at, own)


def _moment(
    chance: random.Random, media: Media, *, now: datetime, zone: ZoneInfo
) -> datetime:
    """A time of opening, in local hours, early enough for all to be over by now."""
    live = media in _LIVE
    today = now.astimezone(zone).date()
    hours = _LIVE_HOURS if live else _ANY_HOURS
    while True:
        day = _day(chance, today, days=_LIVE_DAYS if live else _ANY_DAYS)
        hour = chance.choices(list(hours), list(hours.values()))[0]
        minute, second = chance.randrange(60), chance.randrange(60)
        at = datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=zone)
        if at < now - timedelta(hours=3 if live else 9):
            return at


def _day(chance: random.Random, today: date, *, days: Sequence[int]) -> date:
    while True:
        # Business grows a little: recent days are somewhat likelier.
        day = today - timedelta(days=int(DAYS * chance.random() ** 1.15))
        if chance.random() * max(days) < days[day.weekday()]:
            return day


def _to_be_heard(
    chance: random.Random, arrivals: Sequence[Arrival], *, now: datetime, count: int
) -> set[int]:
    able = [n for n, arrival in enumerate(arrivals) if _may_be_heard(arrival)]
    recent = [n for n in able if arrivals[n].general.started_at > now - _RECENT]
    chosen = set(chance.sample(recent, min(len(recent), count // 2)))
    others = [n for n in able if n not in chosen]
    return chosen | set(chance.sample(others, min(len(others), count - len(chosen))))


def _may_be_heard(arrival: Arrival) -> bool:
    general = arrival.general
    return (
        general.media is Media.PHONE
        and general.outcome == "answered"
        and bool(general.identifiers)
        and not arrival.recording_refused
    )


def _call(contact: Contact) -> Call:
    turns = spoken(
        contact.dialogue,
        style=contact.at.minute,
        me=contact.person.first_name,
        agent=contact.colleague.first_name,
        order=contact.order,
    )
    return Call(turns, _caller_voice(contact.person), _agent_voice(contact.colleague))


def _caller_voice(person: Person) -> Voice:
    return _like(person.sounds, voices.CALLERS[person.language], seed=person.phone)


def _agent_voice(colleague: Colleague) -> Voice:
    language = LANGUAGES[int(colleague.ref.id) // 1000 - 1]
    return _like(colleague.sounds, voices.AGENTS[language], seed=colleague.ref.id)


def _like(sounds: str, choice: Sequence[Voice], *, seed: str) -> Voice:
    fitting = [voice for voice in choice if f"+{sounds}" in voice.name]
    return fitting[int(seed[-2:]) % len(fitting)]


def _with_recording(
    arrival: Arrival, call: Call, recording: voices.Recording
) -> Arrival:
    general = arrival.general
    answered = general.started_at + timedelta(seconds=general.wait_seconds or 0)
    part = RecordingPart(
        n=1,
        started_at=answered,
        seconds=recording.seconds,
        agent=general.agent_refs[0].id,
        channels=(Sender.CUSTOMER, Sender.AGENT),
        mediatype="audio/wav",
        body=recording.wav,
    )
    said = tuple(
        Utterance(sender=turn.sender, text=turn.text, seconds=round(start, 2))
        for turn, start in zip(call.turns, recording.starts, strict=True)
    )
    general = msgspec.structs.replace(
        general,
        talk_seconds=round(recording.seconds),
        ended_at=answered + timedelta(seconds=recording.seconds),
    )
    return msgspec.structs.replace(
        arrival,
        general=general,
        recordings=(part,),
        transcripts=(Transcript(n=1, utterances=said),),
    )
