"""What a source says of one interaction: its general information, and its survey.

Idempotent: the same twice changes nothing, and in any order the end is the same. What
was forgotten or refused does not come back by being sent again.
"""

from datetime import datetime

from django.db.models import Max

from valv.archive import contents, sessions
from valv.archive.models import ChatPart, RawEvent, Survey
from valv.audit.actions import Action
from valv.audit.operations import Act, record
from valv.core.errors import Malformed
from valv.core.interaction import General, SurveyAnswer
from valv.core.masked import masked_answer
from valv.core.people import Actor
from valv.intake import chats
from valv.intake.bodies import ruling_medium
from valv.intake.derived import survey_of
from valv.intake.drafts import Draft, Drafts, open_texts
from valv.intake.general import Statement, check_moment, read_statement, state
from valv.intake.refusals import Asked, settle
from valv.intake.stated import NOTHING, TEXTS, Bits, Stated
from valv.intake.taking import read_again
from valv.intake.told import evidence_of
from valv.intake.writing import written
from valv.storage import intents
from valv.storage.models import Intent
from valv.tenants.models import Tenant
from valv.tenants.queries import masking_of

SCALE_LIMIT = 1000


def put_interaction(
    tenant: Tenant,
    session_id: str,
    general: General,
    *,
    actor: Actor,
    now: datetime,
    unstated: Bits = NOTHING,
) -> tuple[int, bool]:
    """Apply what is stated of an interaction, made if there is none; durable at return.

    Answers its id and whether it is new. What its ``deny_recording`` forbids is
    destroyed before. ``unstated`` fields stand in the value, but the source did not
    state them. Raises Malformed, and Busy.
    """
    statement = read_statement(tenant, general, unstated=unstated)
    stored = sessions.stored_session_id(tenant, session_id)

    def work(drafts: Drafts) -> tuple[Draft, list[Intent]]:
        draft = drafts[stored]
        asked = Asked.of(tenant, actor=actor, now=now)
        doomed = _state(asked, draft, statement)
        record(Act(Action.RECEIVE, draft.id), actor=actor, now=now)
        return draft, doomed

    draft, doomed = written(tenant, {stored: general.started_at}, work, now=now)
    intents.carry_out(tenant.id, doomed)
    if draft.row.ended_at is not None and draft.awaits_chat:
        chats.close(tenant, draft.id, actor=actor, now=now)
    return draft.id, draft.is_new


def _state(asked: Asked, draft: Draft, statement: Statement) -> list[Intent]:
    if statement.stated & TEXTS:
        open_texts(asked.tenant, [draft])
    before = ruling_medium(draft.row)
    state(asked.tenant, draft, statement, now=asked.now)
    if draft.is_new:
        return []
    if ruling_medium(draft.row) is not before:
        read_again(asked, draft)
    if draft.row.ended_at is None and draft.states(Stated.DERIVED):
        draft.settle_age(_last_event_at(draft))
    evidence = evidence_of(asked.tenant.id, draft.row)
    doomed = settle(asked, draft.row, contents.rows_of([draft.id]), evidence)
    parts = ChatPart.objects.filter(interaction_id=draft.id)
    draft.awaits_chat = parts.exists()
    return doomed


def _last_event_at(draft: Draft) -> datetime:
    told = RawEvent.objects.filter(interaction_id=draft.id)
    last: datetime | None = told.aggregate(last=Max("at"))["last"]
    return last or draft.row.aged_from


def put_survey(
    tenant: Tenant,
    session_id: str,
    answer: SurveyAnswer,
    *,
    actor: Actor,
    now: datetime,
) -> tuple[int, bool]:
    """Keep what the person thought of it; durable at return.

    Answers the interaction's id and whether there was no survey yet. An interaction
    that is not there yet begins with it. Raises Malformed.
    """
    if not all(-SCALE_LIMIT <= end <= SCALE_LIMIT for end in answer.scale):
        raise Malformed("The scale is out of range.", field="scale")
    check_moment(answer.at, field="at")
    answer = masked_answer(answer, masking_of(tenant))
    stored = sessions.stored_session_id(tenant, session_id)

    def work(drafts: Drafts) -> tuple[int, bool]:
        draft = drafts[stored]
        before = Survey.objects.filter(interaction_id=draft.id).first()
        if answer.comment:
            open_texts(tenant, [draft])
        draft.survey = survey_of(draft, answer)
        if answer.at is None:
            draft.survey.at = before.at if before is not None else now
        draft.row.stated |= int(Stated.SURVEY)
        act = Act(Action.RECEIVE, draft.id, content="survey")
        record(act, actor=actor, now=now)
        return draft.id, before is None

    return written(tenant, {stored: answer.at or now}, work, now=now)
