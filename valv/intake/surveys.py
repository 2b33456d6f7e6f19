"""A survey that comes along with its interaction."""

from valv.archive.models import Survey
from valv.archive.text import COMMENT, open_json
from valv.core.interaction import SurveyAnswer
from valv.core.masked import masked_answer
from valv.intake.derived import survey_of
from valv.intake.drafts import Draft
from valv.intake.stated import Stated
from valv.tenants.models import Tenant
from valv.tenants.queries import masking_of


def take_survey(tenant: Tenant, draft: Draft, answer: SurveyAnswer | None) -> bool:
    """Keep an answer; answers whether that changed anything. Inside the scope.

    One that went does not come back.
    """
    if answer is None:
        return False
    answer = masked_answer(answer, masking_of(tenant))
    there = Survey.objects.filter(interaction_id=draft.id).first()
    if there is None and draft.states(Stated.SURVEY):
        return False
    if there is not None and _same(draft, there, answer):
        return False
    draft.survey = survey_of(draft, answer)
    draft.row.stated |= int(Stated.SURVEY)
    return True


def _same(draft: Draft, there: Survey, answer: SurveyAnswer) -> bool:
    at = answer.at or draft.row.started_at
    told = (answer.score, *answer.scale, answer.comment or None, at)
    return told == (
        there.score,
        there.scale_from,
        there.scale_to,
        _comment(draft, there),
        there.at,
    )


def _comment(draft: Draft, there: Survey) -> str | None:
    if there.comment is None or draft.key is None:
        return None
    return open_json(
        bytes(there.comment),
        str,
        tenant_id=draft.tenant_id,
        interaction_id=draft.id,
        key=draft.key,
        role=COMMENT,
    )
