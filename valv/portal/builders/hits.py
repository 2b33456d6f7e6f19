"""Hits as rows of finished words: what is the same for many is put in words once."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

from valv.archive.items import Identifiers, Item, SurveyItem
from valv.archive.parts import ContentItem
from valv.core.interaction import ContentKind, ContentState, Media
from valv.core.life import Life
from valv.portal import words
from valv.portal.contexts.search import Row
from valv.portal.jinja import decimal, duration

ICONS = {ContentKind.CHAT_LOG.value: "chat"}
KNOWN = "known"
LOW, HIGH = 0.7, 0.9
MOST_OUTCOMES = 500


class Wording:
    """The words of rows in one language, in which each code is looked up once."""

    def __init__(self) -> None:
        self.media = {one.value: words.word(words.MEDIA, one) for one in Media}
        self.contents = {
            (kind.value, state.value): _content_words(kind, state)
            for kind in ContentKind
            for state in ContentState
        }
        self.nobody = {
            (state, one.value): words.nobody(state, media=one)
            for state in ("anonymised", *words.NOBODY)
            for one in Media
        }
        self.lives = {
            life.value: (life.value, str(words.word(words.LIVES, life)))
            for life in Life
            if life is not Life.COMPLETE
        }
        self._outcomes: dict[tuple[str, str], str] = {}

    def outcome(self, code: str | None, media: str) -> str:
        if not code:
            return ""
        found = self._outcomes.get((code, media))
        if found is None:
            found = words.outcome(code, media=media)
            if len(self._outcomes) < MOST_OUTCOMES:
                self._outcomes[code, media] = found
        return found


@cache
def wording(language: str) -> Wording:  # noqa: ARG001 - what the cache is kept by
    """The words of the active language, which ``language`` names."""
    return Wording()


def _content_words(kind: ContentKind, state: ContentState) -> tuple[str, str, str]:
    said = f"{words.word(words.KINDS, kind)}: {words.word(words.STATES, state)}"
    return ICONS.get(kind.value, kind.value), state.value, said


def rows_of(items: Iterable[Item], *, zone: ZoneInfo, language: str) -> tuple[Row, ...]:
    """The rows of a page, with times in ``zone``."""
    said = wording(language)
    return tuple(_row(item, said, zone) for item in items)


def _row(item: Item, said: Wording, zone: ZoneInfo) -> Row:
    media, survey = item.media, item.survey
    state, identity, also = _identity(item, said)
    score, mood = ("", "") if survey is None else _score(survey)
    return Row(
        item.id,
        f"/interactions/{item.id}",
        media,
        said.media[media],
        item.direction,
        _minute(item.started_at, zone),
        state,
        identity,
        also,
        item.queue or "",
        ", ".join(item.agents),
        duration(item.wait_seconds),
        duration(item.talk_seconds),
        said.outcome(item.outcome, media),
        _contents(item.contents, said),
        score,
        mood,
        item.session_id,
        item.held,
        item.restricted,
        said.lives.get(item.state),
    )


def _minute(moment: str, zone: ZoneInfo) -> str:
    at = datetime.fromisoformat(moment).astimezone(zone)
    return at.isoformat(" ", "minutes")[:16]


def _identity(item: Item, said: Wording) -> tuple[str, str, str]:
    """How someone is known, the word for it, and what else they are known by."""
    who = item.identifiers
    known = [one for one in _known_by(who) if one]
    if known:
        return KNOWN, known[0], known[1] if len(known) > 1 else ""
    if item.anonymised_at is not None:
        state = "anonymised"
    else:
        state = "withheld" if item.withheld else "none"
    return state, said.nobody[state, item.media], ""


def _known_by(who: Identifiers) -> tuple[str | None, ...]:
    """What finds a person stands first, and their name beside it."""
    address = who.phone or who.email or who.handle
    if address is None:
        return (who.name,)
    return address, who.name, *(() if address == who.email else (who.email,))


def _contents(
    contents: Sequence[ContentItem], said: Wording
) -> tuple[tuple[str, str, str], ...]:
    return tuple(said.contents[one.kind, one.state] for one in contents)


def _score(survey: SurveyItem) -> tuple[str, str]:
    """As ``9/10``, and how it stands on its scale."""
    if survey.score is None:
        return "", ""
    lowest, highest = survey.scale
    share = (survey.score - lowest) / ((highest - lowest) or 1)
    mood = "low" if share < LOW else "mid" if share < HIGH else "high"
    whole = survey.score == int(survey.score)
    score = str(int(survey.score)) if whole else decimal(survey.score)
    return f"{score}/{highest}", mood
