"""What events tell of an interaction, applied beneath what a source stated.

Every field that nobody stated is read off all the raw events anew, whenever some come,
so their order, repetition and gaps make no difference. Where the raw events are no
longer held (their storage time, or a person forgotten) nothing is read anew: what
stands stays, and late events add to it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from msgspec import UNSET
from msgspec.structs import replace

from valv.archive.flags import Flag
from valv.archive.models import Survey
from valv.archive.text import COMMENT
from valv.archive.topics import registrations_of
from valv.core.completeness import Gap, bits_of
from valv.core.event_gaps import gaps_in
from valv.core.events import SessionStarted
from valv.core.interaction import (
    AgentRef,
    General,
    Media,
    SurveyAnswer,
)
from valv.core.journey import Journey, journey_of
from valv.intake import consents
from valv.intake.bodies import bodiless, note_medium, set_medium
from valv.intake.drafts import Draft, refuse_storage, set_flag
from valv.intake.general import (
    COLUMN,
    Words,
    apply_fields,
    heed,
    merged_text,
    restrict,
)
from valv.intake.parties import Known
from valv.intake.stated import EVERYBODY, OF_KIND, TEXTS, Bits, Stated, stated_in
from valv.intake.told import Evidence, Told, person_in

ALL: Bits = (1 << 20) - 1
PLAIN = ALL & ~(EVERYBODY | TEXTS | Stated.OTHERS | Stated.SURVEY | Stated.MEDIA)


@dataclass(slots=True)
class Reading:
    """One interaction in work, and all that is told of it.

    ``is_late`` says that the events before these are no longer held, ``lost_messages``
    that a rule took messages of the chat away.
    """

    draft: Draft
    told: list[Told]
    is_late: bool
    lost_messages: bool = False
    journey: Journey = field(init=False)
    general: General = field(init=False)

    def __post_init__(self) -> None:
        self.read_again()
        self.apply_decisions()

    def read_again(self) -> None:
        self.journey = journey_of(one.event for one in self.told)
        self.general = self.journey.general()

    @property
    def evidence(self) -> Evidence:
        events = [one.event for one in self.told]
        return Evidence(events, is_whole=not self.is_late)

    @property
    def agents(self) -> list[AgentRef]:
        parts = (AgentRef(part.agent) for part in self.journey.parts if part.agent)
        return [*parts, *self.journey.agents]

    def is_media_known(self) -> bool:
        return self.draft.states(Stated.MEDIA | Stated.MEDIA_TOLD)

    def apply_decisions(self) -> None:
        """The medium and the refusals, on which it hangs what may be kept."""
        row, journey = self.draft.row, self.journey
        if self.is_late:
            _freeze(self.draft)
        if not self.draft.states(Stated.MEDIA):
            set_medium(row, _media_of(self))
        for medium in _media_told(self):
            note_medium(row, medium)
        if journey.start is not None:
            row.stated |= int(Stated.MEDIA_TOLD)
        row.deny_recording |= journey.recording_refused
        if journey.storage_refused:
            refuse_storage(row)
        heed(row, journey.variables)
        if journey.restricted:
            restrict(row)


def _media_of(reading: Reading) -> Media:
    """As the start says; until it is known, a guess."""
    if reading.journey.start is not None:
        return reading.journey.start.media
    if any(one.event.type.startswith("chat.") for one in reading.told):
        return Media.CHAT
    return Media.numbered(reading.draft.row.media)


def _media_told(reading: Reading) -> Iterator[Media]:
    """All that it was ever said to be; only the first counts as its medium."""
    for one in reading.told:
        if isinstance(one.event.data, SessionStarted):
            yield one.event.data.media


def _freeze(draft: Draft) -> None:
    """Let what was read off events that are gone count as stated."""
    row = draft.row
    stands: Bits = Stated.STARTED_AT | Stated.MEDIA | Stated.DIRECTION
    for name in ("ended_at", "wait_seconds", "talk_seconds", "outcome"):
        if getattr(row, name) is not None:
            stands |= Stated[name.upper()]
    if row.queue_id is not None:
        stands |= Stated.QUEUE
    if row.agent_ids:
        stands |= Stated.AGENTS
    for kind, bit in OF_KIND.items():
        if getattr(row, COLUMN[kind]) is not None:
            stands |= bit
    row.stated |= int(stands)


def apply(reading: Reading, words: Words) -> None:
    """Set every field that nobody stated to what the events tell."""
    draft, general = reading.draft, _general(reading)
    only = ALL & ~int(draft.row.stated)
    if draft.states(Stated.NAME_IN_LOG):
        only &= ~Stated.NAME
    if reading.is_late:
        only &= stated_in(general)
    apply_fields(draft, general, words, only=only & PLAIN)
    row = draft.row
    if row.ended_at is not None and not draft.states(Stated.ENDED_AT):
        row.ended_at = max(row.ended_at, row.started_at)
    if not draft.is_cut:
        _apply_person(draft, person_in(reading.told), only)
    _apply_text(draft, general, only & TEXTS)
    _apply_survey(reading)
    draft.consents = consents.of_events(draft, reading.told)
    if not reading.is_late:
        row.gaps = bits_of(_gaps(reading))
    row.stated &= ~int(Stated.DERIVED)
    if reading.told:
        row.stated |= int(Stated.DERIVED)
        set_flag(row, Flag.RAW, on=True)
    last = reading.journey.last_event_at
    draft.settle_age(max(row.aged_from, last) if reading.is_late else last)


def _gaps(reading: Reading) -> frozenset[Gap]:
    """What is missing among the events; messages that a rule took away are not."""
    seen = gaps_in(one.event for one in reading.told)
    return seen - {Gap.NUMBERS} if reading.draft.row.storage_refused else seen


def _general(reading: Reading) -> General:
    """The journey's general information, added to what stands when it is late."""
    general = reading.general
    if not reading.is_late:
        return general
    draft = reading.draft
    variables = {**draft.text().variables, **(general.variables or {})}
    known = registrations_of(draft.id) if reading.journey.registration else []
    listed = tuple(dict.fromkeys([*known, *reading.journey.registration]))
    return replace(general, variables=variables or UNSET, registration=listed or UNSET)


def _apply_person(draft: Draft, known: Known, only: Bits) -> None:
    for kind, bit in OF_KIND.items():
        if only & bit:
            setattr(draft.row, COLUMN[kind], known.ids.get(kind))
    if only & Stated.PHONE:
        draft.row.withheld = known.withheld


def _apply_text(draft: Draft, general: General, only: Bits) -> None:
    if draft.key is None:
        return
    before = draft.text()
    text = bodiless(merged_text(before, general, only=only), draft.row)
    if text != before:
        draft.set_text(text)


def _apply_survey(reading: Reading) -> None:
    """Take a survey that has just come; one that went does not come back."""
    draft, answer = reading.draft, reading.journey.survey
    is_new = any(
        one.incoming is not None and isinstance(one.event.data, SurveyAnswer)
        for one in reading.told
    )
    if answer is not None and is_new and not draft.states(Stated.SURVEY):
        draft.survey = survey_of(draft, answer)


def survey_of(draft: Draft, answer: SurveyAnswer) -> Survey:
    """The row of an answer; its comment needs the text key."""
    comment = None
    if answer.comment and draft.key is not None:
        comment = draft.sealed(answer.comment, COMMENT)
    low, high = answer.scale
    return Survey(
        interaction_id=draft.id,
        score=answer.score,
        scale_from=low,
        scale_to=high,
        comment=comment,
        at=answer.at or draft.row.started_at,
        aged_from=draft.row.aged_from,
        terms=draft.row.terms,
    )
