"""The page of one interaction, from its detail."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta

from msgspec.structs import asdict as fields_of

from valv.archive.contents import is_secret
from valv.archive.detail import Detail, Part
from valv.archive.hold_models import Hold
from valv.archive.items import ConsentItem, Identifiers, Item, SurveyItem
from valv.archive.log_reading import Line
from valv.audit.actions import Action
from valv.core.ids import unix_ms
from valv.core.interaction import ContentKind, ContentState
from valv.core.moments import local_date, zone_named
from valv.core.permissions import Right
from valv.core.registration import Topics
from valv.portal.builders.contents import content_of
from valv.portal.builders.holds import hold_row
from valv.portal.builders.log import log_entry
from valv.portal.builders.timeline import steps_of
from valv.portal.contexts.interaction import (
    Consent,
    Content,
    Copy,
    Identity,
    InteractionPage,
    Kept,
    Life,
    Link,
    LogEntry,
    Registered,
    SurveyAnswer,
    Why,
)
from valv.portal.contexts.raw_data import RawEvents
from valv.portal.jinja import decimal
from valv.sharing import mail
from valv.tenants.access import Caller

ARRIVALS = {Action.RECEIVE, Action.KEEP, Action.WITHHOLD}
CHAT_LOG = ContentKind.CHAT_LOG.number
STARTED = frozenset({"manual", "not_accepted"})
ORDER = ("phone", "email", "handle", "name")


def interaction_page(
    detail: Detail,
    caller: Caller,
    *,
    now: datetime,
    topics: Topics,
    back: str = "",
    opened: Content | None = None,
    raw: RawEvents | None = None,
    links: tuple[Link, ...] = (),
    matters: Iterable[Hold] = (),
) -> InteractionPage:
    """The page; ``opened`` is the one content that was asked to be heard or seen.

    ``raw`` are its raw events, if it was those that were asked for.
    """
    item = detail.item
    return InteractionPage(
        id=item.id,
        session_id=item.session_id,
        media=item.media,
        direction=item.direction,
        started_at=_moment(item.started_at),
        ended_at=_moment(item.ended_at) if item.ended_at else None,
        identity_state=identity_state(item),
        life=life_shown(item.state, detail.updated_at),
        identities=tuple(identities_of(item.identifiers)),
        others=tuple(one for other in item.others for one in identities_of(other)),
        queue=item.queue or "",
        agents=tuple(filter(None, item.agents)),
        wait_seconds=item.wait_seconds,
        talk_seconds=item.talk_seconds,
        outcome=item.outcome or "",
        subject=item.subject or "",
        url=item.url or "",
        variables=tuple(sorted(item.variables.items())),
        consents=tuple(map(_consent, item.consents)),
        copies=tuple(
            Copy(_moment(one.asked_at), one.sent_at is not None, one.to or "")
            for one in item.copies
        ),
        registration=tuple(_registered(item, topics)),
        steps=steps_of(detail),
        contents=tuple(_contents(detail, caller, opened)),
        survey=_survey(item.survey),
        anonymised_at=_moment(item.anonymised_at) if item.anonymised_at else None,
        held=item.held,
        matters=tuple(hold_row(one, now=now) for one in matters),
        restricted=item.restricted,
        kept=tuple(_kept(detail, caller, now=now)),
        back=back,
        looked=_looked(detail),
        may_see_raw=detail.has_raw_events and caller.may(Right.RAW_DATA),
        raw=raw,
        may_share=_may_share(detail, caller),
        may_correct=_may_correct(item, caller),
        links=links,
    )


def _may_correct(item: Item, caller: Caller) -> bool:
    """Nobody is put right where the person was cut, nor under a hold."""
    stays = item.held or item.anonymised_at is not None
    return caller.may(Right.PRIVACY) and not stays


def _may_share(detail: Detail, caller: Caller) -> bool:
    """Whether there is something to send a secure link to, and a way to send it."""
    if not (caller.may(Right.LINKS) and caller.may(Right.PLAY) and mail.is_set_up()):
        return False
    return detail.item.anonymised_at is None and any(
        part.state is ContentState.PRESENT and not (part.restricted and not part.uses)
        for part in detail.parts
    )


def life_shown(state: str, updated_at: datetime, *, before: str = "") -> Life:
    """How far it has come, and whether that is news to whoever was shown ``before``."""
    seen = f"{state}.{unix_ms(updated_at)}"
    return Life(state, seen, news=before not in ("", seen))


def _night(due: date | None, caller: Caller, *, now: datetime) -> date | None:
    """What is past its time already goes the next night."""
    zone = zone_named(caller.tenant.timezone)
    return due and max(due, local_date(now, zone=zone) + timedelta(days=1))


def _kept(detail: Detail, caller: Caller, *, now: datetime) -> Iterator[Kept]:
    today = local_date(now, zone=zone_named(caller.tenant.timezone))
    for one in detail.kept:
        must_stay = one.may_go_on is not None and one.may_go_on > today
        yield Kept(
            key=one.stored.value,
            goes_on=_night(one.goes_on, caller, now=now),
            days=one.days,
            rule=one.rule,
            decision=one.decision.number,
            stays_until=one.may_go_on if must_stay else None,
        )


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def identity_state(item: Item) -> str:
    """Known, anonymised, withheld, or none at all."""
    if any(identities_of(item.identifiers)):
        return "known"
    if item.anonymised_at:
        return "anonymised"
    return "withheld" if item.withheld else "none"


def identities_of(party: Identifiers) -> Iterator[Identity]:
    known = fields_of(party)
    for kind in ORDER:
        if known[kind]:
            yield Identity(kind, known[kind])


def _registered(item: Item, topics: Topics) -> Iterator[Registered]:
    for one in item.registration:
        is_defined = topics.defines(one.category, one.topic)
        yield Registered(one.category, one.topic, is_defined)


def _consent(one: ConsentItem) -> Consent:
    return Consent(
        purpose=one.purpose,
        answer=one.answer,
        how=one.how,
        at=_moment(one.at),
        question=one.question or "",
        version=one.version or "",
    )


def _contents(
    detail: Detail, caller: Caller, opened: Content | None
) -> Iterator[Content]:
    for part in detail.parts:
        made = replace(content_of(part, caller), why=_why(part, detail.item))
        asked = opened and (made.kind, made.n) == (opened.kind, opened.n)
        if opened and asked:
            made = replace(made, play=opened.play, turns=opened.turns)
        yield made


def _why(part: Part, item: Item) -> Why | None:
    """Why it is kept, waits or was refused; of what is gone, the removal says it."""
    rule = _rule(part)
    if not rule:
        return None
    purpose = "storage" if part.row.kind == CHAT_LOG else "recording"
    answers = tuple(_consent(one) for one in item.consents if one.purpose == purpose)
    started = part.manual if rule in STARTED else None
    return Why(
        rule,
        version=part.row.policy_version,
        consents=answers,
        informed=started.informed.value if started else "",
        accepted=started.accepted.value if started else "",
    )


def _rule(part: Part) -> str:
    row = part.row
    if part.state is ContentState.REFUSED:
        return row.removed_reason
    if part.state is ContentState.PRESENT or is_secret(row):
        waiting = "not_ended" if row.provisional else "not_refused"
        return row.rule or (waiting if row.kind == CHAT_LOG else "")
    return ""


def _survey(survey: SurveyItem | None) -> SurveyAnswer | None:
    if survey is None:
        return None
    low, high = survey.scale
    return SurveyAnswer(
        score=score_words(survey.score),
        lowest=low,
        highest=high,
        comment=survey.comment or "",
        at=_moment(survey.at),
    )


def score_words(score: float | None) -> str:
    """A score as people write it: 8, not 8.0; nothing if there is none."""
    if score is None:
        return ""
    return str(int(score)) if score == int(score) else decimal(score)


def _looked(detail: Detail) -> tuple[LogEntry, ...] | None:
    """What was done since it came; how it came is in the log."""
    if detail.looked is None:
        return None
    session = detail.item.session_id
    return tuple(
        log_entry(Line(one, session), linked=False)
        for one in detail.looked
        if one.action not in ARRIVALS
    )
